import AlulaJSON
import ArgumentParser

/// `alula devices approve`.
struct DevicesApproveCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Let a device in that waits for approval.",
        usage: """
            alula devices approve
            alula devices approve 1c9b0a52-66c1-4a6e-9b1f-2f8f4d3f7a10
            """,
        discussion: """
            Without a request's id, and with --latest, it shows what would be approved and approves nothing, so that \
            nobody approves a request that came in between.
            """)

    @Argument(help: "The request, from alula devices list.") var requestID: String?
    @Flag(help: "Show the request that came last.") var latest = false
    @OptionGroup var gateway: ConnectionOptions
    @OptionGroup var options: GlobalOptions

    var connection: ConnectionOptions? { gateway }

    func validate() throws {
        if latest, requestID != nil { throw ValidationError("Name a request or use --latest, not both.") }
    }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        guard let requestID else { return try await preview(session) }
        let answer = try await session.askAboutDevice("device.pair.approve", ["requestId": .string(requestID)])
        if options.json {
            session.output.document(answer)
        } else {
            let device = answer["device"] ?? .null
            session.output.line(
                "Approved \(DeviceTables.name(of: device)) (\(device["deviceId"]?.string ?? "")) as "
                    + "\(device["roles"]?.strings.joined(separator: ", ") ?? "").")
        }
        return .done
    }

    private func preview(_ session: CommandSession) async throws -> ExitStatus {
        let pending = try await session.ask("device.pair.list")["pending"]?.array ?? []
        let shown = latest ? Array(pending.prefix(1)) : pending
        if options.json {
            session.output.document(["ok": false, "preview": true, "pending": .array(shown)])
        } else if shown.isEmpty {
            session.output.line("No device waits for approval.")
        } else {
            session.output.table(DeviceTables.pending(shown, session.output))
            let id = shown.first?["requestId"]?.string ?? ""
            session.output.note("Nothing was approved. Approve with: alula devices approve \(id)")
        }
        return .no
    }
}
