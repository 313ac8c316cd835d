import AlulaJSON
import AlulaProtocol
import ArgumentParser

/// `alula config schema`.
struct ConfigSchemaCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Print what the configuration may hold, as JSON Schema.",
        usage: """
            alula config schema > openclaw.schema.json
            alula config schema gateway.port
            alula config schema 'models.providers.*'
            """,
        discussion: "With a path: what that place may hold, what it is for, and when a change of it counts.")

    @Argument(help: "One place, in dots and brackets; * and [] stand for any entry.") var path: String?
    @OptionGroup var options: GlobalOptions

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        guard let path else {
            let answer = try await session.ask("config.schema")
            guard let schema = answer["schema"] else {
                throw CommandError(.malformedAnswer, "The answer holds no schema.")
            }
            session.output.document(schema)
            return .done
        }
        guard !path.isEmpty else { throw CommandError(.usage, "Name a place, such as gateway.port.") }
        do {
            session.output.document(try await session.ask("config.schema.lookup", ["path": .string(path)]))
            return .done
        } catch let error as CommandError
            where error.detailCode == GatewayError.unknownConfigurationPath.detailCode
        {
            let message = "Nothing is known of \(path)."
            if options.json {
                session.output.document(["error": .string(message)])
            } else {
                session.output.note(message + " List what there is with: alula config schema")
            }
            return .no
        }
    }
}
