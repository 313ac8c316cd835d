import AlulaModels
import AlulaPrimitives

/// Weighs keys and stored logins: profiles, the environment, and what the configuration has under `apiKey`.
struct KeyEvaluation {
    let context: AuthContext
    let facts: AuthFacts
    let now: Timestamp
    let table: ProviderTable

    // MARK: Profiles

    /// Every profile that could serve `provider`, in the order in which they would be tried.
    func profiles(for provider: ProviderID, in store: EffectiveStore) -> [EvaluatedCandidate] {
        let order = ProfileOrder.resolve(
            provider, in: store, context: context, now: now, table: table)
        if order.isSwitchedOff {
            return [.init(label: "auth order", availability: .unavailable(.switchedOff, until: nil))]
        }
        return order.ranked.map { ranked in
            let label = "profile:\(ranked.id)"
            if context.configuredProfiles[ranked.id]?.mode == Evidence.Mode.aws.rawValue,
                context.configuredProfiles[ranked.id]?.provider == provider
            {
                var candidate = AWSEvaluation(facts: facts).candidate
                candidate.profile = ranked.id
                return candidate
            }
            guard ranked.eligibility == .ok, let profile = store.profiles[ranked.id]?.fact else {
                return .init(
                    label: label, profile: ranked.id,
                    availability: .unavailable(ranked.eligibility.unavailableReason, until: nil))
            }
            return evaluated(ranked.id, profile, window: ranked.window, label: label)
        }
    }

    /// One profile by its id, which must belong to `provider` or share its endpoint.
    func profile(
        _ id: ProfileID, for provider: ProviderID, in store: EffectiveStore
    ) -> EvaluatedCandidate {
        let label = "profile:\(id)"
        func no(_ reason: UnavailableReason) -> EvaluatedCandidate {
            .init(label: label, profile: id, availability: .unavailable(reason, until: nil))
        }
        guard let profile = store.profiles[id]?.fact else { return no(.missingCredential) }
        guard profile.kind != .oauth else { return no(.modeMismatch) }
        let isOwn = table.authProvider(of: profile.provider) == table.authProvider(of: provider)
        let mine = context.providers[provider]?.baseURL.map(Self.endpoint)
        let theirs = context.providers[profile.provider]?.baseURL.map(Self.endpoint)
        guard isOwn || (mine != nil && mine == theirs) else { return no(.providerMismatch) }
        let window = store.usage[id]?.window(at: now, provider: profile.provider)
        return evaluated(id, profile, window: window, label: label)
    }

    /// What keeps a whole store from counting.
    func storeProblems(_ store: StoreID) -> [EvaluatedCandidate] {
        let label = store == context.mainStore ? "main store" : "agent store"
        switch facts.stores[store] ?? .absent {
        case .absent, .found: return []
        case .pending: return [.init(label: label, availability: .unknown(.notReadYet))]
        case .timedOut: return [.init(label: label, availability: .unknown(.sourceTimedOut))]
        case .failed(let problem):
            let isHidden = problem.code == .permissionDenied || problem.code == .locked
            return [
                .init(
                    label: label,
                    availability: isHidden ? .unknown(.unreadableSource) : .unavailable(.unusableStore, until: nil),
                    problem: problem)
            ]
        }
    }

    private func evaluated(
        _ id: ProfileID, _ profile: ProfileFact, window: UsageWindow?, label: String
    ) -> EvaluatedCandidate {
        func candidate(_ availability: Availability, problem: SourceProblem? = nil) -> EvaluatedCandidate {
            .init(label: label, profile: id, availability: availability, problem: problem)
        }
        if profile.hasForbiddenReference { return candidate(.unavailable(.unresolvedReference, until: nil)) }
        // A window that covers one model leaves the provider usable for all others.
        let trouble = facts.renewalTrouble(of: profile, at: now)
        if let window, window.model == nil {
            var resting = candidate(.unavailable(window.unavailableReason, until: window.until))
            resting.detail = trouble?.failure.message
            return resting
        }
        if let trouble {
            var failed = candidate(.unavailable(.refreshFailed, until: trouble.until))
            failed.detail = trouble.failure.message
            return failed
        }
        let source: Evidence.Source
        if case .login(let tool) = profile.provenance { source = .login(tool, id) } else { source = .profile(id) }
        var evidence = Evidence(source: source, mode: profile.kind.mode, label: label)
        switch profile.kind {
        case .apiKey, .token:
            if profile.kind == .token {
                switch profile.expiry {
                case .unstated: break
                case .invalid: return candidate(.unavailable(.invalidExpiry, until: nil))
                case .at(let end):
                    guard end > now else { return candidate(.unavailable(.expired, until: nil)) }
                    evidence.expiresAt = end
                }
            }
            if profile.inlineDigest != nil || profile.marker != nil { return candidate(.available(evidence)) }
            guard let reference = profile.reference else {
                return candidate(.unavailable(.missingCredential, until: nil))
            }
            switch resolve(reference) {
            case .present: return candidate(.available(evidence))
            case .not(let availability, let problem): return candidate(availability, problem: problem)
            }
        case .oauth:
            // Our own logins are renewed where that is known how; another tool's are used while they last.
            let renews =
                profile.refreshDigest != nil && profile.provenance == .stored
                && TokenEndpointTable.builtIn[profile.provider] != nil
            switch profile.expiry {
            case .at(let end) where end.duration(since: now) > Availability.expiryMargin:
                if !renews { evidence.expiresAt = end }
                return candidate(
                    profile.inlineDigest != nil || renews
                        ? .available(evidence) : .unavailable(.missingCredential, until: nil))
            case .unstated where profile.inlineDigest != nil, .at where renews, .invalid where renews,
                .unstated where renews:
                return candidate(.available(evidence))
            case .invalid: return candidate(.unavailable(.invalidExpiry, until: nil))
            case .unstated: return candidate(.unavailable(.missingCredential, until: nil))
            case .at: return candidate(.unavailable(.expired, until: nil))
            }
        }
    }

