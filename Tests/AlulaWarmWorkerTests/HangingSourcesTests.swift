import AlulaAuth
import AlulaPrimitives
import AlulaSystem
import Synchronization
import Testing

@testable import AlulaWarmWorker

/// Sources that hang take their own threads and nobody else's.
@Suite(.timeLimit(.minutes(1)))
struct HangingSourcesTests {
    private let items = (0..<240).map { GatherPlan.Item.store($0) }

    // If reading held a thread of the cooperative pool, the tasks in between would never end.
    @Test(.bug(id: "B01"), .bug(id: "B03")) func tasksGoOnWhileEveryStoreHangs() async throws {
        let reading = Gate()
        let gate = Gate()
        defer { gate.open() }
        let reader = FakeReader { item in
            reading.open()
            gate.pass()
            return item.absent
        }
        let pool = BlockingPool()
        let gathering = Task { [items] in
            try await BlockingPoolGatherer(pool: pool, reader: reader)
                .gather(GatherPlan(items: items, sourceDeadlineMilliseconds: 60_000), deadline: .after(.seconds(60)))
        }
        try await pool.run("wait for the reader", deadline: .after(.seconds(60))) { reading.pass() }
        let ended = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<500 {
                group.addTask {
                    await Task.yield()
                    return 1
                }
            }
            return await group.reduce(0, +)
        }
        #expect(ended == 500)
        gate.open()
        #expect(try await gathering.value.readings.count == items.count)
    }
}
