import AlulaAuth
import AlulaConfiguration
import AlulaCredentials
import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import AlulaProviders
import AlulaServer
import AlulaState
import AlulaSystem
import AlulaTestSupport
import AlulaWarmWorker
import Logging
import Synchronization
import Testing

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
    let helpers: SecretHelperService
    let clock = ManualClock()
    let now = Timestamp(milliseconds: 1_780_000_000_000)
    private let journal = WarmJournal(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    private let ended = AsyncStream<WarmStatus.Result>.makeStream()

    init(
        _ configuration: String, variables: [String: String] = [:],
        replaced: @escaping @Sendable (LoadedState, Set<ReloadPlan.Effect>) -> Void = { _, _ in },
        devicesChanged: @escaping @Sendable () async -> Void = {}
    ) throws {
        let scene = try Installation(configuration)
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let (clock, now, pool) = (clock, now, pool)
        let journal = journal
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
        self.helpers = helpers
        let keeper = StateKeeper(
            loader: scene.loader(variables), initial: scene.load(variables), pool: pool, scheduler: scheduler,
            watcher: watcher, helpers: helpers, clock: clock, logger: quiet, replaced: replaced,
            devicesChanged: devicesChanged)
        self.keeper = keeper
        self.scene = scene
        let ended = ended.continuation
        journal.introduce(
            WarmJournal.Listeners(
                published: { answer, _ in await keeper.published(answer) }, ended: { ended.yield($0) }))
    }

    deinit {
        watcher.stop()
        // It tells the keeper, which holds the scheduler, which tells it; so their threads and watches would stay.
        journal.introduce(WarmJournal.Listeners())
        pool.shutdown()
    }

    /// What the server's methods call.
    func operations(
        isReadOnly: Bool = false, quotas: QuotaDesk? = nil,
        responsiveness: @escaping @Sendable () -> JSONValue? = { nil }
    ) -> LiveOperations {
        let now = now
        let board = HealthBoard(
            version: "1.2.3", states: keeper.source, prepared: prepared, warm: scheduler.statusSource, pool: pool,
            now: { now }, responsiveness: responsiveness)
        return LiveOperations(
            startedAt: .now, prepared: prepared, states: keeper.source, scheduler: scheduler,
            keeper: keeper, logins: editor(isReadOnly: isReadOnly),
            desk: DeviceDesk(
                files: DeviceFiles(scene.layout), pool: pool,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: { now }),
            fallback: FallbackAnswers(gatherer: gatherer, pool: pool, now: { now }),
            inference: InferenceDesk(driver: driver()),
            use: UsageDesk(
                path: scene.layout.usage, pool: pool, now: { now }, utcOffset: { _ in 0 }),
            quotas: quotas ?? self.quotas(ScriptedQuotaEndpoint()),
            logs: LogTail(pool: pool, redactor: { LogRedactor() }) { [scene] in scene.path("alula.log") },
            board: board, now: { now },
            responsiveness: responsiveness, metrics: { "" })
    }

    /// Asks `providers` for answers of models.
    ///
    /// - Parameters:
    ///   - recorder: Takes down how calls end; `nil` takes nothing down.
    ///   - use: Hears what requests took.
    func driver(
        _ providers: [APIKind: any ModelProvider]? = nil, recorder: (any ProfileUsageRecording)? = nil,
        stalls: @escaping @Sendable () -> UInt64 = { 0 }, use: @escaping @Sendable (UsageRecord) -> Void = { _ in }
    ) -> FailoverDriver {
        let now = now
        let source = keeper.source
        return FailoverDriver(
            providers: providers ?? [.alulaEcho: EchoProvider(clock: clock)],
            evaluators: EvaluatorSource(states: keeper.source, prepared: prepared),
            recorder: recorder ?? NoRecorder(),
            book: UsageBook(
                now: { now }, catalog: { source.edition.state.catalog }, take: { record, _ in use(record) }),
            probes: SharedProbes(), pins: SessionPins(), now: { now }, stalls: stalls,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private struct NoRecorder: ProfileUsageRecording {
        func record(_ call: ProfileCall) async {}
        func recentUsage(for agent: AgentID) async -> [ProfileID: ProfileUsage] { [:] }
    }

    func editor(isReadOnly: Bool = false) -> StoreEditor {
        StoreEditor(layout: scene.layout, pool: pool, isReadOnly: isReadOnly, now: { [now] in now })
    }

    /// Has helper programs asked, and their answers weighed, while `body` runs.
    func askingHelpers(_ body: () async throws -> Void) async throws {
        let scheduler = scheduler
        await helpers.onAnswer { await scheduler.helperAnswered(alias: $0, $1, trigger: .secrets) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.helpers.run() }
            try await body()
            group.cancelAll()
        }
    }

    /// Follows changes of files while `body` runs.
    func watching(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.keeper.run() }
            try await body()
            watcher.stop()
            group.cancelAll()
        }
    }

    /// Lets warms end until the answer that is served is the one looked for.
    func warms(until isReached: (PreparedAuth?) -> Bool) async throws {
        while !isReached(prepared.current) { try #require(await nextEnded() != nil) }
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
    private enum Failing { case never, warms, always }

    let plans = AsyncStream<GatherPlan>.makeStream()
    private let base: BlockingPoolGatherer
    private let failing = Mutex(Failing.never)
    private let asked = Mutex<(plan: GatherPlan, deadline: Deadline)?>(nil)

    init(_ base: BlockingPoolGatherer) { self.base = base }

    /// What was asked for last, and until when.
    var lastAsked: (plan: GatherPlan, deadline: Deadline)? { asked.withLock { $0 } }

    /// From now on every gathering fails.
    func fail() { failing.withLock { $0 = .always } }

    /// From now on every gathering fails that has the time of a warm.
    func failWarms() { failing.withLock { $0 = .warms } }

    func gather(_ plan: GatherPlan, deadline: Deadline) async throws -> GatheredFacts {
        plans.continuation.yield(plan)
        asked.withLock { $0 = (plan, deadline) }
        let isWarm = deadline > .after(WarmScheduler.warmDeadline - .seconds(60))
        switch failing.withLock({ $0 }) {
        case .always,
            .warms where isWarm:
            throw GatherError(.exited, "The worker ended.")
        case .never, .warms: return try await base.gather(plan, deadline: deadline)
        }
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
