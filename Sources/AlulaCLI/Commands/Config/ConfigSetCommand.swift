import AlulaJSON
import ArgumentParser

/// `alula config set`.
struct ConfigSetCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Set a value; everything else in the file stays as it is.",
        usage: """
            alula config set gateway.port 18790
            alula config set agents.defaults.model openai/gpt-5.5
            alula config set --strict-json gateway.trustedProxies '["10.0.0.1"]'
            """,
        discussion: "The value is read as JSON5; what is none is taken as text.")

    @Argument(help: "Where the value goes, in dots and brackets.") var path: String
    @Argument(help: "The value, as JSON5 or text.") var value: String
    @Flag(help: "Refuse a value that is no JSON5.") var strictJson = false
    @OptionGroup var options: GlobalOptions

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let place = try ConfigurationPath(typed: path)
        let new: JSONValue
        do throws(JSONError) {
            new = try JSON5Document(parsing: Array(value.utf8)).root.value
        } catch {
            guard !strictJson else {
                throw CommandError(.usage, "The value is no JSON5: \(error.message)", underlying: error)
            }
            new = .string(value)
        }
        guard !new.isNull else {
            throw CommandError(.usage, "null removes a value; say that with: alula config unset \(path)")
        }
        _ = try await ConfigurationChange(session: session).change(place, to: new)
        if options.json {
            session.output.document(["ok": true, "path": .string("\(place)")])
        } else {
            session.output.line("Set \(place).")
        }
        return .done
    }
}
