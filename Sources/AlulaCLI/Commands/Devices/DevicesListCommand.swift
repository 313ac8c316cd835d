import AlulaJSON
import AlulaPrimitives
import ArgumentParser

/// `alula devices list`.
struct DevicesListCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the devices that wait for approval and those that are paired.",
        usage: """
            alula devices list
            alula devices list --json
            """)

    @OptionGroup var gateway: ConnectionOptions
    @OptionGroup var options: GlobalOptions

    var connection: ConnectionOptions? { gateway }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let answer = try await session.ask("device.pair.list")
        if options.json {
            session.output.document(answer)
            return .done
        }
        let pending = answer["pending"]?.array ?? []
        let paired = answer["paired"]?.array ?? []
        if options.plain {
            for request in pending { session.output.line("pending\t\(request["requestId"]?.string ?? "")") }
            for device in paired { session.output.line("paired\t\(device["deviceId"]?.string ?? "")") }
            return .done
        }
        if !pending.isEmpty {
            session.output.table(DeviceTables.pending(pending, session.output))
            session.output.note("Approve one with: alula devices approve <request>")
            session.output.line()
        }
        if paired.isEmpty {
            session.output.line("No device is paired.")
        } else {
            session.output.table(DeviceTables.paired(paired, session.output))
        }
        return .done
    }
}
