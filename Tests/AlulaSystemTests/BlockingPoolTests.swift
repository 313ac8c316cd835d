import AlulaPrimitives
import Synchronization
import Testing

@testable import AlulaSystem

/// Holds threads until it is opened; opening is the only thing that ends a wait.
final class Gate: Sendable {
    private let monitor = Monitor((isOpen: false, waiting: 0))

    /// Blocks the calling thread until ``open()``.
    func wait() {
        var isCounted = false
        monitor.wait { state in
            if !isCounted { state.waiting += 1 }
            isCounted = true
            return state.isOpen ? .done(()) : .wait(on: 0, until: nil)
        }
    }

    func open() {
        monitor.withLock { $0.isOpen = true }
        monitor.signalAll()
    }

    var waiting: Int { monitor.withLock { $0.waiting } }
}

/// Yields until `condition` holds; gives up after a generous while.
func eventually(_ condition: @Sendable () -> Bool) async -> Bool {
    let patience = Deadline.after(.seconds(20))
    while !patience.hasPassed {
        if condition() { return true }
        await Task.yield()
    }
    return condition()
}

struct BlockingPoolTests {
    private func pool(threads: Int = 2, maximumThreads: Int = 8, maximumQueued: Int = 16) -> BlockingPool {
        var settings = BlockingPool.Settings()
        settings.threads = threads
        settings.maximumThreads = maximumThreads
        settings.maximumQueued = maximumQueued
        return BlockingPool(settings)
    }

    @Test func returnsWhatTheBodyReturnsOnAThreadThatMayBlock() async throws {
        let role = try await pool().run("test", deadline: .after(.seconds(20))) { ThreadRole.current }
        #expect(role == .blocking)
    }

