import AlulaAuth
import AlulaConfiguration
import AlulaJSON
import AlulaPrimitives
import AlulaState
import AlulaSystem
import Logging

/// Keeps the loaded state true while files change, and tells the scheduler and the watcher what follows from it.
actor StateKeeper {
    /// How long one load of configuration and variables may take.
    static let loadDeadline = Duration.seconds(10)
    /// How long a file that can't be read is left alone before it is looked at again: it may be half written.
    static let retryPause = Duration.milliseconds(300)

    nonisolated let source: LoadedStateSource
    /// Where the configuration is shown and changed.
    nonisolated let configurationDesk: ConfigurationDesk

    private let pool: BlockingPool
    private let scheduler: WarmScheduler
    private let watcher: FileWatcher?
    private let helpers: SecretHelperService
    private let clock: any Clock<Duration>
    private let logger: Logger
    /// Hears of each loaded state, and of what is touched by what is new in it. It waits for nothing.
    private let replaced: @Sendable (LoadedState, Set<ReloadPlan.Effect>) -> Void
    /// Hears what came of each reading after the first. It waits for nothing.
    private let hasRead: @Sendable (ConfigurationReading) -> Void
    /// Hears that files of devices have changed.
    private let devicesChanged: @Sendable () async -> Void
    /// Hears that the file of API keys has changed.
    private let apiKeysChanged: @Sendable () async -> Void
    private var loader: StateLoader
    private var watchPlan: WatchPlan?
    private var reportedProblems: [ConfigurationProblem] = []
    private var wasUnreadable = false
    /// Whether every look since the one that asked for another found a file without contents.
    private var isBlankThroughout = false
    private var isRetryDue = false
    /// Ends with the load that was asked for last.
    private var turn: Task<Void, Never>?

    init(
        loader: StateLoader, initial: LoadedState, pool: BlockingPool, scheduler: WarmScheduler,
        watcher: FileWatcher?, helpers: SecretHelperService, clock: any Clock<Duration>, logger: Logger,
        replaced: @escaping @Sendable (LoadedState, Set<ReloadPlan.Effect>) -> Void = { _, _ in },
        hasRead: @escaping @Sendable (ConfigurationReading) -> Void = { _ in },
        devicesChanged: @escaping @Sendable () async -> Void = {},
        apiKeysChanged: @escaping @Sendable () async -> Void = {}
    ) {
        self.loader = loader
        source = LoadedStateSource(initial)
        configurationDesk = loader.makeDesk(pool: pool)
        self.pool = pool
        self.scheduler = scheduler
        self.watcher = watcher
        self.helpers = helpers
        self.clock = clock
        self.logger = logger
        self.replaced = replaced
        self.hasRead = hasRead
        self.devicesChanged = devicesChanged
        self.apiKeysChanged = apiKeysChanged
    }

    /// Starts the first warm, watches what it reads, and asks helper programs.
    func start() async {
        report(source.current)
        await apply(trigger: .start)
    }

    /// Looks at what changed on disk until the watcher ends.
    func run() async {
        await withDiscardingTaskGroup { group in
            while let paths = await watcher?.changes() {
                guard let plan = watchPlan else { continue }
                let meanings = plan.meanings(of: paths)
                let sources = Set(
                    meanings.compactMap { meaning -> FactSource? in
                        if case .source(let source) = meaning { source } else { nil }
                    })
                if !sources.isEmpty { await scheduler.request(.fileChange, dirt: WarmDirt(sources: sources)) }
                // They wait for a disk of their own, so that one that hangs holds up nothing here.
                if meanings.contains(.devices) { group.addTask { await self.devicesChanged() } }
                if meanings.contains(.apiKeys) { group.addTask { await self.apiKeysChanged() } }
                guard meanings.contains(.configuration) || meanings.contains(.models) else { continue }
                guard source.current.configuration.gateway.reload.mode != .off else { continue }
                if await reloadAfterChange() {
                    group.addTask { [clock] in
                        repeat {
                            do { try await clock.sleep(for: Self.retryPause) } catch { return }
                        } while await self.retry()
                    }
                }
            }
        }
    }

    /// Reads configuration and variables again and lets what changed take effect. Where the file is followed, one that is
    /// empty at this moment counts later, by the second look.
    func reload(_ trigger: WarmStatus.Trigger) async {
        await inTurn {
            let isFollowed = self.source.current.configuration.gateway.reload.mode != .off
            await self.load(trigger, acceptsBlank: !isFollowed)
        }
    }

    /// - Returns: Whether what was found has to be looked at again after ``retryPause``.
    private func reloadAfterChange() async -> Bool {
        await inTurn {
            await self.load(.reload, acceptsBlank: false)
            return await self.claimRetry()
        }
    }

    /// One second look is enough, however many changes told of the same half-written file.
    private func claimRetry() -> Bool {
        guard wasUnreadable, !isRetryDue else { return false }
        isRetryDue = true
        isBlankThroughout = source.current.isFoundBlank
        return true
    }

    /// - Returns: Whether another look is due: the file was empty now and something else before, so that somebody may be
    ///   in the middle of writing it anew.
    private func retry() async -> Bool {
        await inTurn {
            let acceptsBlank = await self.retryBegins()
            await self.load(.reload, acceptsBlank: acceptsBlank)
            guard self.source.current.isFoundBlank else { return false }
            return await self.claimRetry()
        }
    }

    /// - Returns: Whether the file may be believed to be empty.
    private func retryBegins() -> Bool {
        isRetryDue = false
        return isBlankThroughout
    }

    /// One load after the other: of two that overlap, the one that read first could have the last word.
    private func inTurn<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) async -> Value {
        let before = turn
        // Its end is awaited here, and by whoever comes next; the deadlines of a load end it.
        let task = Task {
            await before?.value
            return await body()
        }
        turn = Task { _ = await task.value }
        return await task.value
    }

    /// - Parameter acceptsBlank: Whether a file without contents may replace one that had some.
    private func load(_ trigger: WarmStatus.Trigger, acceptsBlank: Bool) async {
        let old = source.current
        let loader = loader
        let fresh: LoadedState
        do {
            fresh = try await pool.run("load configuration", deadline: .after(Self.loadDeadline)) {
                loader.load(previous: old.loaded, acceptsBlank: acceptsBlank)
            }
        } catch {
            hasRead(.failed)
            logger.warning(
                "The configuration could not be read again; the running one stays",
                metadata: [LogKey.errorCause: "\(error)"])
            return
        }
        source.replace(fresh)
        hasRead(fresh.isUnreadable ? .unreadable : .ok)
        if !fresh.isFoundBlank { isBlankThroughout = false }
        report(fresh)
        let plan = Self.plan(from: old, to: fresh)
        if let plan { announce(plan) }
        // What a pointer leads to may be another secret although the configuration is the same.
        replaced(fresh, (plan?.effects ?? []).union(trigger == .secrets ? [.secrets] : []))
        await apply(trigger: trigger)
    }

    /// What the login shell exports fills what is unset.
    func shellAnswered(_ variables: [String: Secret]) async {
        loader.shellVariables = variables
        await reload(.reload)
    }

    /// A snapshot was published: its stores may hold pointers that nobody followed yet.
    func published(_ prepared: PreparedAuth) async {
        let state = source.current
        let inputs = state.inputs(knowing: prepared.facts, helpers: await helpers.readings)
        await scheduler.update(inputs, trigger: .secrets)
        await helpers.want(state.helperReferences(knowing: prepared.facts), in: state)
    }

    /// Asks every helper program again and reads every source.
    ///
    /// - Returns: How many pointers lead to nothing.
    func reloadSecrets() async -> Int {
        await reload(.secrets)
        await helpers.askAgain()
        await scheduler.refresh(.secrets, dirt: .everything)
        return await helpers.unresolvedCount
    }

    private func apply(trigger: WarmStatus.Trigger) async {
        let state = source.current
        let facts = await scheduler.knownFacts
        let inputs = state.inputs(knowing: facts, helpers: await helpers.readings)
        watch(inputs, state: state)
        await scheduler.update(inputs, trigger: trigger)
        await helpers.want(state.helperReferences(knowing: facts), in: state)
    }

    private func watch(_ inputs: WarmInputs, state: LoadedState) {
        let plan = WatchPlan(
            items: inputs.items, configurationPaths: state.configurationPaths, modelPaths: state.modelPaths,
            devicePaths: state.layout.devicePaths, apiKeyPaths: [state.layout.apiKeys])
        watchPlan = plan
        // What is new has been read since then or is read by the warm that follows, so only later changes are news.
        watcher?.watch(plan.paths, reportingChangesSince: state.loadedAt)
    }

    // MARK: Telling

    /// Each problem once, as long as it stays the same.
    private func report(_ state: LoadedState) {
        defer { reportedProblems = state.problems }
        for problem in state.problems where !reportedProblems.contains(problem) {
            logger.log(level: problem.severity == .error ? .error : .warning, "\(problem)")
        }
        if state.isUnreadable, !wasUnreadable {
            logger.error("The configuration file can't be used as it is; the last good one stays in force")
        }
        wasUnreadable = state.isUnreadable
    }

    private static func plan(from old: LoadedState, to new: LoadedState) -> ReloadPlan? {
        guard let before = old.loaded, let after = new.loaded else { return nil }
        return ReloadPlan(
            from: before.resolved, to: after.resolved, ignoring: before.unknownPaths.union(after.unknownPaths))
    }

    private func announce(_ plan: ReloadPlan) {
        guard !plan.isNothing || plan.needsRestart else { return }
        logger.notice(
            "Configuration reloaded",
            metadata: ["paths": "\(plan.changedPaths.map(\.description).joined(separator: ","))"])
        if plan.needsRestart {
            logger.warning(
                "A change takes effect after a restart",
                metadata: ["paths": "\(plan.restartPaths.map(\.description).joined(separator: ","))"])
        }
    }
}
