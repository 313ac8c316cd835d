import AlulaJSON
import AlulaPrimitives
import ArgumentParser

/// `alula models auth clear-cooldown`.
struct AuthClearCooldownCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "clear-cooldown", abstract: "Let logins that rest after failures be used again at once.",
        usage: """
            alula models auth clear-cooldown anthropic:work
            alula models auth clear-cooldown --provider anthropic
            alula models auth clear-cooldown --all
            """)

    @Argument(help: "The logins to clear, by name.") var profiles: [String] = []
    @Option(help: ArgumentHelp("Clear all logins of this provider.", valueName: "id")) var provider: String?
    @Flag(help: "Clear every login.") var all = false
    @OptionGroup var agent: AgentOption
    @OptionGroup var options: GlobalOptions

    func validate() throws {
        guard !profiles.isEmpty || provider != nil || all else {
            throw ValidationError("Say which logins: by name, with --provider, or with --all.")
        }
    }

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let ids = Set(profiles.map { ProfileID($0) })
        let wanted = provider.map { ProviderID($0) }
        let isAll = all
        let place = try await session.credentialPlace(of: agent.id)
        let cleared = try await session.environment.credentials(session.context).clearCooldowns(in: place) {
            id, owner in
            isAll || ids.contains(id) || (wanted != nil && (owner ?? id.conventionalProvider) == wanted)
        }
        if options.json {
            session.output.document([
                "ok": true, "agentId": .string(place.agent.rawValue),
                "cleared": .array(cleared.map { .string($0.rawValue) }),
            ])
        } else {
            session.output.line(
                cleared.isEmpty
                    ? "Nothing was resting." : "Cleared \(cleared.map(\.rawValue).joined(separator: ", ")).")
        }
        return .done
    }
}

extension ProfileID {
    /// The provider in front of the colon, by convention.
    var conventionalProvider: ProviderID? {
        guard let colon = rawValue.firstIndex(of: ":") else { return nil }
        return ProviderID(String(rawValue[..<colon]))
    }
}
