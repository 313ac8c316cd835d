import AlulaJSON
import AlulaPrimitives
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
        let removed = try await session.environment.credentials(session.context)
            .signOut(of: id, in: session.credentialPlace(of: agent.id))
        return [
            "provider": .string(id.rawValue), "removedProfiles": .array(removed.map { .string($0.rawValue) }),
            "abortedRunIds": [],
        ]
    }
}
