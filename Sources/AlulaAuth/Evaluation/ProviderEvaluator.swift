package import AlulaModels
package import AlulaPrimitives

/// Answers whether a provider can be used by an agent, from facts and the time alone.
///
/// Sources are weighed in the order in which a request would use them: AWS where it is asked for, a key that the
/// configuration insists on, stored profiles and other tools' logins in their order, the environment, a configured
/// key, and last whatever needs no login at all.
package struct ProviderEvaluator: Sendable {
    package let context: AuthContext
    package let facts: AuthFacts
    package private(set) var now: Timestamp

    private let table: ProviderTable
    private let main: EffectiveStore
    /// The providers that each auth provider's logins serve.
    private let dependents: [ProviderID: [ProviderID]]
    /// Providers whose configured key names a profile.
    private let namedProfiles: [(id: ProfileID, provider: ProviderID)]

    package init(context: AuthContext, facts: AuthFacts, now: Timestamp, table: ProviderTable = .builtIn) {
        self.context = context
        self.facts = facts
        self.now = now
        self.table = table
        main = EffectiveStore.merging(main: facts.stores[context.mainStore]?.fact, agent: nil, now: now)
            .overlaying(logins: facts.logins, now: now)
        dependents = Dictionary(grouping: context.providerIDs) { table.authProvider(of: $0) }
        namedProfiles = context.providers.values.compactMap { entry in
            if case .profile(let id) = entry.key { (id, entry.id) } else { nil }
        }
    }

    /// The same at another time.
    ///
    /// - Returns: `nil` when what is the same for all agents would have to be put together anew: a login that is in it has
    ///   ended since, or the clock was set back.
    package func moved(to time: Timestamp) -> ProviderEvaluator? {
        guard time >= now, !facts.hasEndings(in: context.mainStore, from: now, to: time) else { return nil }
        var moved = self
        moved.now = time
        return moved
    }

    /// The answer for one agent with all that was weighed. An agent that is not configured has the main store only.
    package func evaluate(_ provider: ProviderID, for agent: AgentID) -> ProviderEvaluation {
        let place = context.agents.first { $0.id == agent }
        let own = place.map(\.store) ?? context.mainStore
        return evaluate(provider, stores: [own, context.mainStore], effective: effectiveStore(of: own))
    }

    /// What an agent's requests would find: its own store over the main one, with other tools' logins.
    package func effectiveStore(for agent: AgentID) -> EffectiveStore {
        effectiveStore(of: context.agents.first { $0.id == agent }?.store ?? context.mainStore)
    }

    /// The answers of an agent whose own store says nothing.
    func sharedAnswers() -> [ProviderID: Availability] {
        var answers: [ProviderID: Availability] = [:]
        answers.reserveCapacity(context.providerIDs.count)
        for provider in Set(context.providerIDs).union(main.profiles.values.map(\.fact.provider)) {
            answers[provider] = evaluate(provider, stores: [context.mainStore], effective: main).availability
        }
        return answers
    }

    /// The answers that `agent`'s own store makes different, for the providers it can make different.
    func ownAnswers(of agent: AuthContext.Agent) -> [ProviderID: Availability] {
        guard agent.store != context.mainStore else { return [:] }
        let providers: any Collection<ProviderID>
        switch facts.stores[agent.store] {
        case nil, .absent: return [:]
        case .found(let fact, _) where fact.isEmpty && fact.problems.isEmpty: return [:]
        case .found(let fact, _): providers = affectedProviders(by: fact)
        case .pending, .failed, .timedOut: providers = context.providerIDs
        }
        let effective = effectiveStore(of: agent.store)
        var answers: [ProviderID: Availability] = [:]
        for provider in providers {
            answers[provider] =
                evaluate(provider, stores: [agent.store, context.mainStore], effective: effective).availability
        }
        return answers
    }

    private func effectiveStore(of store: StoreID) -> EffectiveStore {
        guard store != context.mainStore, let own = facts.stores[store]?.fact, !own.isEmpty else { return main }
        return EffectiveStore.merging(main: facts.stores[context.mainStore]?.fact, agent: own, now: now)
            .overlaying(logins: facts.logins, now: now)
    }

    /// Providers for which a store's entries can matter.
    private func affectedProviders(by fact: StoreFact) -> Set<ProviderID> {
        var touched = Set(fact.profiles.values.map { table.authProvider(of: $0.provider) })
        touched.formUnion(fact.order.keys.map { table.authProvider(of: $0) })
        for id in fact.usage.keys {
            if let provider = main.profiles[id]?.fact.provider { touched.insert(table.authProvider(of: provider)) }
        }
        // A provider that nobody configured and that has a login is one, too.
        var affected = Set(fact.profiles.values.map(\.provider))
        for provider in touched { affected.formUnion(dependents[provider] ?? []) }
        for (id, provider) in namedProfiles where fact.profiles[id] != nil { affected.insert(provider) }
        return affected
    }

    private func evaluate(
        _ provider: ProviderID, stores: [StoreID], effective: EffectiveStore
    ) -> ProviderEvaluation {
        ProviderEvaluation(
            provider: provider, candidates: candidates(for: provider, stores: stores, effective: effective))
    }

    private func candidates(
        for provider: ProviderID, stores: [StoreID], effective: EffectiveStore
    ) -> [EvaluatedCandidate] {
        let entry = context.providers[provider]
        if entry?.isInvalid == true {
            return [
                .init(label: "models.providers.\(provider)", availability: .unavailable(.invalidSettings, until: nil))
            ]
        }
        if provider == ProviderTable.testProvider {
            let evidence = Evidence(source: .builtIn, mode: .apiKey, label: "built-in test model")
            return [.init(label: evidence.label, availability: .available(evidence))]
        }
        let keys = KeyEvaluation(context: context, facts: facts, now: now, table: table)
        if case .profile(let id)? = entry?.key {
            // A key that names a profile means that profile and nothing else.
            return [keys.profile(id, for: provider, in: effective)]
        }
        let usesAWS = entry?.auth == Evidence.Mode.aws.rawValue || isImplicitAWS(provider, entry: entry)
        let insistsOnKey = entry?.auth == Evidence.Mode.apiKey.rawValue
        let profiles =
            keys.profiles(for: provider, in: effective)
            + stores.flatMap { keys.storeProblems($0) }
        var found: [EvaluatedCandidate] = []
        if usesAWS { found.append(AWSEvaluation(facts: facts).candidate) }
        if insistsOnKey { found += keys.configuredKey(of: entry) }
        found += profiles
        found += keys.environment(for: provider)
        if !insistsOnKey { found += keys.configuredKey(of: entry) }
        // A tool's login that became a profile was weighed as one, with whatever is recorded about it.
        found += KeylessEvaluation(facts: facts, now: now).candidates(for: provider, entry: entry).filter { candidate in
            guard let id = candidate.profile, case .tool? = effective.profiles[id]?.owner else { return true }
            return !found.contains { $0.profile == id }
        }
        return found
    }

    private func isImplicitAWS(_ provider: ProviderID, entry: AuthContext.Provider?) -> Bool {
        guard entry?.auth == nil, entry?.key ?? .absent == .absent else { return false }
        if provider == "amazon-bedrock" { return true }
        return context.configuredProfiles.values.contains {
            $0.provider == provider && $0.mode == Evidence.Mode.aws.rawValue
        }
    }
}

extension AuthFacts {
    /// Whether an OAuth login of `store` or of another tool counts as usable at one of these times and not at the other.
    fileprivate func hasEndings(in store: StoreID, from earlier: Timestamp, to later: Timestamp) -> Bool {
        func ends(_ expiry: ProfileFact.Expiry) -> Bool {
            guard case .at(let end) = expiry else { return false }
            let margin = Availability.expiryMargin
            return end.duration(since: earlier) > margin && end.duration(since: later) <= margin
        }
        if stores[store]?.fact?.profiles.values.contains(where: { ends($0.expiry) }) == true { return true }
        return logins.values.contains { $0.fact.map { ends($0.expiry) } ?? false }
    }
}
