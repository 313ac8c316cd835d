import AlulaJSON
import AlulaModels
import AlulaPrimitives
import AlulaState
import ArgumentParser

/// `alula models auth logout`.
struct AuthLogoutCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout", abstract: "Forget a provider's stored logins.",
        usage: "alula models auth logout --provider openai",
        discussion: """
            Keys in the configuration and in environment variables stay, and so do the logins that other tools keep for \
            themselves.
            """,
        aliases: ["remove"])

    @Option(help: ArgumentHelp("The provider.", valueName: "id")) var provider: String
    @OptionGroup var agent: AgentOption
    @OptionGroup var gateway: ConnectionOptions
    @OptionGroup var options: GlobalOptions

    var connection: ConnectionOptions? { gateway }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let id = ProviderID(provider)
        guard !id.rawValue.isEmpty else { throw CommandError(.usage, "provider is required") }
        let answer: JSONValue
        if let removed = try await removeThroughGateway(id, session) {
            answer = removed
        } else {
            answer = try await removeHere(id, session)
        }
        if options.json {
            session.output.document(answer)
        } else {
            let removed = answer["removedProfiles"]?.strings ?? []
            session.output.line(
                removed.isEmpty ? "No login of \(id) was stored." : "Removed \(removed.joined(separator: ", ")).")
        }
        return .done
    }

    /// A running gateway ends the provider's runs as well; `nil` when there is none.
    private func removeThroughGateway(_ id: ProviderID, _ session: CommandSession) async throws -> JSONValue? {
        guard try await session.router.target() != nil else { return nil }
        var parameters = JSONObject([("provider", .string(id.rawValue))])
        parameters["agentId"] = agent.id.map { .string($0.rawValue) }
        return try await session.askGateway("models.authLogout", .object(parameters))
    }

    private func removeHere(_ id: ProviderID, _ session: CommandSession) async throws -> JSONValue {
        let editor = session.environment.credentials(session.context)
        var places = [try await session.credentialPlace(of: agent.id)]
        // An inherited login is only gone when the store that it is inherited from has lost it, too.
        if !places[0].isMain {
            places.append(
                CredentialPlace(agent: .main, directory: session.context.layout.mainAgentDirectory, isMain: true))
        }
        // Providers that share a login lose it together.
        let table = ProviderTable.builtIn
        let owner = table.authProvider(of: id)
        let providers = Set([id, owner] + table.authAliases.filter { $0.value == owner }.keys)
        var found: Set<ProfileID> = []
        for place in places { found.formUnion(try await editor.removeProfiles(of: providers, in: place)) }
        let removed = found.sorted()
        return [
            "provider": .string(id.rawValue), "removedProfiles": .array(removed.map { .string($0.rawValue) }),
            "abortedRunIds": [],
        ]
    }
}
