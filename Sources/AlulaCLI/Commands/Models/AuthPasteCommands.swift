import AlulaJSON
import AlulaModels
import AlulaPrimitives
import ArgumentParser

/// Which login a command stores.
struct LoginTarget: ParsableArguments {
    @Option(help: ArgumentHelp("The provider, such as groq.", valueName: "id")) var provider: String
    @Option(
        help: ArgumentHelp("The login's name; default: <provider>:default.", valueName: "id")) var profileId: String?

    func validate() throws {
        guard !ProviderID(provider).rawValue.isEmpty else { throw ValidationError("--provider is empty.") }
        if let profileId, ProfileID(profileId).rawValue.isEmpty { throw ValidationError("--profile-id is empty.") }
    }

    var providerID: ProviderID { ProviderID(provider) }
    var profile: ProfileID { profileId.map { ProfileID($0) } ?? .standard(for: providerID) }
}

/// `alula models auth paste-api-key`.
struct AuthPasteAPIKeyCommand: SessionCommand {
    static let configuration = CommandConfiguration(
        commandName: "paste-api-key", abstract: "Store an API key, which is asked for or read from standard input.",
        usage: """
            alula models auth paste-api-key --provider groq
            alula models auth paste-api-key --provider openai --profile-id openai:work < key.txt
            """,
        aliases: ["add"])

    @OptionGroup var target: LoginTarget
    @OptionGroup var agent: AgentOption
    @OptionGroup var options: GlobalOptions

    func execute(_ session: CommandSession) async throws -> ExitStatus {
        let place = try await session.credentialPlace(of: agent.id)
        let key = try await PastedSecret.read("API key for \(target.providerID)", in: session)
        let path = try await session.environment.credentials(session.context).storeAPIKey(
            key, as: target.profile, provider: target.providerID, in: place)
        PastedSecret.report(target, agent: place.agent, path: path, in: session)
        return .done
    }
}

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
        PastedSecret.report(target, agent: place.agent, path: path, in: session)
        return .done
    }
}

/// What the commands that store a secret share.
private enum PastedSecret {
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

/// A length of time as people type it: `90s`, `15m`, `12h`, `365d`.
struct ShortDuration {
    let duration: Duration

    init?(_ text: String) {
        guard let unit = text.last, let count = Int64(text.dropLast()), count > 0, count <= 1_000_000_000 else {
            return nil
        }
        switch unit {
        case "s": duration = .seconds(count)
        case "m": duration = .seconds(count * 60)
        case "h": duration = .seconds(count * 3600)
        case "d": duration = .seconds(count * 86_400)
        default: return nil
        }
    }
}
