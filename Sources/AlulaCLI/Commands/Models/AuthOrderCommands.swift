import AlulaJSON
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

/// What the three commands print.
private struct OrderReport {
    let provider: ProviderID
    let place: CredentialPlace
    let order: [ProfileID]?

    func print(_ output: OutputRenderer) {
        guard !output.isJSON else {
            output.document([
                "agentId": .string(place.agent.rawValue), "agentDir": .string(place.directory),
                "provider": .string(provider.rawValue), "authStatePath": .string(place.statePath),
                "order": order.map { .array($0.map { .string($0.rawValue) }) } ?? .null,
            ])
            return
        }
        if output.isPlain {
            for id in order ?? [] { output.line(id.rawValue) }
            return
        }
        output.facts([
            ("Agent", place.agent.rawValue), ("Provider", provider.rawValue), ("File", place.statePath),
            (
                "Order",
                order.map { $0.isEmpty ? "none: switched off" : $0.map(\.rawValue).joined(separator: ", ") }
                    ?? "by the rules"
            ),
        ])
    }
}
