package import AlulaPrimitives

/// The whole prepared answer, immutable: which provider is available to which agent.
///
/// It is replaced as a whole and only by a newer generation. Reading it takes two dictionary look-ups and no lock.
package struct PreparedAuth: Sendable {
    /// How the facts behind the answers were obtained. Raw values are stable.
    package enum Gathering: String, Sendable, CaseIterable {
        case worker
        case blockingPool = "blocking-pool"
        /// Read back from the last run; served until the first warm ends.
        case persisted
    }

    package let generation: UInt64
    package let preparedAt: Timestamp
    package let gathering: Gathering
    /// Whether a newer answer is known to be due: a persisted snapshot, or facts that could not be read again.
    package let isStale: Bool
    package let context: AuthContext
    package let facts: AuthFacts
    package let agents: [AgentID: AgentAnswers]
    /// The soonest instant at which some answer changes by itself.
    package let nextChange: Timestamp?

    package init(
        generation: UInt64, preparedAt: Timestamp, gathering: Gathering, isStale: Bool, context: AuthContext,
        facts: AuthFacts, agents: [AgentID: AgentAnswers], nextChange: Timestamp?
    ) {
        self.generation = generation
        self.preparedAt = preparedAt
        self.gathering = gathering
        self.isStale = isStale
        self.context = context
        self.facts = facts
        self.agents = agents
        self.nextChange = nextChange
    }

    /// The prepared answer, or `nil` for an agent or provider that was not prepared.
    package func answer(_ provider: ProviderID, for agent: AgentID) -> Availability? {
        agents[agent]?[provider]
    }
}

/// One agent's answers: what all agents share, and where this one differs.
package struct AgentAnswers: Sendable, Hashable {
    package var shared: [ProviderID: Availability]
    package var own: [ProviderID: Availability]

    package init(shared: [ProviderID: Availability], own: [ProviderID: Availability] = [:]) {
        self.shared = shared
        self.own = own
    }

    package subscript(provider: ProviderID) -> Availability? { own[provider] ?? shared[provider] }

    /// Every prepared provider, in no particular order.
    package var providers: Set<ProviderID> { Set(shared.keys).union(own.keys) }
}
