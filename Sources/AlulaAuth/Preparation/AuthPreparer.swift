package import AlulaPrimitives

/// Weighs facts into a whole prepared answer.
///
/// The main store is weighed once for all agents; an agent is weighed only for the providers that its own store
/// can make different. So the cost is that of the agents' own entries and not of agents times providers.
package enum AuthPreparer {
    /// Takes about a millisecond for each thousand answers that differ between agents: off the cooperative pool.
    ///
    /// - Parameters:
    ///   - previous: What is served now; agents that `changed` can't have touched are taken over from it.
    ///   - changed: What was read again, or nothing when only time or a helper's answer moved.
    package static func prepare(
        context: AuthContext, facts: AuthFacts, generation: UInt64, gathering: PreparedAuth.Gathering,
        now: Timestamp, previous: PreparedAuth? = nil, changed: WarmDirt = .everything, isStale: Bool = false
    ) -> PreparedAuth {
        let evaluator = ProviderEvaluator(context: context, facts: facts, now: now)
        let reusable = reusableAnswers(previous, context: context, facts: facts, changed: changed, now: now)
        let shared = reusable?.shared ?? evaluator.sharedAnswers()
        var agents: [AgentID: AgentAnswers] = [:]
        agents.reserveCapacity(context.agents.count)
        for agent in context.agents {
            if let reusable, !changed.sources.contains(.store(agent.store)),
                let own = reusable.own[agent.id], !own.contains(where: { $0.value.hasChanged(by: now) })
            {
                agents[agent.id] = AgentAnswers(shared: shared, own: own)
            } else {
                agents[agent.id] = AgentAnswers(shared: shared, own: evaluator.ownAnswers(of: agent))
            }
        }
        return PreparedAuth(
            generation: generation, preparedAt: now, gathering: gathering, isStale: isStale, context: context,
            facts: facts, agents: agents, nextChange: nextChange(shared: shared, agents: agents, after: now))
    }

    /// The answers that are others in `new`, in the order of agents and providers.
    package static func changes(from old: PreparedAuth?, to new: PreparedAuth) -> [AuthChange] {
        guard let old else { return [] }
        var changes: [AuthChange] = []
        // Whatever all agents share is compared once and reported for each agent it holds for.
        let oldShared = old.agents.first?.value.shared ?? [:]
        let newShared = new.agents.first?.value.shared ?? [:]
        let moved = Set(newShared.keys).union(oldShared.keys).filter {
            newShared[$0]?.meaning != oldShared[$0]?.meaning
        }
        for agent in new.context.agents {
            guard let after = new.agents[agent.id] else { continue }
            let before = old.agents[agent.id]
            var candidates = moved.union(after.own.keys)
            if let before { candidates.formUnion(before.own.keys) } else { candidates = after.providers }
            for provider in candidates.sorted() {
                guard let answer = after[provider], answer.meaning != before?[provider]?.meaning else { continue }
                changes.append(AuthChange(agent: agent.id, provider: provider, availability: answer))
            }
        }
        return changes
    }

    /// What `previous` still has right: only single agents' stores were read again, under the same settings.
    private static func reusableAnswers(
        _ previous: PreparedAuth?, context: AuthContext, facts: AuthFacts, changed: WarmDirt, now: Timestamp
    ) -> (shared: [ProviderID: Availability], own: [AgentID: [ProviderID: Availability]])? {
        guard let previous, !previous.isStale, !changed.includesEverything, !changed.sources.isEmpty,
            previous.context == context, !changed.sources.contains(.store(context.mainStore)),
            changed.sources.allSatisfy({ if case .store = $0 { true } else { false } }),
            previous.facts.environment == facts.environment,
            previous.facts.secretSources == facts.secretSources,
            let shared = previous.agents.first?.value.shared,
            !shared.contains(where: { $0.value.hasChanged(by: now) })
        else { return nil }
        return (shared, previous.agents.mapValues(\.own))
    }

    private static func nextChange(
        shared: [ProviderID: Availability], agents: [AgentID: AgentAnswers], after now: Timestamp
    ) -> Timestamp? {
        var soonest: Timestamp?
        func consider(_ answers: [ProviderID: Availability]) {
            for answer in answers.values {
                guard let at = answer.changesAt, at > now else { continue }
                if soonest.map({ at < $0 }) ?? true { soonest = at }
            }
        }
        consider(shared)
        for answers in agents.values { consider(answers.own) }
        return soonest
    }
}

extension Availability {
    /// Whether the instant at which this answer changes by itself has come.
    fileprivate func hasChanged(by now: Timestamp) -> Bool { changesAt.map { $0 <= now } ?? false }

    /// The part of an answer that somebody waits for. A login that was renewed in the meantime is no news.
    fileprivate var meaning: Availability {
        guard case .available(var evidence) = self else { return self }
        evidence.expiresAt = nil
        return .available(evidence)
    }
}
