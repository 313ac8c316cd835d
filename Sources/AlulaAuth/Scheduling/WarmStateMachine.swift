package import AlulaPrimitives

/// Decides when a warm runs. Pure: events and times come in, at most one action goes out per call.
///
/// At most one warm is in flight. Requests that arrive meanwhile wait together and run once. Every start and every
/// supersession takes a new generation, and only the newest generation may publish. A failed warm leaves what is
/// served in place and is tried again after 1 s, 5 s and then every 30 s, each with up to a fifth more at random.
/// Changes of the configuration that come faster than a warm ends can put an answer off for ``supersessionLimit`` only.
/// Warms for changed files alone keep ``fileChangeSpacing`` between their starts: somebody who writes all the time
/// gets an answer that is a little older, and everybody else the processor.
package struct WarmStateMachine: Sendable {
    /// What the scheduler has to do next.
    package enum Action: Hashable, Sendable {
        case start(Start)
        /// Stop the warm of this generation; it may not publish any more.
        case cancel(generation: UInt64)
    }

    /// One warm to run.
    package struct Start: Hashable, Sendable {
        package var generation: UInt64
        package var trigger: WarmStatus.Trigger
        package var dirt: WarmDirt
    }

    private struct Pending {
        var trigger: WarmStatus.Trigger
        var dirt: WarmDirt
        /// Whether nothing but changed files asks for it.
        var isOnlyFileChange: Bool
    }

    private struct Running {
        var start: Start
        var since: Timestamp
        /// Only sources that failed to answer the last time; anything newer is more urgent.
        var isOnlySlow: Bool
    }

    /// The least time between the starts of two warms that only changed files ask for.
    package static let fileChangeSpacing = Duration.milliseconds(150)

    /// How long warms may be cancelled in a row without one that publishes. The next is let be, and what superseded it runs
    /// after it.
    package static let supersessionLimit = Duration.milliseconds(250)

    private static let retryPauses: [Duration] = [.seconds(1), .seconds(5), .seconds(30)]

    private var generation: UInt64
    private var running: Running?
    /// A cancelled warm that has not ended yet; nothing starts beside it.
    private var ending: UInt64?
    private var pending: Pending?
    /// When the first warm was superseded of those since the last that published.
    private var supersededSince: Timestamp?
    /// When a warm last started that only changed files had asked for.
    private var fileChangeStart: Timestamp?
    private var slowSources: Set<FactSource> = []
    private var slowAttempts = 0
    private var failedAttempts = 0
    private var retryAt: Timestamp?
    /// When a pause before another attempt last began. A clock that shows less has been set back.
    private var pausedAt: Timestamp?
    private var retryDirt = WarmDirt()
    private var slowRetryAt: Timestamp?
    private var windowEndsAt: Timestamp?
    private var lastResult: WarmStatus.Result?
    private var isServingStale = true

    /// - Parameter generation: The newest one ever used, so that a restart goes on counting.
    package init(generation: UInt64 = 0) { self.generation = generation }

    /// Somebody wants `dirt` looked at. A superseding request makes what a running warm gathers worthless, as after
    /// a change of the configuration: that warm is to be cancelled, unless too many were, and what it was about runs again.
    package mutating func requested(
        _ trigger: WarmStatus.Trigger, dirt: WarmDirt, supersedes: Bool, at now: Timestamp
    ) -> Action? {
        var wanted = pending ?? Pending(trigger: trigger, dirt: WarmDirt(), isOnlyFileChange: true)
        wanted.dirt.formUnion(dirt)
        wanted.isOnlyFileChange = wanted.isOnlyFileChange && trigger == .fileChange
        pending = wanted
        guard let running else { return startPending(at: now) }
        guard supersedes || running.isOnlySlow else { return nil }
        pending?.dirt.formUnion(running.start.dirt)
        guard running.isOnlySlow || maySupersede(at: now) else { return nil }
        let cancelled = running.start.generation
        generation += 1
        self.running = nil
        ending = cancelled
        return .cancel(generation: cancelled)
    }

    /// The warm of `generation` published its answers. `timedOut` lists the sources that did not answer in time,
    /// `windowEndsAt` is when an answer next changes by itself.
    package mutating func succeeded(
        generation: UInt64, result: WarmStatus.Result, timedOut: Set<FactSource>, windowEndsAt: Timestamp?,
        jitter: Double, at now: Timestamp
    ) -> Action? {
        guard let running, running.start.generation == generation else { return nil }
        self.running = nil
        supersededSince = nil
        lastResult = result
        failedAttempts = 0
        retryAt = nil
        retryDirt = WarmDirt()
        isServingStale = false
        self.windowEndsAt = windowEndsAt
        let read = running.start.dirt
        slowSources = slowSources.filter { !read.covers($0) }.union(timedOut)
        if slowSources.isEmpty {
            slowAttempts = 0
            slowRetryAt = nil
        } else if !timedOut.isEmpty || slowRetryAt == nil {
            pausedAt = now
            slowRetryAt = now.advanced(by: Self.pause(afterAttempt: slowAttempts, jitter: jitter))
            slowAttempts += 1
        }
        return startPending(at: now)
    }

    /// The warm of `generation` failed as a whole. What is served stays.
    package mutating func failed(
        generation: UInt64, result: WarmStatus.Result, jitter: Double, at now: Timestamp
    ) -> Action? {
        guard let running, running.start.generation == generation else { return nil }
        self.running = nil
        lastResult = result
        isServingStale = true
        retryDirt.formUnion(running.start.dirt)
        pausedAt = now
        retryAt = now.advanced(by: Self.pause(afterAttempt: failedAttempts, jitter: jitter))
        failedAttempts += 1
        return startPending(at: now)
    }

    /// The cancelled warm of `generation` has ended, so the next one may start.
    package mutating func cancelled(generation: UInt64, at now: Timestamp) -> Action? {
        guard ending == generation else { return nil }
        ending = nil
        return startPending(at: now)
    }

    /// The instant of ``nextWake`` may have come.
    package mutating func timePassed(at now: Timestamp) -> Action? {
        if let due = retryAt, isOver(due, at: now) {
            retryAt = nil
            let dirt = retryDirt
            retryDirt = WarmDirt()
            return requested(.retry, dirt: dirt, supersedes: false, at: now)
        }
        if let due = windowEndsAt, due <= now {
            windowEndsAt = nil
            return requested(.windowEnd, dirt: .evaluationOnly, supersedes: false, at: now)
        }
        if let due = slowRetryAt, isOver(due, at: now), running == nil {
            slowRetryAt = nil
            return requested(.retry, dirt: WarmDirt(sources: slowSources), supersedes: false, at: now)
        }
        return startPending(at: now)
    }

    /// When ``timePassed(at:)`` has to be called next; `nil` while only an event can change anything.
    package var nextWake: Timestamp? {
        [retryAt, windowEndsAt, running == nil ? slowRetryAt : nil, heldUntil].compactMap { $0 }.min()
    }

    /// The first generation that covers everything requested so far.
    package var coveringGeneration: UInt64 { pending == nil ? generation : generation + 1 }

    /// Whether the warm of `generation` may still publish.
    package func mayPublish(_ generation: UInt64) -> Bool { running?.start.generation == generation }

    /// What to show outside.
    package var status: WarmStatus {
        WarmStatus(
            generation: generation, runningSince: running?.since, runningTrigger: running?.start.trigger,
            lastResult: lastResult, nextRetryAt: [retryAt, slowRetryAt].compactMap { $0 }.min(),
            failedAttempts: failedAttempts,
            dirtySources: (pending?.dirt.sources.count ?? 0) + slowSources.count + retryDirt.sources.count,
            isServingStale: isServingStale)
    }

    private mutating func startPending(at now: Timestamp) -> Action? {
        guard running == nil, ending == nil, let next = pending else { return nil }
        if next.isOnlyFileChange {
            guard !isHeld(at: now) else { return nil }
            fileChangeStart = now
        }
        pending = nil
        generation += 1
        var dirt = next.dirt
        if retryAt != nil {
            // Whatever failed before rides along, so that one good warm mends everything.
            dirt.formUnion(retryDirt)
            retryDirt = WarmDirt()
            retryAt = nil
        }
        let isOnlySlow = !dirt.includesEverything && !dirt.sources.isEmpty && dirt.sources.isSubset(of: slowSources)
        let start = Start(generation: generation, trigger: next.trigger, dirt: dirt)
        running = Running(start: start, since: now, isOnlySlow: isOnlySlow)
        return .start(start)
    }

    /// Whether one more warm may be cancelled. A clock that went back lets it end, which mends itself.
    private mutating func maySupersede(at now: Timestamp) -> Bool {
        guard let first = supersededSince else {
            supersededSince = now
            return true
        }
        return (0..<Self.supersessionLimit.milliseconds).contains(now.milliseconds - first.milliseconds)
    }

    /// Whether a pause until `due` is over. A clock that went back must not make it last hours.
    private func isOver(_ due: Timestamp, at now: Timestamp) -> Bool {
        due <= now || pausedAt.map { now < $0 } ?? false
    }

    /// When what waits may start although only changed files ask for it; `nil` when something else decides.
    private var heldUntil: Timestamp? {
        guard running == nil, ending == nil, let pending, pending.isOnlyFileChange else { return nil }
        return fileChangeStart?.advanced(by: Self.fileChangeSpacing)
    }

    private func isHeld(at now: Timestamp) -> Bool {
        guard let last = fileChangeStart?.milliseconds else { return false }
        // A clock that went back holds nothing up.
        return (0..<Self.fileChangeSpacing.milliseconds).contains(now.milliseconds - last)
    }

    /// The pause before attempt number `attempt + 1`; `jitter` is in 0..<1.
    private static func pause(afterAttempt attempt: Int, jitter: Double) -> Duration {
        let base = retryPauses[min(attempt, retryPauses.count - 1)]
        return base + base * (min(max(jitter, 0), 1) / 5)
    }
}
