import AlulaPrimitives
import ArgumentParser

/// `alula models auth paste-token`.
struct AuthPasteTokenCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "paste-token", abstract: "Store a token that can't be renewed, such as one from a setup command.",
        usage: "alula models auth paste-token --provider anthropic --expires-in 365d",
        aliases: ["setup-token"])

    @Option(help: ArgumentHelp("When the token ends, such as 12h or 365d.", valueName: "duration"))
    var expiresIn: String?
    @OptionGroup var target: LoginTarget
    @OptionGroup var agent: AgentOption
    @OptionGroup var options: GlobalOptions

    func validate() throws {
        if let expiresIn, ShortDuration(expiresIn) == nil {
            throw ValidationError("--expires-in is a number with s, m, h or d, such as 12h.")
        }
    }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let place = try await session.credentialPlace(of: agent.id)
        let token = try await PastedSecret.read("Token for \(target.providerID)", in: session)
        let expiry = expiresIn.flatMap { ShortDuration($0) }.map { session.output.now.advanced(by: $0.duration) }
        let path = try await session.environment.credentials(session.context).storeToken(
            token, as: target.profile, provider: target.providerID, expiry: expiry, in: place)
        PastedSecret.report(
            target.profile, of: target.providerID, agent: place.agent, path: path, in: session)
        return .done
    }
}
