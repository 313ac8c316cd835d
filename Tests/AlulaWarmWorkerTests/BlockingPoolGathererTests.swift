import AlulaAuth
import AlulaPrimitives
import AlulaSystem
import Synchronization
import Testing

@testable import AlulaWarmWorker

struct BlockingPoolGathererTests {
    private let items = (0..<50).map { GatherPlan.Item.store($0) }

    @Test func readsEverythingInThePlansOrder() async throws {
        let gatherer = BlockingPoolGatherer(pool: BlockingPool(), reader: FakeReader())
        let gathered = try await gatherer.gather(GatherPlan(items: items), deadline: .after(.seconds(60)))
        #expect(gathered == GatheredFacts(readings: items.map(\.absent), gathering: .blockingPool))
    }

    @Test func readsNoMoreAtOnceThanItMay() async throws {
        let counts = Mutex((now: 0, most: 0))
        let reader = FakeReader { item in
            counts.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            defer { counts.withLock { $0.now -= 1 } }
            return item.absent
        }
        let gatherer = BlockingPoolGatherer(pool: BlockingPool(), reader: reader, parallelism: 2)
        _ = try await gatherer.gather(GatherPlan(items: items), deadline: .after(.seconds(60)))
        #expect(counts.withLock { $0.most } <= 2)
    }

    @Test func givesUpSourcesThatHangAndReadsTheRest() async throws {
        let gate = Gate()
        defer { gate.open() }
        let hanging = items[3]
        let reader = FakeReader { item in
            if item == hanging { gate.pass() }
            return item.absent
        }
        let gatherer = BlockingPoolGatherer(pool: BlockingPool(), reader: reader, parallelism: 1)
        let plan = GatherPlan(items: Array(items.prefix(6)), sourceDeadlineMilliseconds: 400)
        let gathered = try await gatherer.gather(plan, deadline: .after(.seconds(60)))
        #expect(gathered.readings[3] == hanging.timedOut(afterMilliseconds: 400))
        #expect(gathered.readings.filter(\.isTimedOut).count == 1)
    }

    @Test func endsAtTheDeadline() async {
        let gate = Gate()
        defer { gate.open() }
        let reader = FakeReader { item in
            gate.pass()
            return item.absent
        }
        let gatherer = BlockingPoolGatherer(pool: BlockingPool(), reader: reader)
        let error = await #expect(throws: GatherError.self) {
            try await gatherer.gather(GatherPlan(items: items), deadline: .after(.milliseconds(30)))
        }
        #expect(error?.code == .deadlineExceeded)
    }

    @Test func endsWithItsCaller() async {
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
        await #expect(throws: Never.self) {
            try await pool.run("wait for the reader", deadline: .after(.seconds(60))) { reading.pass() }
        }
        gathering.cancel()
        await #expect(throws: CancellationError.self) { try await gathering.value }
    }

    @Test func saysWhenThePoolTakesNothing() async {
        let pool = BlockingPool()
        pool.shutdown()
        let error = await #expect(throws: GatherError.self) {
            try await BlockingPoolGatherer(pool: pool, reader: FakeReader())
                .gather(GatherPlan(items: items), deadline: .after(.seconds(60)))
        }
        #expect(error?.code == .saturated)
    }
}
