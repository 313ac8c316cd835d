import AlulaPrimitives
import Testing

@testable import AlulaAuth

struct AuthPreparerTests {
    private let now = Timestamp(milliseconds: 1_780_000_000_000)
    private let main = StoreID("/state/agents/main/agent")
    private let digest = FactVersion(rawValue: 7)

    private func context(agents count: Int) -> AuthContext {
        let agents = (0..<count).map { number in
            let id = number == 0 ? AgentID.main : AgentID("agent-\(number)")
            return AuthContext.Agent(
                id: id, store: StoreID("/state/agents/\(id)/agent"), workspace: "/w/\(id)")
        }
        return AuthContext(
            agents: agents, defaultAgent: .main, mainStore: main, providerIDs: ["openai", "groq", "mistral"])
    }

    private func store(_ provider: ProviderID, cooldown: Timestamp? = nil) -> Reading<StoreFact> {
        let id = ProfileID.standard(for: provider)
        var fact = StoreFact(
            origin: .profiles, profiles: [id: ProfileFact(provider: provider, kind: .apiKey, inlineDigest: digest)])
        if let cooldown { fact.usage[id] = ProfileUsage(cooldownUntil: cooldown, cooldownReason: .overloaded) }
        return .found(fact, version: digest)
    }

    private func prepare(
        _ context: AuthContext, _ facts: AuthFacts, previous: PreparedAuth? = nil, changed: WarmDirt = .everything,
        at time: Timestamp? = nil
    ) -> PreparedAuth {
        AuthPreparer.prepare(
            context: context, facts: facts, generation: (previous?.generation ?? 0) + 1, gathering: .worker,
            now: time ?? now, previous: previous, changed: changed)
    }

    // upstream: 10.1 1: one lookup serves all providers, and all agents without logins of their own
    @Test func agentsWithoutAStoreOfTheirOwnShareTheMainAnswers() {
        let prepared = prepare(context(agents: 3), AuthFacts(stores: [main: store("openai")]))
        for agent in ["main", "agent-1", "agent-2"] as [AgentID] {
            #expect(prepared.answer("openai", for: agent)?.isAvailable == true)
            #expect(prepared.agents[agent]?.own.isEmpty == true)
        }
    }

    // upstream: 10.2 1
    @Test func aProviderKnownOnlyThroughAStoreIsPreparedToo() {
        let other = StoreID("/state/agents/agent-1/agent")
        let prepared = prepare(
            context(agents: 2), AuthFacts(stores: [main: store("runtime-only"), other: store("mine-only")]))
        #expect(prepared.answer("runtime-only", for: .main)?.isAvailable == true)
        #expect(prepared.answer("mine-only", for: "agent-1")?.isAvailable == true)
        #expect(prepared.answer("mine-only", for: .main) == nil)
    }

    @Test func whatIsPreparedIsWhatTheEvaluatorSays() {
        let context = context(agents: 4)
        var facts = AuthFacts(stores: [main: store("openai", cooldown: now.advanced(by: .seconds(9)))])
        facts.stores[StoreID("/state/agents/agent-1/agent")] = store("groq")
        facts.stores[StoreID("/state/agents/agent-2/agent")] = .timedOut(afterMilliseconds: 2000)
        facts.environment.origins["MISTRAL_API_KEY"] = .process
        let prepared = prepare(context, facts)
        let evaluator = ProviderEvaluator(context: context, facts: facts, now: now)
        for agent in context.agents {
            for provider in context.providerIDs {
                #expect(
                    prepared.answer(provider, for: agent.id)
                        == evaluator.evaluate(provider, for: agent.id).availability)
            }
        }
    }

    @Test func weighingOneStoreAgainEqualsWeighingAll() {
        let context = context(agents: 5)
        var facts = AuthFacts(stores: [main: store("openai")])
        let first = prepare(context, facts)
        let changedStore = StoreID("/state/agents/agent-3/agent")
        facts.stores[changedStore] = store("groq")
        let partial = prepare(context, facts, previous: first, changed: .source(.store(changedStore)))
        let whole = prepare(context, facts)
        #expect(partial.agents == whole.agents)
        #expect(
            AuthPreparer.changes(from: first, to: partial).map { "\($0.agent) \($0.provider)" } == ["agent-3 groq"])
    }

    @Test func aMainStoreChangeReachesEveryAgent() {
        let context = context(agents: 3)
        let first = prepare(context, AuthFacts(stores: [main: .absent]))
        let second = prepare(
            context, AuthFacts(stores: [main: store("openai")]), previous: first, changed: .source(.store(main)))
        let changes = AuthPreparer.changes(from: first, to: second)
        #expect(changes.map(\.agent) == ["main", "agent-1", "agent-2"])
        #expect(Set(changes.map(\.provider)) == ["openai"])
    }

    @Test func theNextChangeIsTheSoonestEndOfAWindow() {
        let context = context(agents: 2)
        var facts = AuthFacts(stores: [main: store("openai", cooldown: now.advanced(by: .seconds(60)))])
        facts.stores[StoreID("/state/agents/agent-1/agent")] = store("groq", cooldown: now.advanced(by: .seconds(9)))
        #expect(prepare(context, facts).nextChange == now.advanced(by: .seconds(9)))
        let later = prepare(context, facts, at: now.advanced(by: .seconds(9)))
        #expect(later.answer("groq", for: "agent-1")?.isAvailable == true)
        #expect(later.nextChange == now.advanced(by: .seconds(60)))
    }

    @Test func aRenewedLoginIsNoNews() {
        let context = context(agents: 1)
        func facts(_ seconds: Int64) -> AuthFacts {
            AuthFacts(
                stores: [main: .absent],
                logins: [
                    .codex: .found(
                        LoginFact(
                            tool: .codex, kind: .oauth, digest: digest,
                            expiry: .at(now.advanced(by: .seconds(seconds))),
                            modified: now, path: "/c"), version: digest)
                ])
        }
        let first = prepare(context, facts(4000))
        let second = prepare(context, facts(8000), previous: first)
        #expect(AuthPreparer.changes(from: first, to: second).isEmpty)
    }

    @Test func aNewAgentIsReportedWhole() {
        let first = prepare(context(agents: 1), AuthFacts(stores: [main: store("openai")]))
        let second = prepare(context(agents: 2), AuthFacts(stores: [main: store("openai")]), previous: first)
        #expect(Set(AuthPreparer.changes(from: first, to: second).map(\.agent)) == ["agent-1"])
    }
}
