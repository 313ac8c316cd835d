import AlulaPrimitives
import AlulaTestSupport
import Synchronization
import Testing

@testable import AlulaSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

struct SidecarLockTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private static let noon = Timestamp(milliseconds: 1_795_608_000_000)

    /// Pauses that take no time; each is passed to `onSleep`.
    private func pause(
        at now: Timestamp = noon, random: Double = 0, onSleep: @escaping @Sendable (Duration) -> Void = { _ in }
    ) -> LockPause {
        LockPause(now: { now }, sleep: onSleep, random: { random })
    }

    private func tryAcquire(at now: Timestamp = noon) throws -> SidecarLock? {
        try BlockingContext.permit { try SidecarLock.tryAcquire(for: directory("store.json"), pause: pause(at: now)) }
    }

    private func release(_ lock: SidecarLock?) { BlockingContext.permit { lock?.release() } }

    @Test func writesWhoHoldsItSinceWhen() throws {
        let lock = try tryAcquire()
        #expect(
            try directory.text("store.json.lock") == "{\"pid\":\(getpid()),\"createdAt\":\"\(Self.noon.iso8601)\"}\n")
        #expect(try tryAcquire() == nil)
        release(lock)
        #expect(try directory.names.isEmpty)
    }

    @Test func isOneLockForAllWaysToTheStore() throws {
        symlink(directory.path, directory("link"))
        let lock = try tryAcquire()
        let other = try BlockingContext.permit {
            try SidecarLock.tryAcquire(for: directory("link/store.json"), pause: pause())
        }
        #expect(other == nil)
        release(lock)
    }

    @Test func pausesTwiceAsLongBeforeEachFurtherAttempt() throws {
        let holder = try tryAcquire()
        let pauses = Mutex<[Int64]>([])
        let error = #expect(throws: SystemError.self) {
            try BlockingContext.permit {
                try SidecarLock.acquire(
                    for: directory("store.json"),
                    pause: pause { pause in pauses.withLock { $0.append(pause.milliseconds) } })
            }
        }
        #expect(error?.code == .lockHeld)
        #expect(error?.message.contains("pid \(getpid())") == true)
        #expect(pauses.withLock { $0 } == [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000])
        release(holder)
    }

    @Test func spreadsItsPausesAndKeepsThemBelowTheMaximum() {
        let policy = SidecarLock.Policy.store
        #expect(policy.pause(before: 0, random: 0.5) == .milliseconds(150))
        #expect(policy.pause(before: 2, random: 1) == .milliseconds(800))
        #expect(policy.pause(before: 40, random: 1) == .seconds(10))
    }

    @Test func takesTheLockWhenItBecomesFree() throws {
        let holder = try #require(try tryAcquire())
        let lock = try BlockingContext.permit {
            try SidecarLock.acquire(for: directory("store.json"), pause: pause { _ in holder.release() })
        }
        #expect(BlockingContext.permit { lock.isStillHeld })
        release(lock)
    }

    @Test func stopsBeforeAPauseThatOutlastsTheDeadline() throws {
        let holder = try tryAcquire()
        let error = #expect(throws: SystemError.self) {
            try BlockingContext.permit {
                try SidecarLock.acquire(
                    for: directory("store.json"), deadline: .after(.milliseconds(1)),
                    pause: pause { _ in Issue.record("It slept past its deadline.") })
            }
        }
        #expect(error?.code == .lockHeld)
        release(holder)
    }

    @Test(arguments: [
        #"{"pid":2147483646,"createdAt":"2026-11-25T12:00:00.000Z"}"#,
        #"{"pid":2147483646}"#,
        #"{"createdAt":"2026-11-25T11:59:29Z"}"#,
        #"{"pid":1,"createdAt":"2026-11-25T11:59:29.000Z"}"#,
        #"{"pid":1,"createdAt":1795607969000}"#,
    ])
    func takesOverALockThatWasLeftBehind(note: String) throws {
        try directory.write("store.json.lock", note)
        let lock = try tryAcquire()
        #expect(lock != nil)
        #expect(try directory.names == ["store.json.lock"])
        release(lock)
    }

    @Test(arguments: [
        #"{"pid":1,"createdAt":"2026-11-25T11:59:31Z"}"#,
        #"{ "pid" : 1, "createdAt" : "2026-11-25T11:59:59.999Z", "maxHoldMs": 5 }"#,
    ])
    func respectsALockThatIsFresh(note: String) throws {
        try directory.write("store.json.lock", note)
        #expect(try tryAcquire() == nil)
        #expect(try directory.text("store.json.lock") == note)
    }

    @Test(arguments: ["", "{\"pid\":", "no note", #"{"pid":1,"createdAt":"2999-01-01T00:00:00Z"}"#])
    func judgesANoteItCannotUseByTheFilesAge(note: String) throws {
        try directory.write("store.json.lock", note)
        let written = try BlockingContext.permit { try FileIdentity.of(directory("store.json.lock")).modified }
        let time = Timestamp(milliseconds: written / 1_000_000)
        #expect(try tryAcquire(at: time.advanced(by: .seconds(29))) == nil)
        let lock = try tryAcquire(at: time.advanced(by: .seconds(31)))
        #expect(lock != nil)
        release(lock)
    }

    @Test func clearsWhatKilledHoldersLeft() throws {
        try directory.write(".store.json.lock.2147483646.dead.tmp", "{}")
        try directory.write(".store.json.lock.1.alive.tmp", "{}")
        release(try tryAcquire())
        #expect(try directory.names == [".store.json.lock.1.alive.tmp"])
    }

    @Test func leavesALockAloneThatIsNoLongerItsOwn() throws {
        let lock = try #require(try tryAcquire())
        unlink(directory("store.json.lock"))
        try directory.write("store.json.lock", #"{"pid":1}"#)
        #expect(BlockingContext.permit { !lock.isStillHeld })
        release(lock)
        #expect(try directory.text("store.json.lock") == #"{"pid":1}"#)
    }

    @Test func refusesADirectoryThatIsNotThere() throws {
        let error = #expect(throws: SystemError.self) {
            try BlockingContext.permit { try SidecarLock.tryAcquire(for: directory("missing/store.json")) }
        }
        #expect(error?.code == .notFound)
    }

    @Test func letsOneOfManyThreadsInAtATime() async throws {
        let pool = BlockingPool()
        let inside = Monitor((now: 0, most: 0))
        let directory = directory
        let pause = pause { _ in sched_yield() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { [inside] in
                    try await pool.run("lock", deadline: .after(.seconds(60))) {
                        for _ in 0..<10 {
                            let policy = SidecarLock.Policy(
                                retries: .max, minimumPause: .microseconds(50), maximumPause: .milliseconds(1),
                                stale: .seconds(3600))
                            let lock = try SidecarLock.acquire(
                                for: directory("store.json"), policy: policy, pause: pause)
                            inside.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                            inside.withLock { $0.now -= 1 }
                            lock.release()
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(inside.withLock { $0.most } == 1)
    }
}
