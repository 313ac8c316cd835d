import AlulaAuth
import AlulaCredentials
import AlulaJSON
import AlulaPrimitives
import AlulaServer
import AlulaState
import AlulaSystem
import AlulaTestSupport
import AlulaWarmWorker
import Logging
import Synchronization

@testable import AlulaGateway

/// The parts of a gateway that keep answers true, on real files and without a server.
final class KeeperBench: Sendable {
    let scene: Installation
    let pool = BlockingPool()
    let prepared = PreparedAuthSource()
    let gatherer: RecordingGatherer
    let scheduler: WarmScheduler
    let keeper: StateKeeper
    let watcher: FileWatcher
    let now = Timestamp(milliseconds: 1_780_000_000_000)
    private let ended = AsyncStream<WarmStatus.Result>.makeStream()

    init(_ configuration: String, variables: [String: String] = [:]) throws {
        let scene = try Installation(configuration)
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let (clock, now, pool) = (ManualClock(), now, pool)
        let journal = WarmJournal(logger: quiet)
        gatherer = RecordingGatherer(BlockingPoolGatherer(pool: pool, reader: CredentialReaders.facts))
        // Each look at the clock finds it a little later, so that no changed file is held back for good.
        let ticking = TickingTime(from: now, step: WarmStateMachine.fileChangeSpacing)
        scheduler = WarmScheduler(
            source: prepared, gatherer: gatherer, observer: journal, offloading: PoolComputing(pool: pool),
            clock: clock,
            now: { ticking.next() }, jitter: { 0 })
        watcher = try FileWatcher()
        let helpers = SecretHelperService(
            resolver: SecretResolver(pool: pool, helpers: SecretHelpers(pool: pool)), clock: clock, logger: quiet)
        let keeper = StateKeeper(
            loader: scene.loader(variables), initial: scene.load(variables), pool: pool, scheduler: scheduler,
            watcher: watcher, helpers: helpers, clock: clock, logger: quiet)
        self.keeper = keeper
        self.scene = scene
        let ended = ended.continuation
        journal.introduce(
            WarmJournal.Listeners(
                published: { answer, _ in await keeper.published(answer) }, ended: { ended.yield($0) }))
    }

    deinit { watcher.stop() }

    /// What the server's methods call.
    func operations(
        isReadOnly: Bool = false, responsiveness: @escaping @Sendable () -> JSONValue? = { nil }
    ) -> LiveOperations {
        let now = now
        let board = HealthBoard(
            version: "1.2.3", states: keeper.source, prepared: prepared, warm: scheduler.statusSource, pool: pool,
            now: { now }, responsiveness: { nil })
        return LiveOperations(
            startedAt: .now, prepared: prepared, states: keeper.source, scheduler: scheduler,
            keeper: keeper, logins: StoreEditor(pool: pool, isReadOnly: isReadOnly, now: { now }),
            desk: DeviceDesk(
                files: DeviceFiles(scene.layout), pool: pool,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: { now }),
            fallback: FallbackAnswers(gatherer: gatherer, pool: pool, now: { now }),
            logs: LogTail(pool: pool, redactor: LogRedactor()) { [scene] in scene.path("alula.log") },
            board: board, now: { now },
            responsiveness: responsiveness, metrics: { "" })
    }

    /// What the next gathering was asked to read.
    func nextPlan() async -> GatherPlan? {
        var iterator = gatherer.plans.stream.makeAsyncIterator()
        return await iterator.next()
    }

    /// How the next warm ended.
    func nextEnded() async -> WarmStatus.Result? {
        var iterator = ended.stream.makeAsyncIterator()
        return await iterator.next()
    }
}

/// Reads like the gateway does, remembers what it was asked to, and fails on demand.
final class RecordingGatherer: FactGathering {
    let plans = AsyncStream<GatherPlan>.makeStream()
    private let base: BlockingPoolGatherer
    private let failing = Mutex(false)

    init(_ base: BlockingPoolGatherer) { self.base = base }

    /// From now on every gathering fails.
    func fail() { failing.withLock { $0 = true } }

    func gather(_ plan: GatherPlan, deadline: Deadline) async throws -> GatheredFacts {
        plans.continuation.yield(plan)
        if failing.withLock({ $0 }) { throw GatherError(.exited, "The worker ended.") }
        return try await base.gather(plan, deadline: deadline)
    }
}

/// A wall clock that moves on by `step` whenever somebody looks at it.
final class TickingTime: Sendable {
    private let step: Duration
    private let time: Mutex<Timestamp>

    init(from start: Timestamp, step: Duration) {
        self.step = step
        time = Mutex(start)
    }

    func next() -> Timestamp {
        time.withLock { time in
            time = time.advanced(by: step)
            return time
        }
    }
}
