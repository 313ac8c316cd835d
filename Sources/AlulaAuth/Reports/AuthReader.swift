package import AlulaModels
package import AlulaPrimitives

/// Looks at a prepared snapshot for one agent at one instant. All reports read through it.
package struct AuthReader: Sendable {
    package let prepared: PreparedAuth
    package let agent: AgentID
    package let now: Timestamp
    package let table: ProviderTable
    /// The agent's own store over the main one, with those logins of other tools that the configuration asks for.
    package let store: EffectiveStore
    package let remedies: RemedyBook

    private let evaluator: ProviderEvaluator

    /// - Parameter agent: `nil` means the default agent.
    package init(_ prepared: PreparedAuth, agent: AgentID? = nil, now: Timestamp, table: ProviderTable = .builtIn) {
        self.prepared = prepared
        let agent = agent ?? prepared.context.defaultAgent
        self.agent = agent
        self.now = now
        self.table = table
        let context = prepared.context
        evaluator = ProviderEvaluator(context: context, facts: prepared.facts, now: now, table: table)
        let own = context.agents.first { $0.id == agent }?.store ?? context.mainStore
        store = EffectiveStore.merging(
            main: prepared.facts.stores[context.mainStore]?.fact,
            agent: own == context.mainStore ? nil : prepared.facts.stores[own]?.fact, now: now
        )
        .overlaying(logins: prepared.facts.logins, scope: Self.loginScope(of: context), now: now)
        remedies = RemedyBook(context: context, store: store, table: table)
    }

    /// The directory of the agent's own store.
    package var storeID: StoreID {
        prepared.context.agents.first { $0.id == agent }?.store ?? prepared.context.mainStore
    }

    /// The file that the agent's own logins are in, or would be.
    package var storePath: String {
        if let path = prepared.facts.stores[storeID]?.fact?.path, !path.isEmpty { return path }
        return "\(storeID.directory)/\(StoreFact.Origin.profiles.rawValue)"
    }

    /// Everything that is weighed for `provider`.
    package func evaluation(of provider: ProviderID) -> ProviderEvaluation { evaluator.evaluate(provider, for: agent) }

    package func answer(for provider: ProviderID) -> ProviderAnswer {
        ProviderAnswer(evaluation(of: provider), remedies: remedies)
    }

    /// The prepared answer while it holds, else one computed from the same facts.
    package func availability(of provider: ProviderID) -> Availability {
        if let answer = prepared.answer(provider, for: agent), answer.changesAt.map({ $0 > now }) ?? true {
            return answer
        }
        return evaluation(of: provider).availability
    }

    /// In which order the profiles of `provider` are tried.
    package func order(of provider: ProviderID) -> ProfileOrder {
        ProfileOrder.resolve(provider, in: store, context: prepared.context, now: now, table: table)
    }

    /// Only tools that some part of the configuration names are looked at.
    private static func loginScope(of context: AuthContext) -> LoginScope {
        let profiles = Set(context.configuredProfiles.keys)
        guard !(context.providersInUse.isEmpty && profiles.isEmpty) else { return .none }
        return .named(providers: Set(context.providersInUse), profiles: profiles)
    }
}