    @Test func throwsWhatTheBodyThrows() async {
        await #expect(throws: ErrorNumber(2)) {
            try await pool().run("test", deadline: .after(.seconds(20))) { throw ErrorNumber(2) }
        }
    }

    @Test func runsManyJobsOnFewThreads() async throws {
        let pool = pool(maximumQueued: 1000)
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<500 {
                group.addTask { try await pool.run("add", deadline: .after(.seconds(20))) { number } }
            }
            return try await group.reduce(0, +)
        }
        #expect(sum == 124_750)
        #expect(pool.statistics.threads <= 2)
        #expect(await eventually { pool.statistics.completed == 500 })
    }

    @Test func stopsWaitingAtTheDeadlineThoughTheBodyNeverReturns() async throws {
        let pool = pool()
        let gate = Gate()
        defer { gate.open() }
        let error = await #expect(throws: SystemError.self) {
            try await pool.run("hang", deadline: .after(.milliseconds(50))) { gate.wait() }
        }
        #expect(error?.code == .deadlineExceeded)
        #expect(pool.statistics.stuck == 1)
    }

    @Test func replacesStuckThreadsAndLetsThemGoAfterwards() async throws {
        let pool = pool(threads: 2, maximumThreads: 8)
        let gate = Gate()
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    let error = await #expect(throws: SystemError.self) {
                        try await pool.run("hang", deadline: .after(.milliseconds(50))) { gate.wait() }
                    }
                    #expect(error?.code == .deadlineExceeded)
                }
            }
        }
        let answer = try await pool.run("work", deadline: .after(.seconds(20))) { 42 }
        #expect(answer == 42)
        #expect(pool.statistics.stuck >= 2)
        gate.open()
        #expect(await eventually { pool.statistics.stuck == 0 && pool.statistics.threads <= 2 })
    }

    @Test func growsNoFurtherThanItsMaximumAndTellsWaitersInTime() async throws {
        let pool = pool(threads: 1, maximumThreads: 2)
        let gate = Gate()
        defer { gate.open() }
        for _ in 0..<3 {
            let error = await #expect(throws: SystemError.self) {
                try await pool.run("hang", deadline: .after(.milliseconds(20))) { gate.wait() }
            }
            #expect(error?.code == .deadlineExceeded)
        }
        #expect(pool.statistics.threads == 2)
        #expect(gate.waiting == 2)
    }

    @Test func refusesWorkBeyondItsQueue() async throws {
        let pool = pool(threads: 1, maximumThreads: 1, maximumQueued: 1)
        let gate = Gate()
        async let held: Void = pool.run("hold", deadline: .after(.seconds(20))) { gate.wait() }
        #expect(await eventually { gate.waiting == 1 })
        async let queued: Void = pool.run("queue", deadline: .after(.seconds(20))) {}
        #expect(await eventually { pool.statistics.queued == 1 })
        let error = await #expect(throws: SystemError.self) {
            try await pool.run("refused", deadline: .after(.seconds(20))) {}
        }
        #expect(error?.code == .poolSaturated)
        gate.open()
        try await held
        try await queued
    }

    @Test func returnsEarlyWhenTheCallerIsCancelled() async throws {
        let pool = pool()
        let gate = Gate()
        defer { gate.open() }
        let task = Task { try await pool.run("hold", deadline: .after(.seconds(60))) { gate.wait() } }
        #expect(await eventually { gate.waiting == 1 })
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func neverRunsAJobThatWasWithdrawnFromTheQueue() async throws {
        let pool = pool(threads: 1, maximumThreads: 1)
        let gate = Gate()
        let wasRun = Atomic(false)
        async let held: Void = pool.run("hold", deadline: .after(.seconds(20))) { gate.wait() }
        #expect(await eventually { gate.waiting == 1 })
        let task = Task {
            try await pool.run("queued", deadline: .after(.seconds(20))) { wasRun.store(true, ordering: .relaxed) }
        }
        #expect(await eventually { pool.statistics.queued == 1 })
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(await eventually { pool.statistics.queued == 0 })
        gate.open()
        try await held
        try await pool.run("after", deadline: .after(.seconds(20))) {}
        let isRun = wasRun.load(ordering: .relaxed)
        #expect(!isRun)
    }

    @Test func failsWaitingAndLaterJobsAfterShutdown() async throws {
        let pool = pool(threads: 1, maximumThreads: 1)
        let gate = Gate()
        async let held: Int = pool.run("hold", deadline: .after(.seconds(20))) {
            gate.wait()
            return 7
        }
        #expect(await eventually { gate.waiting == 1 })
        let queued = Task { try await pool.run("queued", deadline: .after(.seconds(20))) {} }
        #expect(await eventually { pool.statistics.queued == 1 })
        pool.shutdown()
        let waiting = await #expect(throws: SystemError.self) { try await queued.value }
        #expect(waiting?.code == .poolShutDown)
        let later = await #expect(throws: SystemError.self) {
            try await pool.run("late", deadline: .after(.seconds(20))) {}
        }
        #expect(later?.code == .poolShutDown)
        gate.open()
        let kept = try await held
        #expect(kept == 7)
        #expect(await eventually { pool.statistics.threads == 0 })
    }

    @Test func refusesADeadlineThatHasPassed() async throws {
        let error = await #expect(throws: SystemError.self) {
            try await pool().run("late", deadline: .after(.zero)) {}
        }
        #expect(error?.code == .deadlineExceeded)
    }

    @Test func tellsEverybodyHoweverCloseTheirDeadlinesAre() async throws {
        var settings = BlockingPool.Settings()
        (settings.threads, settings.maximumThreads, settings.maximumQueued) = (1, 1, 4000)
        let core = BlockingPoolCore(settings)
        let gate = Gate()
        let told = Atomic(0)
        func job(_ deadline: Deadline) -> BlockingJob {
            BlockingJob(
                id: core.nextID(), label: "close", deadline: deadline, perform: { gate.wait() },
                abandon: { _ in told.wrappingAdd(1, ordering: .relaxed) })
        }
        try core.submit(job(.after(.seconds(60))))
        #expect(await eventually { gate.waiting == 1 })
        let first = Deadline.after(.milliseconds(300))
        for number in 0..<4000 { try core.submit(job(Deadline(first.instant + .microseconds(number * 10)))) }
        #expect(await eventually { told.load(ordering: .relaxed) == 4000 })
        gate.open()
        core.shutdown()
    }

    @Test func keepsDeadlinesWhileTheCooperativePoolIsHeld() async throws {
        let pool = pool()
        let gate = Gate()
        let lateness = Monitor<Duration?>(nil)
        let deadline = Deadline.after(.milliseconds(100))
        let core = BlockingPoolCore(BlockingPool.Settings())
        let job = BlockingJob(
            id: core.nextID(), label: "hang", deadline: deadline, perform: { gate.wait() },
            abandon: { _ in lateness.withLock { $0 = deadline.instant.duration(to: .now) } })
        try core.submit(job)
        try await withThrowingTaskGroup(of: Void.self) { group in
            // Every cooperative thread waits for a thread of the pool, which waits for the deadline.
            for _ in 0..<4 {
                group.addTask { [lateness] in
                    while lateness.withLock({ $0 == nil }), !Deadline(deadline.instant + .seconds(20)).hasPassed {}
                }
            }
            try await group.waitForAll()
        }
        gate.open()
        core.shutdown()
        pool.shutdown()
        #expect(lateness.withLock { $0 ?? .seconds(99) } < .seconds(2))
    }
}
