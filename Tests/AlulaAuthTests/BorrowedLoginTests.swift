import AlulaModels
import AlulaPrimitives
import Testing

@testable import AlulaAuth

/// Logins that other tools keep: they are laid over what is stored each time, so they come and go with their files.
struct BorrowedLoginTests {
    private let claude: ProfileID = "anthropic:claude-cli"

    private func effective(
        main: StoreFact = StoreFact(), agent: StoreFact? = nil, _ logins: [LoginTool: Reading<LoginFact>]
    ) -> EffectiveStore {
        EffectiveStore.merging(main: main, agent: agent, now: noon).overlaying(logins: logins, now: noon)
    }

    // upstream: 10.10 persisted-boundary
    @Test func goesWithItsFile() {
        let stored = StoreFact(profiles: ["groq:a": .key("groq")])
        #expect(effective(main: stored, [.claudeCode: LoginFact.sample(.claudeCode)]).profiles[claude] != nil)
        #expect(effective(main: stored, [.claudeCode: .absent]).profiles.keys.sorted() == ["groq:a"])
    }

    // upstream: 10.10 persisted-boundary
    @Test func reachesAnAgentThatHasAStoreOfItsOwn() {
        let own = StoreFact(profiles: ["groq:a": .key("groq")], order: ["openai": []])
        let store = effective(agent: own, [.claudeCode: LoginFact.sample(.claudeCode)])
        #expect(store.profiles.keys.sorted() == [claude, "groq:a"])
        #expect(store.profiles[claude]?.owner == .tool(.claudeCode))
        #expect(store.order == ["openai": []])
    }

    // upstream: 10.10 store-cache
    @Test func aChangedLoginChangesTheAnswerThoughTheStoreIsTheSame() {
        var context = AuthContext.sample()
        context.providerIDs = ["claude-cli", "groq"]
        var facts = AuthFacts(stores: [
            context.mainStore: .found(StoreFact(profiles: ["groq:a": .key("groq")]), version: 1)
        ])
        func prepare(_ previous: PreparedAuth?, _ dirt: WarmDirt) -> PreparedAuth {
            AuthPreparer.prepare(
                context: context, facts: facts, generation: (previous?.generation ?? 0) + 1, gathering: .worker,
                now: noon, previous: previous, changed: dirt)
        }
        let first = prepare(nil, .everything)
        facts.logins[.claudeCode] = LoginFact.sample(.claudeCode)
        let second = prepare(first, .source(.login(.claudeCode)))
        #expect(first.answer("claude-cli", for: .main)?.isAvailable == false)
        #expect(second.answer("claude-cli", for: .main)?.isAvailable == true)
        #expect(second.answer("groq", for: .main)?.isAvailable == true)
    }

    // upstream: 10.10 model-auth
    @Test func oneToolsLoginSaysNothingAboutAnotherProvider() {
        let store = effective([.claudeCode: LoginFact.sample(.claudeCode)])
        #expect(store.profiles.keys.sorted() == [claude])
        for provider in ["anthropic", "openai", "minimax-portal"] as [ProviderID] {
            let order = ProfileOrder.resolve(provider, in: store, context: .sample(), now: noon)
            #expect(order.eligible.isEmpty)
        }
    }

    /// A tool whose login has ended: said once, not retried, and well again when the tool has a new one.
    @Test(.bug(id: "B38")) func anEndedLoginIsToldOnceAndRecoversWithItsFile() {
        var context = AuthContext.sample()
        context.providerIDs = ["claude-cli"]
        var facts = AuthFacts(logins: [.claudeCode: LoginFact.sample(.claudeCode)])
        func prepare(_ previous: PreparedAuth?, at now: Timestamp) -> PreparedAuth {
            AuthPreparer.prepare(
                context: context, facts: facts, generation: (previous?.generation ?? 0) + 1, gathering: .worker,
                now: now, previous: previous, changed: .evaluationOnly)
        }
        let live = prepare(nil, at: noon)
        let ended = prepare(live, at: .noon(plus: .hours(2)))
        #expect(ended.answer("claude-cli", for: .main) == .unavailable(.expired, until: nil))
        #expect(AuthPreparer.changes(from: live, to: ended).map(\.provider) == ["claude-cli"])
        #expect(ended.nextChange == nil)
        let later = prepare(ended, at: .noon(plus: .hours(27)))
        #expect(AuthPreparer.changes(from: ended, to: later).isEmpty)
        facts.logins[.claudeCode] = LoginFact.sample(.claudeCode, left: .hours(28))
        let renewed = AuthPreparer.prepare(
            context: context, facts: facts, generation: 4, gathering: .worker, now: .noon(plus: .hours(27)),
            previous: later, changed: .source(.login(.claudeCode)))
        #expect(renewed.answer("claude-cli", for: .main)?.isAvailable == true)
    }
}
