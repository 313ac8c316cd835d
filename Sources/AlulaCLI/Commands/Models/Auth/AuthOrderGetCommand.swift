import AlulaPrimitives
import ArgumentParser

/// `alula models auth order get`.
struct AuthOrderGetCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Show the order that was set for a provider.",
        usage: "alula models auth order get --provider openai")

    @Option(help: ArgumentHelp("The provider.", valueName: "id")) var provider: String
    @OptionGroup var agent: AgentOption
    @OptionGroup var options: GlobalOptions

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let id = ProviderID(provider)
        let place = try await session.credentialPlace(of: agent.id)
        let order = try await session.environment.credentials(session.context).order(of: id, in: place)
        OrderReport(provider: id, place: place, order: order).print(session.output)
        return .done
    }
}
