import AlulaPrimitives
import Testing

@testable import AlulaAuth

struct UsageHoldsTests {
    private let store = StoreID("/s")
    private let resting = ProfileUsage(cooldownUntil: Timestamp(milliseconds: 9), errorCount: 1)

    private func facts(_ reading: Reading<StoreFact>) -> AuthFacts { AuthFacts(stores: [store: reading]) }

    @Test func whatIsHeldLiesOverWhatTheStoreSays() {
        var holds = UsageHolds()
        let isNews = holds.hold(resting, of: "a:x", in: store, revision: 1)
        #expect(isNews)
        let said = StoreFact(usage: ["a:x": ProfileUsage(errorCount: 9), "b:x": ProfileUsage(errorCount: 2)])
        let held = facts(.found(said, version: FactVersion(rawValue: 3))).holding(holds)
        #expect(held.stores[store]?.fact?.usage == ["a:x": resting, "b:x": ProfileUsage(errorCount: 2)])
        #expect(facts(.absent).holding(holds).stores[store]?.fact?.usage == ["a:x": resting])
    }

    @Test func whatCanNotBeReadStaysSo() {
        var holds = UsageHolds()
        _ = holds.hold(resting, of: "a:x", in: store, revision: 1)
        for reading in [Reading<StoreFact>.pending, .timedOut(afterMilliseconds: 1)] {
            #expect(facts(reading).holding(holds) == facts(reading))
        }
    }

    @Test func anOlderChangeNeitherReplacesNorFreesANewerOne() {
        var holds = UsageHolds()
        let isNews = holds.hold(resting, of: "a:x", in: store, revision: 2)
        let isOldNews = holds.hold(ProfileUsage(), of: "a:x", in: store, revision: 1)
        #expect(isNews && !isOldNews)
        let older = holds.letGo(of: "a:x", in: store, revision: 1)
        let newer = holds.letGo(of: "a:x", in: store, revision: 2)
        #expect(older == nil && newer == resting)
        #expect(holds.isEmpty)
    }

    @Test func aStoreIsWeighedAgainUntilAnAnswerHasTakenItIn() {
        var holds = UsageHolds()
        _ = holds.hold(resting, of: "a:x", in: store, revision: 1)
        let version = holds.version
        _ = holds.hold(resting, of: "b:x", in: StoreID("/t"), revision: 2)
        holds.wereWeighed(at: version)
        #expect(holds.touched == [store, StoreID("/t")])
        holds.wereWeighed(at: holds.version)
        #expect(holds.touched.isEmpty)
    }
}
