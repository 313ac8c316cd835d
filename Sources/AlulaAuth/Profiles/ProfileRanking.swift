import AlulaModels
package import AlulaPrimitives

/// The computation behind ``ProfileOrder``.
struct ProfileRanking {
    let provider: ProviderID
    let store: EffectiveStore
    let context: AuthContext
    let now: Timestamp
    let table: ProviderTable
    let model: ModelID?

    /// The name that ChatGPT logins were kept under before they became OpenAI's own.
    private static let formerOpenAI: ProviderID = "openai-codex"

    func resolve(preferred: ProfileID?) -> ProfileOrder {
        let (origin, base, isExplicit) = baseList()
        if isExplicit, base.isEmpty { return ProfileOrder(origin: origin, isSwitchedOff: true, ranked: []) }
        var rejected: [RankedProfile] = []
        var kept: [ProfileID] = []
        for id in base {
            let verdict = eligibility(of: id)
            if verdict == .ok { kept.append(id) } else { rejected.append(.init(id: id, eligibility: verdict)) }
        }
        var keepsSequence = isExplicit
        if kept.isEmpty, origin == .storedOrder || origin == .configuredProfiles,
            base.allSatisfy({ store.profiles[$0] == nil })
        {
            // The list names nothing that still exists. An order that somebody wrote into the configuration is
            // nevertheless obeyed; the others were written by programs.
            kept = storedProfiles().filter { eligibility(of: $0) == .ok }
            keepsSequence = false
        }
        if let preferred, !kept.contains(preferred), eligibility(of: preferred) == .ok { kept.append(preferred) }
        var ordered = sorted(kept, keepsSequence: keepsSequence)
        if let preferred, let place = ordered.firstIndex(where: { $0.id == preferred }) {
            ordered.insert(ordered.remove(at: place), at: 0)
        }
        return ProfileOrder(origin: origin, isSwitchedOff: false, ranked: ordered + rejected)
    }

    // MARK: The list

    private func baseList() -> (origin: ProfileOrder.Origin, ids: [ProfileID], isExplicit: Bool) {
        if let order = explicitOrder(in: store.order) { return (.storedOrder, order, true) }
        if let order = explicitOrder(in: context.configuredOrder) { return (.configuredOrder, order, true) }
        let configured = context.configuredProfiles.filter { isMine($0.value.provider) }.map(\.key).sorted()
        if !configured.isEmpty { return (.configuredProfiles, configured, false) }
        return (.stored, storedProfiles(), false)
    }

    private func explicitOrder(in orders: [ProviderID: [ProfileID]]) -> [ProfileID]? {
        if let order = orders[table.authProvider(of: provider)] ?? orders[provider] { return Self.unique(order) }
        guard provider == "openai", let order = orders[Self.formerOpenAI] else { return nil }
        // An order under the former name says nothing about logins of the present one, so they follow it.
        return order.isEmpty ? [] : Self.unique(order + storedProfiles())
    }

    private func storedProfiles() -> [ProfileID] {
        store.profiles.filter { isMine($0.value.fact.provider) }.map(\.key).sorted()
    }

    private func isMine(_ other: ProviderID) -> Bool {
        table.authProvider(of: other) == table.authProvider(of: provider)
    }

    private static func unique(_ ids: [ProfileID]) -> [ProfileID] {
        var seen: Set<ProfileID> = []
        return ids.filter { seen.insert($0).inserted }
    }

    // MARK: Eligibility

    private func eligibility(of id: ProfileID) -> ProfileEligibility {
        let configured = context.configuredProfiles[id]
        if let configured {
            guard isMine(configured.provider) else { return .providerMismatch }
            // The credentials of this mode come from the AWS chain, so nothing is stored for it.
            if configured.mode == Evidence.Mode.aws.rawValue { return .ok }
        }
        guard let fact = store.profiles[id]?.fact else { return .profileMissing }
        guard isMine(fact.provider) else { return .providerMismatch }
        if let configured, configured.mode != fact.kind.rawValue,
            !(configured.mode == ProfileFact.Kind.oauth.rawValue && fact.kind == .token)
        {
            return .modeMismatch
        }
        return fact.eligibility(at: now)
    }

    // MARK: Sorting

    private func sorted(_ ids: [ProfileID], keepsSequence: Bool) -> [RankedProfile] {
        let entries = ids.map { id in
            RankedProfile(
                id: id, eligibility: .ok,
                window: store.usage[id]?.window(
                    at: now, provider: store.profiles[id]?.fact.provider ?? provider, model: model, table: table))
        }
        var ready = entries.filter { $0.window == nil }
        if !keepsSequence { ready.sort { key(of: $0.id) < key(of: $1.id) } }
        let resting = entries.enumerated().filter { $0.element.window != nil }.sorted { left, right in
            let ends = (left.element.window?.until ?? .maximum, right.element.window?.until ?? .maximum)
            return ends.0 == ends.1 ? left.offset < right.offset : ends.0 < ends.1
        }
        return ready + resting.map(\.element)
    }

    /// Logins before keys, live logins before ended ones, then whoever waited longest.
    private func key(of id: ProfileID) -> (Int, Int, Int64, ProfileID) {
        let fact = store.profiles[id]?.fact
        let kind =
            switch fact?.kind {
            case .oauth: 0
            case .token: 1
            case .apiKey: 2
            case nil: 3
            }
        let isEnded = fact?.kind == .oauth && fact?.isUsable(at: now) == false
        return (kind, isEnded ? 1 : 0, store.usage[id]?.lastUsed?.milliseconds ?? 0, id)
    }
}

extension ProfileFact {
    /// Whether the credential as such can be tried. An OAuth login's end is not looked at: it can be renewed.
    package func eligibility(at now: Timestamp) -> ProfileEligibility {
        switch kind {
        case .apiKey:
            return inlineDigest != nil || marker != nil || reference != nil ? .ok : .missingCredential
        case .token:
            guard inlineDigest != nil || marker != nil || reference != nil else { return .missingCredential }
            switch expiry {
            case .unstated: return .ok
            case .invalid: return .invalidExpiry
            case .at(let end): return end > now ? .ok : .expired
            }
        case .oauth:
            return hasToken ? .ok : .missingCredential
        }
    }
}
