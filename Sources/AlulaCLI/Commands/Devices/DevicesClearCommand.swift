import AlulaJSON
import ArgumentParser

/// `alula devices clear`.
struct DevicesClearCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "clear", abstract: "Forget all paired devices and end their connections.",
        usage: """
            alula devices clear --yes
            alula devices clear --yes --pending
            """,
        discussion: "One after the other; what can't be removed is told and the rest goes on.")

    @Flag(help: "Do it; without this nothing happens.") var yes = false
    @Flag(help: "Also send those away that wait for approval.") var pending = false
    @OptionGroup var gateway: ConnectionOptions
    @OptionGroup var options: GlobalOptions

    var connection: ConnectionOptions? { gateway }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        guard yes else {
            throw CommandError(.usage, "This removes every paired device. If that is meant: alula devices clear --yes")
        }
        let list = try await session.ask("device.pair.list")
        var failures: [String] = []
        /// Asks for each, and returns those that were done.
        func each(_ entries: JSONValue?, _ method: String, _ key: String) async throws -> [String] {
            var done: [String] = []
            for id in entries?.array?.compactMap({ $0[key]?.string }) ?? [] {
                do {
                    _ = try await session.ask(method, .object(JSONObject([(key, .string(id))])))
                    done.append(id)
                } catch let error as CommandError where error.code == .requestRefused {
                    failures.append("\(id): \(error.message)")
                }
            }
            return done
        }
        let removed = try await each(list["paired"], "device.pair.remove", "deviceId")
        let rejected = pending ? try await each(list["pending"], "device.pair.reject", "requestId") : []
        if options.json {
            session.output.document([
                "removedDevices": .array(removed.map { .string($0) }),
                "rejectedPending": .array(rejected.map { .string($0) }),
            ])
        } else {
            session.output.line("Removed \(removed.count) \(removed.count == 1 ? "device" : "devices").")
            if pending { session.output.line("Sent \(rejected.count) away.") }
        }
        for failure in failures { session.output.note(failure) }
        return failures.isEmpty ? .done : .no
    }
}