    // MARK: Environment

    /// The variable that a key would be taken from.
    func environment(for provider: ProviderID) -> [EvaluatedCandidate] {
        guard let variable = variable(of: provider) else { return [] }
        if let marker = facts.environment.markers[variable], marker == "gcp-vertex-credentials" { return [] }
        let label = facts.environment.label(of: variable)
        let mode: Evidence.Mode = variable.contains("OAUTH_TOKEN") ? .oauth : .apiKey
        return [
            .init(
                label: label,
                availability: .available(
                    Evidence(source: .environment(variable: variable), mode: mode, label: label)))
        ]
    }

    /// The variable that switches all others off, else the first of the provider's own, else one of a list of keys.
    private func variable(of provider: ProviderID) -> String? {
        let names = CredentialVariables(provider: table.authProvider(of: provider))
        if facts.environment.isSet(names.exclusive) { return names.exclusive }
        return table.environmentVariables(of: provider).first(where: facts.environment.isSet)
            ?? (table[table.authProvider(of: provider)]?.environmentVariables.contains(names.single) == true
                ? names.candidates(among: facts.environment.origins.keys).first : nil)
    }

    // MARK: Configuration

    /// What stands under `models.providers.<id>.apiKey`.
    func configuredKey(of entry: AuthContext.Provider?) -> [EvaluatedCandidate] {
        guard let entry else { return [] }
        func available(_ label: String) -> [EvaluatedCandidate] {
            let mode = entry.auth.flatMap(Evidence.Mode.init(rawValue:)) ?? .apiKey
            return [
                .init(
                    label: label,
                    availability: .available(Evidence(source: .configuration, mode: mode, label: label)))
            ]
        }
        switch entry.key {
        case .absent, .profile:
            return []
        case .literal:
            return available("models.json")
        case .marker(let marker):
            if facts.environment.isSet(marker) { return available(facts.environment.label(of: marker)) }
            if case .environmentVariable = MarkerTable.kind(of: marker) {
                return [
                    .init(
                        label: "\(marker) (models.json marker)",
                        availability: .unavailable(.unresolvedReference, until: nil))
                ]
            }
            // Other markers only say where the login is; it is weighed where it is kept.
            return []
        case .reference(let reference):
            let label = "\(reference.id) (models.json secretref)"
            switch resolve(reference) {
            case .present: return available(label)
            case .not(let availability, let problem):
                return [.init(label: label, availability: availability, problem: problem)]
            }
        }
    }

    // MARK: References

    private enum Resolution {
        case present
        case not(Availability, SourceProblem?)
    }

    private func resolve(_ reference: SecretReference) -> Resolution {
        let missing = Resolution.not(.unavailable(.unresolvedReference, until: nil), nil)
        let provider = context.secretProviders[reference.provider]
        switch reference.source {
        case .environment:
            let isImplicit = provider == nil && reference.provider == context.defaultEnvironmentAlias
            guard isImplicit || provider?.source == .environment else { return missing }
            if let allowed = provider?.allowlist, !allowed.contains(reference.id) { return missing }
            return facts.environment.isSet(reference.id) ? .present : missing
        case .file, .helper:
            guard provider?.source == reference.source else { return missing }
            let isHelper = reference.source == .helper
            switch facts.secretSources[reference.provider] ?? .pending {
            case .pending: return .not(.unknown(isHelper ? .helperPending : .notReadYet), nil)
            case .timedOut: return .not(.unknown(isHelper ? .helperTimedOut : .sourceTimedOut), nil)
            case .absent: return missing
            case .failed(let problem): return .not(.unavailable(.unresolvedReference, until: nil), problem)
            case .found(let fact, _):
                return fact.ids[reference.id] == .present ? .present : missing
            }
        case .store:
            return missing
        }
    }

    /// A base URL as it is compared: without query, fragment and trailing slashes.
    private static func endpoint(_ url: String) -> String {
        var kept = url.trimmed().lowercased().prefix { $0 != "?" && $0 != "#" }
        while kept.hasSuffix("/") { kept = kept.dropLast() }
        return String(kept)
    }
}

extension ProfileFact.Kind {
    fileprivate var mode: Evidence.Mode {
        switch self {
        case .apiKey: .apiKey
        case .token: .token
        case .oauth: .oauth
        }
    }
}
