import AlulaModels
package import AlulaPrimitives

/// The computation behind ``AuthStatusReport``, one provider at a time.
package struct AuthHealth: Sendable {
    private let reader: AuthReader
    /// Providers whose login is said to be of a kind that ends, and whether OAuth is among those kinds.
    private let renewable: [ProviderID: Bool]

    package init(_ reader: AuthReader) {
        self.reader = reader
        renewable = Self.renewableProviders(in: reader.prepared.context)
    }

    /// Providers for which the configuration wants a renewable login and has no key of its own.
    var configuredProviders: Set<ProviderID> {
        Set(renewable.keys.filter { !hasOwnKey($0) })
    }

    /// Providers with a login in the store.
    package var storedProviders: Set<ProviderID> { Set(reader.store.profiles.values.map(\.fact.provider)) }

    /// Everything about one provider. Its id is taken as it is: a provider that shares another's login is not it.
    package func provider(_ id: ProviderID) -> AuthStatusReport.Provider {
        let profiles = profiles(of: id)
        let order = reader.order(of: id)
        let tried = Set((order.eligible.isEmpty ? order.ranked : order.eligible).map(\.id))
        let effective = profiles.filter { tried.contains($0.id) }
        let logins = effective.filter { $0.kind == .oauth }
        let status: CredentialStatus
        let basis: [AuthStatusReport.Profile]
        if !logins.isEmpty {
            basis = logins
            status = .combined(logins.map(\.status))
        } else {
            // A token ends and a key does not, so a token's status counts before a key's.
            let tokens = effective.filter { $0.kind == .token }
            basis = tokens
            let general = CredentialStatus.combined((tokens.isEmpty ? effective : tokens).map(\.status))
            status = renewable[id] == true && tokens.isEmpty ? .missing : general
        }
        return AuthStatusReport.Provider(
            id: id, displayName: reader.table.statusName(of: id), status: status,
            expiry: status == .missing ? nil : basis.compactMap(\.expiry).min { $0.at < $1.at },
            profiles: profiles, order: order.eligible.map(\.id), answer: reader.answer(for: id))
    }

    /// All logins of exactly this provider, by name.
    package func profiles(of provider: ProviderID) -> [AuthStatusReport.Profile] {
        reader.store.profiles.filter { $0.value.fact.provider == provider }
            .sorted { $0.key < $1.key }
            .map { profile($0.key, $0.value) }
    }

    private func profile(_ id: ProfileID, _ stored: EffectiveStore.Profile) -> AuthStatusReport.Profile {
        let fact = stored.fact
        let eligibility = fact.eligibility(at: reader.now)
        var expiry: CredentialExpiry?
        if fact.kind != .apiKey, case .at(let end) = fact.expiry { expiry = CredentialExpiry(at: end, now: reader.now) }
        let usage = reader.store.usage[id]
        let trouble = reader.prepared.facts.renewalTrouble(of: fact, at: reader.now)
        let status = status(of: fact, eligibility: eligibility)
        return AuthStatusReport.Profile(
            id: id, provider: fact.provider, kind: fact.kind,
            // What nobody can renew has ended, whatever is left of it.
            status: trouble?.failure.code.needsPerson == true ? .expired : status,
            ineligibility: eligibility == .ok ? nil : eligibility, expiry: expiry,
            window: usage?.window(at: reader.now, provider: fact.provider, table: reader.table),
            renewalTrouble: trouble, source: stored.owner.name, displayName: fact.displayName,
            email: fact.identity.email,
            lastUsed: usage?.lastUsed)
    }

    private func status(of fact: ProfileFact, eligibility: ProfileEligibility) -> CredentialStatus {
        switch (fact.kind, fact.expiry) {
        case (.apiKey, _): .static
        case (.token, _) where eligibility != .ok: eligibility == .expired ? .expired : .missing
        case (.token, .at(let end)): CredentialStatus(end: end, now: reader.now)
        case (.token, _): .static
        case (.oauth, .at(let end)) where eligibility == .ok: CredentialStatus(end: end, now: reader.now)
        case (.oauth, _): .missing
        }
    }

    // MARK: Configuration

    private static func renewableProviders(in context: AuthContext) -> [ProviderID: Bool] {
        let oauth = ProfileFact.Kind.oauth.rawValue
        let kinds: Set<String> = [oauth, ProfileFact.Kind.token.rawValue]
        var found: [ProviderID: Bool] = [:]
        for provider in context.providers.values {
            guard let mode = provider.auth, kinds.contains(mode) else { continue }
            found[provider.id] = (found[provider.id] ?? false) || mode == oauth
        }
        for profile in context.configuredProfiles.values where kinds.contains(profile.mode) {
            found[profile.provider] = (found[profile.provider] ?? false) || profile.mode == oauth
        }
        return found
    }

    /// Whether the configuration itself supplies a key, so that no login has to be watched. What a file or a helper
    /// holds is not looked at here; that an environment reference finds its variable is.
    private func hasOwnKey(_ provider: ProviderID) -> Bool {
        let environment = reader.prepared.facts.environment
        switch reader.prepared.context.providers[provider]?.key {
        case .literal: return true
        case .marker(let text): return environment.isSet(text)
        case .reference(let reference):
            switch reference.source {
            case .environment: return environment.isSet(reference.id)
            case .file, .helper: return true
            case .store: return false
            }
        case .absent, .profile, nil: return false
        }
    }
}

extension EffectiveStore.Owner {
    /// Where a profile is kept, for reports.
    package var name: String {
        switch self {
        case .main, .agent: "store"
        case .tool(let tool): tool.displayName
        }
    }
}
