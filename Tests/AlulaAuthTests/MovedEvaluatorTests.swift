import AlulaPrimitives
import Testing

@testable import AlulaAuth

/// What was put together at one time serves at a later one, and only as long as it would come out the same.
struct MovedEvaluatorTests {
    private let now = Timestamp(milliseconds: 1_780_000_000_000)
    private let store = StoreID("/state/main")
    private let profile: ProfileID = "openai:default"

    /// A stored login that ends in ten minutes, and Codex's of the same owner, which lasts longer and stands in for it then.
    private func evaluator(at time: Timestamp) -> ProviderEvaluator {
        var context = AuthContext(agents: [], defaultAgent: .main, mainStore: store)
        context.providerIDs = ["openai"]
        let stored = ProfileFact(
            provider: "openai", kind: .oauth, inlineDigest: FactVersion(rawValue: 7),
            expiry: .at(now.advanced(by: .seconds(600))))
        let codex = LoginFact(
            tool: .codex, kind: .oauth, digest: FactVersion(rawValue: 3), expiry: .at(now.advanced(by: .seconds(9000))),
            modified: now, path: "/home/ada/.codex/auth.json")
        let facts = AuthFacts(
            stores: [store: .found(StoreFact(profiles: [profile: stored]), version: FactVersion(rawValue: 1))],
            logins: [.codex: .found(codex, version: FactVersion(rawValue: 2))])
        return ProviderEvaluator(context: context, facts: facts, now: time)
    }

    /// Logins count as ended five minutes before they do.
    @Test(arguments: [0, 1, 299, 300, 301, 600, 8699, 8700, 8701, 10_000])
    func saysTheSameAsOneThatIsMadeThen(seconds: Int) {
        let time = now.advanced(by: .seconds(seconds))
        let fresh = evaluator(at: time)
        let moved = evaluator(at: now).moved(to: time) ?? fresh
        #expect(moved.now == time)
        #expect(moved.effectiveStore(for: .main) == fresh.effectiveStore(for: .main))
        #expect(moved.evaluate("openai", for: .main) == fresh.evaluate("openai", for: .main))
    }

    @Test func isMadeAnewOnceALoginHasEnded() {
        let first = evaluator(at: now)
        #expect(first.moved(to: now.advanced(by: .seconds(299))) != nil)
        #expect(first.moved(to: now.advanced(by: .seconds(300))) == nil)
        // What has ended already makes no difference any more.
        let second = evaluator(at: now.advanced(by: .seconds(300)))
        #expect(second.moved(to: now.advanced(by: .seconds(8699))) != nil)
        #expect(second.moved(to: now.advanced(by: .seconds(8700))) == nil)
    }

    @Test func isMadeAnewWhenTheClockIsSetBack() {
        #expect(evaluator(at: now).moved(to: now.advanced(by: .milliseconds(-1))) == nil)
    }
}
