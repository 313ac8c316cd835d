import AlulaPrimitives
import ArgumentParser

/// `alula models auth paste-api-key`.
struct AuthPasteAPIKeyCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "paste-api-key", abstract: "Store an API key, which is asked for or read from standard input.",
        usage: """
            alula models auth paste-api-key --provider groq
            alula models auth paste-api-key --provider openai --profile-id openai:work < key.txt
            """,
        aliases: ["add"])

    @OptionGroup var target: LoginTarget
    @OptionGroup var agent: AgentOption
    @OptionGroup var options: GlobalOptions

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let place = try await session.credentialPlace(of: agent.id)
        let key = try await PastedSecret.read("API key for \(target.providerID)", in: session)
        let path = try await session.environment.credentials(session.context).storeAPIKey(
            key, as: target.profile, provider: target.providerID, in: place)
        PastedSecret.report(
            target.profile, of: target.providerID, agent: place.agent, path: path, in: session)
        return .done
    }
}
