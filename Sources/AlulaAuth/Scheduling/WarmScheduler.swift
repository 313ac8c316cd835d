package import AlulaPrimitives
import Synchronization

/// Keeps the prepared answer true: gathers what is dirty, weighs it, publishes it, and wakes when a window ends.
///
/// Everything slow happens elsewhere: gathering in the worker, weighing on the blocking pool. The actor itself only
/// moves values, so whoever calls it is answered at once.
package actor WarmScheduler {
    /// When a whole warm has to be over.
    package static let warmDeadline = Duration.seconds(120)
    /// How long a source that went bad is left alone before it is believed: editors and other programs write in
    /// several steps.
    package static let confirmationPause = Duration.milliseconds(150)
    /// How long the scheduler sleeps before it looks at the wall clock again: that can be set, and goes on while the
    /// machine sleeps.
    package static let longestSleep = Duration.seconds(1)

    /// The newest ``status``, readable from any thread without waiting for the actor.
    package nonisolated let statusSource = WarmStatusSource()

    private let source: PreparedAuthSource
    private let gatherer: any FactGathering
    private let observer: any WarmObserving
    private let offloading: any ComputeOffloading
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Timestamp
    private let jitter: @Sendable () -> Double

    private var machine: WarmStateMachine
    private var inputs: WarmInputs?
    /// What the sources say, without what is held over them.
    private var facts = AuthFacts()
    private var holds = UsageHolds()
    private var scopeMisses: [String: UInt64] = [:]
    private var warm: (generation: UInt64, task: Task<Void, Never>)?
    private var alarm: (at: Timestamp, task: Task<Void, Never>)?
    private var waiters: [UInt64: (generation: UInt64, continuation: CheckedContinuation<Void, Never>)] = [:]
    private var lastWaiter: UInt64 = 0
    private var isStopped = false

    /// - Parameters:
    ///   - restored: The last run's snapshot, which is served until the first warm ends.
    ///   - jitter: A number in 0..<1, drawn anew for each pause.
    package init(
        source: PreparedAuthSource, gatherer: any FactGathering, observer: any WarmObserving,
        offloading: any ComputeOffloading, clock: any Clock<Duration>, now: @escaping @Sendable () -> Timestamp,
        jitter: @escaping @Sendable () -> Double, restored: PreparedAuth? = nil
    ) {
        self.source = source
        self.gatherer = gatherer
        self.observer = observer
        self.offloading = offloading
        self.clock = clock
        self.now = now
        self.jitter = jitter
        machine = WarmStateMachine(generation: restored?.generation ?? 0)
        if let restored {
            facts = restored.facts
            source.publish(restored)
        }
    }

    /// What the warm is doing.
    package var status: WarmStatus {
        var status = machine.status
        status.scopeMisses = scopeMisses
        if let current = source.current { status.isServingStale = status.isServingStale || current.isStale }
        return status
    }

    /// The facts behind what is served.
    package var knownFacts: AuthFacts { facts.holding(holds) }

    /// Whether something waits for the running warm to end.
    var machineCoversMore: Bool { machine.coveringGeneration > machine.status.generation }

    /// Takes new settings, environment or agents. What moved is read again; the rest is only weighed again. A warm
    /// that was at work on the old ones is stopped.
    package func update(_ inputs: WarmInputs, trigger: WarmStatus.Trigger) {
        let old = self.inputs
        guard old != inputs else { return }
        self.inputs = inputs
        let dirt = old.map { inputs.dirt(since: $0) } ?? .everything
        perform(machine.requested(trigger, dirt: dirt, supersedes: old != nil, at: now()))
    }

    /// Asks for `dirt` to be looked at again.
    package func request(_ trigger: WarmStatus.Trigger, dirt: WarmDirt) {
        guard inputs != nil else { return }
        perform(machine.requested(trigger, dirt: dirt, supersedes: false, at: now()))
    }

    /// Asks for `dirt` and returns when a warm that covers it has ended, well or not.
    ///
    /// - Parameter patience: How long to wait at most; the warm goes on after that. `nil` for as long as it takes.
    package func refresh(
        _ trigger: WarmStatus.Trigger, dirt: WarmDirt, waitingAtMost patience: Duration? = nil
    ) async {
        request(trigger, dirt: dirt)
        guard inputs != nil, !isStopped else { return }
        await wait(for: machine.coveringGeneration, atMost: patience)
    }

    /// Returns when some warm has ended, well or not; at once when one has.
    package func firstWarm() async {
        guard machine.status.lastResult == nil, !isStopped else { return }
        await wait(for: 1, atMost: nil)
    }

    /// Takes what a helper program behind `secrets.providers` answered.
    package func helperAnswered(alias: String, _ reading: Reading<SecretSourceFact>, trigger: WarmStatus.Trigger) {
        guard inputs?.secretHelpers[alias] != reading else { return }
        inputs?.secretHelpers[alias] = reading
        perform(machine.requested(trigger, dirt: .evaluationOnly, supersedes: false, at: now()))
    }

    /// Lets what was just recorded about a profile hold over whatever its store says, until it is let go. The answer
    /// follows at once, whatever a warm is waiting for meanwhile.
    ///
    /// - Parameter revision: Grows with each change; an older one than is held changes nothing.
    package func hold(
        _ usage: ProfileUsage, of profile: ProfileID, in store: StoreID, revision: UInt64, trigger: WarmStatus.Trigger
    ) async {
        guard holds.hold(usage, of: profile, in: store, revision: revision), inputs != nil else { return }
        perform(machine.requested(trigger, dirt: .evaluationOnly, supersedes: false, at: now()))
        if machineCoversMore { await answerMeanwhile() }
    }

    /// Believes the store again. Whoever held something calls this after the store has been read with the change in
    /// it.
    package func letGo(of profile: ProfileID, in store: StoreID, revision: UInt64) {
        guard let held = holds.letGo(of: profile, in: store, revision: revision), inputs != nil else { return }
        // As a rule the store says the same, and there is nothing to weigh.
        guard facts.stores[store]?.fact.map({ $0.usage[profile] ?? ProfileUsage() != held }) ?? true else { return }
        perform(machine.requested(.fileChange, dirt: .evaluationOnly, supersedes: false, at: now()))
    }

    /// Lets it be known that a login could not be renewed, until it could: `nil`. The answer follows at once.
    ///
    /// - Parameter token: The digest of the refresh token. A login that somebody renews otherwise has another one.
    package func hold(_ trouble: RenewalTrouble?, of token: FactVersion) async {
        guard holds.hold(trouble, of: token, in: facts), inputs != nil else { return }
        let trigger: WarmStatus.Trigger = trouble == nil ? .profileRecovery : .profileFailure
        perform(machine.requested(trigger, dirt: .evaluationOnly, supersedes: false, at: now()))
        if machineCoversMore { await answerMeanwhile() }
    }

    /// Counts an answer that had to be computed for a caller outside the prepared scope.
    package func countScopeMiss(_ mismatch: ScopeMismatch) {
        scopeMisses[mismatch.rawValue, default: 0] += 1
        statusSource.replace(status)
    }

    /// Ends whatever runs and starts nothing any more. Returns when the running warm is gone.
    package func stop() async {
        isStopped = true
        alarm?.task.cancel()
        alarm = nil
        if let warm {
            warm.task.cancel()
            await warm.task.value
        }
        release(upTo: .max)
    }

    private func release(upTo generation: UInt64) {
        for (id, waiter) in waiters where waiter.generation <= generation { letGo(id) }
    }

    private func wait(for generation: UInt64, atMost patience: Duration?) async {
        lastWaiter += 1
        let id = lastWaiter
        // Ended with the wait, below.
        let timer = patience.map { patience in
            Task { [clock] in
                do { try await clock.sleep(for: patience) } catch { return }
                letGo(id)
            }
        }
        await withCheckedContinuation { waiters[id] = (generation, $0) }
        timer?.cancel()
    }

    private func letGo(_ waiter: UInt64) { waiters.removeValue(forKey: waiter)?.continuation.resume() }

    private func perform(_ action: WarmStateMachine.Action?) {
        defer {
            setAlarm()
            statusSource.replace(status)
        }
        guard !isStopped else { return }
        switch action {
        case .start(let start):
            // The handle is kept in `warm`; `stop()` or a supersession cancels it, its deadline ends it.
            warm = (start.generation, Task { await self.run(start) })
        case .cancel(let generation):
            if let warm, warm.generation == generation { warm.task.cancel() }
        case nil:
            break
        }
    }

    private func setAlarm() {
        guard !isStopped, let at = machine.nextWake else {
            alarm?.task.cancel()
            alarm = nil
            return
        }
        if let alarm, alarm.at == at { return }
        alarm?.task.cancel()
        // The handle is kept in `alarm`; the next alarm or `stop()` ends it.
        alarm = (
            at,
            Task { [clock, now] in
                var rest = at.duration(since: now())
                while rest > .zero {
                    do { try await clock.sleep(for: min(rest, Self.longestSleep)) } catch { return }
                    rest = at.duration(since: now())
                }
                self.alarmRang()
            }
        )
    }

    private func alarmRang() {
        guard !Task.isCancelled else { return }
        alarm = nil
        perform(machine.timePassed(at: now()))
    }

    private func run(_ start: WarmStateMachine.Start) async {
        guard let inputs else { return }
        await observer.warmStarted(start)
        let began = now()
        var gathering = source.current?.gathering ?? .worker
        do {
            var base = start.dirt.includesEverything ? AuthFacts() : facts
            let plan = inputs.plan(for: start.dirt)
            var timedOut: Set<FactSource> = []
            if !plan.items.isEmpty {
                let gathered = try await gather(plan, knowing: facts)
                gathering = gathered.gathering
                for reading in gathered.readings {
                    base.apply(reading)
                    if reading.isTimedOut { timedOut.insert(reading.source) }
                }
            }
            var prepared = try await prepare(
                base, changed: start.dirt, generation: start.generation, gathering: gathering)
            // What was recorded while this was weighed belongs in it: it was answered already.
            if prepared.holdsVersion != holds.version {
                prepared = try await prepare(
                    base, changed: start.dirt, generation: start.generation, gathering: gathering)
            }
            let lateness = await observer.warmEnding(start)
            guard machine.mayPublish(start.generation) else { throw CancellationError() }
            let ended = now()
            facts = prepared.facts
            holds.wereWeighed(at: prepared.holdsVersion)
            source.publish(prepared.answer)
            let result = WarmStatus.Result(
                outcome: .ok, trigger: start.trigger, endedAt: ended,
                durationMilliseconds: ended.duration(since: began).milliseconds, gathering: gathering,
                maximumLatenessMilliseconds: lateness)
            let action = machine.succeeded(
                generation: start.generation, result: result, timedOut: timedOut,
                windowEndsAt: prepared.answer.nextChange, jitter: jitter(), at: ended)
            let status = self.status
            perform(action)
            await observer.published(prepared.answer, changes: prepared.changes)
            await observer.warmEnded(result, generation: start.generation, status: status)
            release(upTo: start.generation)
        } catch is CancellationError {
            perform(machine.cancelled(generation: start.generation, at: now()))
        } catch {
            await fail(start, began: began, gathering: gathering, error: error)
        }
    }

    private func fail(
        _ start: WarmStateMachine.Start, began: Timestamp, gathering: PreparedAuth.Gathering, error: any Error
    ) async {
        let known = error as? GatherError
        let lateness = await observer.warmEnding(start)
        let ended = now()
        let result = WarmStatus.Result(
            outcome: known?.code == .deadlineExceeded ? .timedOut : .failed, trigger: start.trigger, endedAt: ended,
            durationMilliseconds: ended.duration(since: began).milliseconds, gathering: gathering,
            errorCode: known?.code.rawValue ?? "internal", message: known?.message ?? "The warm failed.",
            maximumLatenessMilliseconds: lateness)
        if machine.mayPublish(start.generation) {
            let action = machine.failed(generation: start.generation, result: result, jitter: jitter(), at: ended)
            let status = self.status
            perform(action)
            await observer.warmEnded(result, generation: start.generation, status: status)
            release(upTo: start.generation)
        } else {
            perform(machine.cancelled(generation: start.generation, at: ended))
        }
    }

    /// Gathers, and looks twice at a source that was good and seems broken: it may be half written.
    private func gather(_ plan: GatherPlan, knowing old: AuthFacts) async throws -> GatheredFacts {
        let deadline = Deadline.after(Self.warmDeadline)
        var gathered = try await gatherer.gather(plan, deadline: deadline)
        let suspects = Set(gathered.readings.filter { $0.isFailed && old.isFound($0.source) }.map(\.source))
        guard !suspects.isEmpty else { return gathered }
        try await clock.sleep(for: Self.confirmationPause)
        var again = plan
        again.items = plan.items.filter { suspects.contains($0.source) }
        gathered.readings += try await gatherer.gather(again, deadline: deadline).readings
        return gathered
    }

    /// Weighs what is known under the present generation, while a warm waits for some source.
    private func answerMeanwhile() async {
        guard let current = source.current, !isStopped else { return }
        let prepared: Prepared
        do {
            prepared = try await prepare(
                facts, changed: .evaluationOnly, generation: current.generation, gathering: current.gathering,
                isStale: current.isStale)
        } catch {
            // The warm that was asked for answers instead.
            return
        }
        guard source.current?.generation == current.generation else { return }
        source.publish(prepared.answer)
        await observer.published(prepared.answer, changes: prepared.changes)
    }

    /// A weighed answer, before it is served.
    private struct Prepared {
        var answer: PreparedAuth
        var changes: [AuthChange]
        /// What the sources say, without what was held over them.
        var facts: AuthFacts
        var holdsVersion: UInt64
    }

    private func prepare(
        _ base: AuthFacts, changed: WarmDirt, generation: UInt64, gathering: PreparedAuth.Gathering,
        isStale: Bool = false
    ) async throws -> Prepared {
        guard let inputs else { throw CancellationError() }
        let (previous, holds, now) = (source.current, holds, now())
        return try await offloading.compute {
            var facts = base
            facts.environment = inputs.environment
            facts.secretSources.merge(inputs.secretHelpers) { _, helper in helper }
            facts.keepOnly(inputs)
            var changed = changed
            changed.sources.formUnion(holds.touched.map { .store($0) })
            let answer = AuthPreparer.prepare(
                context: inputs.context, facts: facts.holding(holds), generation: generation, gathering: gathering,
                now: now, previous: previous, changed: changed, isStale: isStale)
            return Prepared(
                answer: answer, changes: AuthPreparer.changes(from: previous, to: answer), facts: facts,
                holdsVersion: holds.version)
        }
    }
}

/// Hands out the warm's newest status.
package final class WarmStatusSource: Sendable {
    private let status = Mutex(WarmStatus(isServingStale: true))

    package var current: WarmStatus { status.withLock { $0 } }

    fileprivate func replace(_ new: WarmStatus) { status.withLock { $0 = new } }
}
