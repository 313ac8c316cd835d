import AlulaAuth
import AlulaJSON
import AlulaPrimitives
import AlulaServer
import Testing

@testable import AlulaGateway

struct ReadinessTests {
    // upstream: 10.9 readiness
    @Test(.timeLimit(.minutes(1))) func theGatewayIsReadyFromTheFirstSnapshotOn() async throws {
        let bench = try KeeperBench("{}")
        let operations = bench.operations()
        #expect(!operations.readiness().isReady)
        #expect(operations.readiness().failing == ["startup-sidecars"])
        await bench.keeper.start()
        _ = await bench.nextEnded()
        #expect(operations.readiness().isReady)
        #expect(operations.readiness().failing.isEmpty)
    }

    // upstream: 10.9 readiness
    @Test(.timeLimit(.minutes(1))) func howThreadsKeepTimeIsShownAndChangesNothing() async throws {
        let bench = try KeeperBench("{}")
        await bench.keeper.start()
        _ = await bench.nextEnded()
        let late: JSONValue = ["degraded": true, "reasons": ["event_loop_delay"]]
        let readiness = bench.operations(responsiveness: { late }).readiness()
        #expect(readiness.isReady)
        #expect(readiness.failing.isEmpty)
        #expect(readiness.eventLoop == late)
    }
}

/// What all agents share is read once, however many there are.
struct SharedSourcesTests {
    private func items(agents count: Int) throws -> [GatherPlan.Item] {
        let list = (1...count).map { "{id: 'agent-\($0)'}" }.joined(separator: ", ")
        return try Installation("{agents: {list: [\(list)]}}").load().inputs(knowing: nil).items
    }

    private func shared(_ items: [GatherPlan.Item]) -> [FactSource] {
        items.map(\.source).filter { if case .store = $0 { false } else { true } }
    }

    @Test(.bug(id: "B06")) func moreAgentsAddTheirStoresAndNothingElse() throws {
        let (few, many) = (try items(agents: 1), try items(agents: 20))
        #expect(shared(few) == shared(many))
        #expect(many.count - few.count == 19)
    }
}
