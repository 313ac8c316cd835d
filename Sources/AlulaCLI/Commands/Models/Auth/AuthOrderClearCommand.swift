import AlulaPrimitives
import ArgumentParser

/// `alula models auth order clear`.
struct AuthOrderClearCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "clear", abstract: "Leave the order of a provider's logins to the rules.",
        usage: "alula models auth order clear --provider openai")

    @Option(help: ArgumentHelp("The provider.", valueName: "id")) var provider: String
    @OptionGroup var agent: AgentOption
    @OptionGroup var options: GlobalOptions

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let id = ProviderID(provider)
        let place = try await session.credentialPlace(of: agent.id)
        try await session.environment.credentials(session.context).clearOrder(of: id, in: place)
        OrderReport(provider: id, place: place, order: nil).print(session.output)
        return .done
    }
}
