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

    static func report(_ target: LoginTarget, agent: AgentID, path: String, in session: CommandSession) {
        if session.output.isJSON {
            session.output.document([
                "ok": true, "provider": .string(target.providerID.rawValue),
                "profileId": .string(target.profile.rawValue), "agentId": .string(agent.rawValue),
                "storePath": .string(path),
            ])
            return
        }
        session.output.line("Stored \(target.profile) in \(path).")
        if ProviderTable.builtIn.entry(servedAs: target.providerID) == nil {
            session.output.note(
                "\(target.providerID) is no built-in provider; it needs an entry under models.providers as well.")
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
