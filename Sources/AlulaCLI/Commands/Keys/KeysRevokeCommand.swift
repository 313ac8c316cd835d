import AlulaJSON
import ArgumentParser

/// `alula keys revoke`.
struct KeysRevokeCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Take an API key back.", usage: "alula keys revoke laptop",
        discussion: "Answers that are under way go on to their end; the next request with the key is refused.")

    @Argument(help: "The key's name.") var name: String
    @OptionGroup var options: GlobalOptions

    var connection: ConnectionOptions? { nil }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        guard try await session.environment.apiKeys(session.context).revoke(name: name) else {
            throw CommandError(.notFound, "There is no key \"\(name)\". List them with: alula keys list")
        }
        if options.json {
            session.output.document(["revoked": .string(name)])
        } else {
            session.output.line("Revoked \(name).")
        }
        return .done
    }
}
