import AlulaJSON
import ArgumentParser

/// `alula config unset`.
struct ConfigUnsetCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "unset", abstract: "Take a value out; comments around it stay.",
        usage: "alula config unset gateway.port")

    @Argument(help: "Where the value is, in dots and brackets.") var path: String
    @OptionGroup var options: GlobalOptions

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let place = try ConfigurationPath(typed: path)
        guard try await ConfigurationChange(session: session).unset(place) else {
            let message = "Config path not found: \(path)"
            if options.json {
                session.output.document(["error": .string(message)])
            } else {
                session.output.note(message)
            }
            return .no
        }
        if options.json {
            session.output.document(["ok": true, "path": .string("\(place)")])
        } else {
            session.output.line("Removed \(place).")
        }
        return .done
    }
}
