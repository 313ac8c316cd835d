import AlulaAuth
import AlulaPrimitives
import AlulaSystem
import Synchronization
import Testing

@testable import AlulaWarmWorker

struct FallbackGathererTests {
    /// Fails as told, or answers.
    private struct Fake: FactGathering {
        let code: GatherError.Code?

        func gather(_ plan: GatherPlan, deadline: Deadline) async throws -> GatheredFacts {
            if let code { throw GatherError(code, "As told.") }
            return GatheredFacts(readings: plan.items.map(\.absent), gathering: .worker)
        }
    }

    private func gather(_ worker: any FactGathering) async throws -> (facts: GatheredFacts, substitutions: Int) {
        let count = Mutex(0)
        let gatherer = FallbackGatherer(
            worker: worker, substitute: BlockingPoolGatherer(pool: BlockingPool(), reader: FakeReader()),
            onSubstitution: { error in
                #expect(error.code == .cannotStart)
                count.withLock { $0 += 1 }
            })
        let facts = try await gatherer.gather(FakeWorker.plan, deadline: .after(.seconds(60)))
        return (facts, count.withLock { $0 })
    }

    @Test func prefersTheWorker() async throws {
        let (facts, substitutions) = try await gather(Fake(code: nil))
        #expect(facts.gathering == .worker)
        #expect(substitutions == 0)
    }

    @Test func readsInThisProcessWhereNoWorkerStarts() async throws {
        let (facts, substitutions) = try await gather(WarmWorkerClient(executable: "/nowhere/alula", arguments: []))
        #expect(facts == GatheredFacts(readings: FakeWorker.readings, gathering: .blockingPool))
        #expect(substitutions == 1)
    }

    @Test(arguments: GatherError.Code.allCases.filter { $0 != .cannotStart })
    func leavesOtherFailuresToTheCaller(code: GatherError.Code) async {
        let error = await #expect(throws: GatherError.self) { try await gather(Fake(code: code)) }
        #expect(error?.code == code)
    }
}
