import AlulaPrimitives
import Testing

@testable import AlulaAuth

struct CallerScopeTests {
    private let fingerprint = FactVersion(rawValue: 9)

    private var prepared: PreparedAuth {
        let context = AuthContext(
            agents: [.init(id: .main, store: StoreID("/s"), workspace: "/w")], defaultAgent: .main,
            mainStore: StoreID("/s"), providerIDs: ["openai"], fingerprint: fingerprint)
        return AuthPreparer.prepare(
            context: context, facts: AuthFacts(), generation: 1, gathering: .worker, now: Timestamp(milliseconds: 1))
    }

    private func mismatch(_ change: (inout CallerScope) -> Void) -> ScopeMismatch? {
        var scope = CallerScope(agent: .main, fingerprint: fingerprint)
        change(&scope)
        return prepared.mismatch(with: scope)
    }

    // upstream: 10.1 6, 10.1 7, 10.1 8, 10.1 9, 10.1 10
    @Test func servesOnlyThoseForWhomItWasPrepared() {
        #expect(mismatch { _ in } == nil)
        #expect(mismatch { $0.workspace = "/w" } == nil)
        #expect(mismatch { $0.agent = "other" } == .agent)
        #expect(mismatch { $0.fingerprint = FactVersion(rawValue: 8) } == .settings)
        #expect(mismatch { $0.workspace = "/elsewhere" } == .workspace)
        #expect(mismatch { $0.store = StoreID("/t") } == .store)
        #expect(mismatch { $0.countsToolLogins = false } == .toolLogins)
        #expect(mismatch { $0.countsKeyless = false } == .keyless)
    }
}
