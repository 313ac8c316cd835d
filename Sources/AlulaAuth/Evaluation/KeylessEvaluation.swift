import AlulaPrimitives

/// What works without a stored login: servers on this network, and logins that another tool or cloud owns.
struct KeylessEvaluation {
    let facts: AuthFacts
    let now: Timestamp

    func candidates(for provider: ProviderID, entry: AuthContext.Provider?) -> [EvaluatedCandidate] {
        var found: [EvaluatedCandidate] = []
        if let entry, let server = localServer(entry) { found.append(server) }
        switch provider {
        case "google-vertex": found.append(googleVertex)
        case "anthropic-vertex": found.append(anthropicVertex)
        case "claude-cli": found += login(.claudeCode, as: ProfileID("anthropic:claude-cli"))
        case "codex", "codex-cli", "codex-app-server": found += login(.codex, as: ProfileID("openai:default"))
        default: found += brokenLogins(for: provider)
        }
        return found
    }

    /// A model server that needs no key: a complete entry without one, on this machine or a private network.
    private func localServer(_ entry: AuthContext.Provider) -> EvaluatedCandidate? {
        guard entry.auth == nil || entry.auth == Evidence.Mode.apiKey.rawValue else { return nil }
        switch entry.key {
        case .absent: break
        case .marker(let marker) where marker.hasSuffix("-local"): break
        default: return nil
        }
        guard let url = entry.baseURL, let host = LocalHost.host(of: url) else {
            // LM Studio is taken at its word: its models are listed, and it listens on this machine.
            guard entry.id == "lmstudio", entry.modelCount > 0, !entry.hasAuthorizationHeader else { return nil }
            return available(label: "custom-local")
        }
        guard LocalHost.isLocal(host) else { return nil }
        if entry.id == "ollama" { return available(label: "ollama-local") }
        guard entry.api != nil, entry.modelCount > 0 else {
            return .init(label: "local server", availability: .unavailable(.incompleteSettings, until: nil))
        }
        return available(label: "custom-local")
    }

    private func available(label: String) -> EvaluatedCandidate {
        .init(
            label: label, availability: .available(Evidence(source: .localServer, mode: .apiKey, label: label)))
    }

    private var googleVertex: EvaluatedCandidate {
        let environment = facts.environment
        let hasProject =
            environment.values["GOOGLE_CLOUD_PROJECT"] != nil || environment.values["GCLOUD_PROJECT"] != nil
        let hasLocation = environment.values["GOOGLE_CLOUD_LOCATION"] != nil
        let credentials = googleCredentials
        guard case .available = credentials.availability, !(hasProject && hasLocation) else { return credentials }
        return .init(label: "gcloud adc", availability: .unavailable(.incompleteSettings, until: nil))
    }

    private var anthropicVertex: EvaluatedCandidate {
        let metadata = facts.environment.values["ANTHROPIC_VERTEX_USE_GCP_METADATA"]?.lowercased()
        if metadata == "1" || metadata == "true" {
            return .init(label: "gcp metadata", availability: .unknown(.needsInteraction))
        }
        return googleCredentials
    }

    private var googleCredentials: EvaluatedCandidate {
        let label = "gcloud adc"
        switch facts.googleCredentials {
        case .found:
            return .init(
                label: label,
                availability: .available(Evidence(source: .googleCredentials, mode: .apiKey, label: label)))
        case .absent: return .init(label: label, availability: .unavailable(.noLogin, until: nil))
        case .pending: return .init(label: label, availability: .unknown(.notReadYet))
        case .timedOut: return .init(label: label, availability: .unknown(.sourceTimedOut))
        case .failed(let problem):
            return .init(label: label, availability: .unavailable(.unusableStore, until: nil), problem: problem)
        }
    }

    /// Logins of other tools that would serve `provider` and can't be read. Those that can are among the profiles.
    private func brokenLogins(for provider: ProviderID) -> [EvaluatedCandidate] {
        LoginImport.all.filter { $0.provider == provider }.flatMap { known -> [EvaluatedCandidate] in
            switch facts.logins[known.tool] ?? .absent {
            case .absent, .found: []
            case .pending, .failed, .timedOut: login(known.tool, as: known.profile)
            }
        }
    }

    /// Another tool's login, used by that tool itself. It is never renewed from here.
    private func login(_ tool: LoginTool, as profile: ProfileID) -> [EvaluatedCandidate] {
        let label = "\(tool.displayName) native auth"
        switch facts.logins[tool] ?? .absent {
        case .absent: return []
        case .pending: return [.init(label: label, availability: .unknown(.notReadYet))]
        case .timedOut: return [.init(label: label, availability: .unknown(.sourceTimedOut))]
        case .failed(let problem):
            let availability: Availability =
                problem.code == .unsupported
                ? .unknown(.needsInteraction) : .unavailable(.unusableStore, until: nil)
            return [.init(label: label, availability: availability, problem: problem)]
        case .found(let login, _):
            let mode: Evidence.Mode = login.kind == .oauth ? .oauth : .token
            switch login.expiry {
            case .unstated:
                let evidence = Evidence(source: .login(tool, profile), mode: mode, label: label)
                return [.init(label: label, profile: profile, availability: .available(evidence))]
            case .invalid:
                return [.init(label: label, availability: .unavailable(.invalidExpiry, until: nil))]
            case .at(let end):
                let margin = mode == .oauth ? Availability.expiryMargin : .zero
                guard end.duration(since: now) > margin else {
                    return [.init(label: label, profile: profile, availability: .unavailable(.expired, until: nil))]
                }
                let evidence = Evidence(source: .login(tool, profile), mode: mode, expiresAt: end, label: label)
                return [.init(label: label, profile: profile, availability: .available(evidence))]
            }
        }
    }
}
