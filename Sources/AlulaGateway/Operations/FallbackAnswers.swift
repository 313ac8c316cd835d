import AlulaAuth
import AlulaPrimitives
import AlulaSystem

/// Computes answers for one caller whom no prepared snapshot fits, through the same facts and the same evaluation.
struct FallbackAnswers: Sendable {
    let gatherer: any FactGathering
    let pool: BlockingPool
    let now: @Sendable () -> Timestamp

    /// The answers of one agent under `state`. What is known already is not read again, except the two stores.
    func answers(
        for agent: AgentID, in state: LoadedState, knowing facts: AuthFacts?, deadline: Deadline
    ) async throws -> PreparedAuth {
        var inputs = state.inputs(knowing: facts)
        let stores = Set(
            [state.context.mainStore] + state.context.agents.filter { $0.id == agent }.map(\.store))
        let isKnown = facts != nil
        inputs.items = inputs.items.filter { item in
            if case .store(let store, _, _) = item { return stores.contains(store) }
            return !isKnown
        }
        inputs.context.agents = inputs.context.agents.filter { $0.id == agent }
        let gathered = try await gatherer.gather(inputs.plan(for: .everything), deadline: deadline)
        let (time, final, base) = (now(), inputs, facts ?? AuthFacts())
        return try await pool.run("weigh facts for one caller", deadline: deadline) {
            var facts = base
            facts.environment = final.environment
            for reading in gathered.readings { facts.apply(reading) }
            return AuthPreparer.prepare(
                context: final.context, facts: facts, generation: 0, gathering: gathered.gathering, now: time)
        }
    }
}
