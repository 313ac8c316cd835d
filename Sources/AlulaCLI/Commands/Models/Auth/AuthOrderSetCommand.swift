import AlulaPrimitives
import ArgumentParser

/// `alula models auth order set`.
struct AuthOrderSetCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Set the order in which a provider's logins are tried.",
        usage: "alula models auth order set --provider openai openai:work openai:home")

    @Option(help: ArgumentHelp("The provider.", valueName: "id")) var provider: String
    @Argument(help: "The logins, first to last.") var profiles: [String]
    @OptionGroup var agent: AgentOption
    @OptionGroup var options: GlobalOptions

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let id = ProviderID(provider)
        var seen: Set<ProfileID> = []
        let order = profiles.map { ProfileID($0) }.filter { !$0.rawValue.isEmpty && seen.insert($0).inserted }
        guard !order.isEmpty else {
            throw CommandError(.usage, "Name at least one login. Leave the order to the rules with: order clear")
        }
        let place = try await session.credentialPlace(of: agent.id)
        try await session.environment.credentials(session.context).setOrder(order, of: id, in: place)
        OrderReport(provider: id, place: place, order: order).print(session.output)
        return .done
    }
}
