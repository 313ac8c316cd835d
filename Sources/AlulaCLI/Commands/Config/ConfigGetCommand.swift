import AlulaJSON
import ArgumentParser

/// `alula config get`.
struct ConfigGetCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Print a value of the configuration; secrets are hidden.",
        usage: """
            alula config get gateway.port
            alula config get 'agents.defaults.models["openai/gpt-5.5"]'
            """)

    @Argument(help: "Where the value is, in dots and brackets; without it the whole.") var path: String?
    @OptionGroup var options: GlobalOptions

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let place: ConfigurationPath
        do throws(JSONError) {
            place = try path.map { (text) throws(JSONError) in try ConfigurationPath(parsing: text) } ?? .root
        } catch {
            throw CommandError(.usage, "That is no path: \(error.message)", underlying: error)
        }
        let answer = ConfigurationAnswer(try await session.ask("config.get"))
        guard answer.state != .unreadable else {
            let first = answer.errors.first?.line ?? answer.path
            throw CommandError(.configurationInvalid, "The configuration can't be read: \(first)")
        }
        guard let value = answer.value.value(at: place) else {
            let message = "Config path not found: \(path ?? "")"
            if options.json {
                session.output.document(["error": .string(message)])
            } else {
                session.output.note(message)
            }
            return .no
        }
        if options.json {
            session.output.document(value)
        } else {
            session.output.line(value.string ?? value.text(.pretty))
        }
        return .done
    }
}
