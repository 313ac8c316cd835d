import AlulaJSON
import AlulaModels
import AlulaPrimitives

/// What the commands that store a secret share.
enum PastedSecret {
    /// Longest secret that is taken, in characters.
    private static let maximumLength = 65_536

    /// Asks for a secret, or reads it from standard input. It is never a flag: those are visible to every user.
    static func read(_ what: String, in session: CommandSession) async throws -> Secret {
        let terminal = session.environment.terminal
        if terminal.isInputInteractive, !session.mayAsk {
            throw CommandError(.usage, "With --no-input the secret has to come on standard input.")
        }
        guard let secret = try await terminal.readSecret(prompt: "\(what): "), !secret.isBlank else {
            throw CommandError(.usage, "Nothing was entered, so nothing was stored. Send the secret on standard input.")
        }
        let text = secret.normalised.exposed
        guard text.count <= maximumLength else {
            throw CommandError(.usage, "That is too long for a secret, so nothing was stored.")
        }
        if let kind = MarkerTable.kind(of: text) {
            throw CommandError(.usage, "That is no secret but a word with another meaning (\(kind.phrase)).")
        }
        return secret
    }

    /// Whether it is what `claude setup-token` prints, which is sent in another way than a key.
    static func isSetupToken(_ secret: Secret, of provider: ProviderID) -> Bool {
        provider == "anthropic" && secret.normalised.exposed.hasPrefix("sk-ant-oat")
    }

    /// Says what was stored, and never the secret.
    ///
    /// - Parameter more: Further members of the document.
    static func report(
        _ profile: ProfileID, of provider: ProviderID, agent: AgentID, path: String,
        more: [(String, JSONValue)] = [], in session: CommandSession
    ) {
        if session.output.isJSON {
            let members: [(String, JSONValue)] = [
                ("ok", true), ("provider", .string(provider.rawValue)), ("profileId", .string(profile.rawValue)),
                ("agentId", .string(agent.rawValue)), ("storePath", .string(path)),
            ]
            session.output.document(.object(JSONObject(members + more)))
            return
        }
        session.output.line("Stored \(profile) in \(path).")
        if ProviderTable.builtIn.entry(servedAs: provider) == nil {
            session.output.note(
                "\(provider) is no built-in provider; it needs an entry under models.providers as well.")
        }
    }
}

extension MarkerTable.Kind {
    fileprivate var phrase: String {
        switch self {
        case .environmentVariable(let name), .environmentReference(let name), .aws(let name):
            "the variable \(name)"
        case .managedReference, .localServer, .oauth, .googleCredentials, .codexServer: "a marker"
        }
    }
}
