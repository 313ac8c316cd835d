import AlulaDiagnostics
import AlulaJSON
import AlulaPrimitives
import AlulaSystem
import Logging
import NIOCore
import Synchronization

/// Measures how late every event loop and the cooperative pool are, names what held a thread, and reports it.
///
/// A thread of its own watches the others, so that a stall is seen while it lasts and not afterwards.
final class ResponsivenessSampler: Sendable {
    /// When somebody started anew, and what the process had used of the processor by then.
    private struct Baseline {
        var at: ContinuousClock.Instant
        var cpu: Duration
    }

    private struct State {
        var monitor = ResponsivenessMonitor()
        var reporter = LivenessReporter()
        var health: Baseline
        var liveness: Baseline
        /// The number of the last stall that a log line of a bad state could name.
        var lastStall: UInt64 = 0
        var nextWindow = 0
        var openWindow: Int? { didSet { pace.isWatched = openWindow != nil } }
        var pace = TickPace()
        var isStopped = false
    }

    private let loops: [any EventLoop]
    private let lanes: [TickLane]
    private let pool: TickLane
    private let watch: StallWatch
    private let startedAt: ContinuousClock.Instant
    private let state: Mutex<State>
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private let work: @Sendable () -> LivenessReporter.Work
    private let ticked: @Sendable (Duration) -> Void

    /// - Parameters:
    ///   - ticked: Hears how late each tick of any thread was, on that thread. It waits for nothing.
    ///   - work: What is going on, for the log line of a bad state.
    init(
        loops: [any EventLoop], logger: Logger, now: @escaping @Sendable () -> Timestamp,
        ticked: @escaping @Sendable (Duration) -> Void = { _ in },
        work: @escaping @Sendable () -> LivenessReporter.Work = { .init() }
    ) {
        self.loops = loops
        self.logger = logger
        self.now = now
        self.ticked = ticked
        self.work = work
        lanes = loops.indices.map { TickLane(name: "event-loop-\($0)") }
        pool = TickLane(name: "cooperative-pool")
        watch = StallWatch(lanes: lanes + [pool], logger: logger, now: now)
        startedAt = ContinuousClock.now
        let baseline = Baseline(at: startedAt, cpu: ProcessUsage.processorTime)
        state = Mutex(State(health: baseline, liveness: baseline))
    }

    /// Ticks until the surrounding task is cancelled.
    func run() async {
        let signal = start()
        // This task comes by on the pool that is measured.
        while await signal.next() { ended(pool.tick(at: .now, measuresThread: false), of: pool) }
        stop()
    }

    /// Starts to tick on the loops and to watch all lanes, until ``stop()``; the caller answers the signal on the pool.
    func start() -> PoolSignal {
        let signal = PoolSignal()
        for index in loops.indices {
            // The first tick comes at once: from then on the thread is known.
            lanes[index].expectTick(at: .now)
            loops[index].execute { self.tick(index, signal) }
        }
        do {
            try SystemThread.start(name: "watchdog") { self.watchLanes() }
        } catch {
            logger.warning("Stalls can't be watched", metadata: [LogKey.errorCause: "\(error)"])
        }
        return signal
    }

    /// Ends the ticks and the watching thread, and what is reported.
    func stop() {
        state.withLock { state in
            state.isStopped = true
            state.monitor.stop()
        }
    }

    /// Ticks on the loop's thread and asks for the next tick, until the sampler stops.
    private func tick(_ index: Int, _ signal: PoolSignal) {
        let lane = lanes[index]
        let now = ContinuousClock.now
        let tick = lane.tick(at: now, measuresThread: true)
        ended(tick, of: lane)
        // This thread is awake anyway, so it asks the pool, which saves a timer.
        if index == 0 { signal.raise { pool.expectTick(at: now) } }
        guard let period = nextPeriod(afterWorking: tick.busy, onFirstLoop: index == 0) else { return }
        // Counted from now and not from when this one was due: a stall is one late tick and not a burst of them.
        lane.expectTick(at: ContinuousClock.now.advanced(by: period))
        loops[index].scheduleTask(in: TimeAmount(period)) { self.tick(index, signal) }
    }

    private func ended(_ tick: TickLane.Tick, of lane: TickLane) {
        watch.ended(tick, of: lane)
        ticked(tick.lateness)
    }

    /// The time to the next tick after one with so much work before it; `nil` when there shall be none.
    private func nextPeriod(afterWorking busy: Duration, onFirstLoop isFirst: Bool) -> Duration? {
        state.withLock { state in
            state.pace.ticked(afterWorking: busy, isFirst: isFirst)
            return state.isStopped ? nil : state.pace.period
        }
    }

    /// The report to show now; `nil` before the first second is over.
    var report: ResponsivenessReport? {
        let instant = ContinuousClock.now
        let lateness = lateness(for: .health, at: instant)
        let time = now()
        let (report, startsAnew) = state.withLock { state in
            let baseline = state.health
            let answer = state.monitor.report(after: baseline.at.duration(to: instant), at: time, lateness: lateness) {
                sample(for: .health, since: baseline, lateness: lateness, at: instant)
            }
            if answer.startsAnew { state.health = Baseline(at: instant, cpu: ProcessUsage.processorTime) }
            return answer
        }
        if startsAnew { for lane in lanes + [pool] { lane.reset(.health) } }
        return report
    }

    /// The member `eventLoop` of `health`.
    var payload: JSONValue? {
        guard var object = report?.payload.object else { return nil }
        let stalls = stalls
        object["stalls"] = .number(Int64(clamping: stalls.total))
        if let last = stalls.reports.last { object["lastStall"] = last.payload }
        return .object(object)
    }

    /// The last stalls, oldest first.
    var stalls: StallLog { watch.log }

    /// Processor time of each event loop since its thread began, as of its last tick.
    var busyTimes: [(name: String, time: Duration)] { lanes.map { ($0.name, $0.threadTime) } }

    /// Starts to look for the worst lateness from now on; one at a time.
    func openWindow() {
        let window = state.withLock { state -> Int in
            state.nextWindow += 1
            state.openWindow = state.nextWindow
            return state.nextWindow
        }
        for lane in lanes + [pool] { lane.open(window: window) }
    }

    /// The worst lateness of any thread since ``openWindow()``, in milliseconds, not counting what is on time; `nil`
    /// when none was opened.
    func closeWindow() -> Double? {
        guard let window = state.withLock({ $0.openWindow.take() }) else { return nil }
        let instant = ContinuousClock.now
        let worst = (lanes + [pool]).map { $0.close(window: window, at: instant) }.max() ?? .zero
        return max(worst, .zero).rounded(decimals: 1)
    }

    private func lateness(for view: TickLane.View, at instant: ContinuousClock.Instant) -> LatenessHistogram {
        var merged = pool.histogram(for: view, at: instant)
        for lane in lanes { merged.merge(lane.histogram(for: view, at: instant)) }
        return merged
    }

    private func sample(
        for view: TickLane.View, since baseline: Baseline, lateness: LatenessHistogram,
        at instant: ContinuousClock.Instant
    ) -> ResponsivenessSample {
        let interval = baseline.at.duration(to: instant)
        let seconds = max(interval.seconds, 0.000_001)
        let busiest = lanes.map { $0.busy(for: view).seconds / seconds }.max() ?? 0
        return ResponsivenessSample(
            interval: interval, lateness: lateness, utilization: min(max(busiest, 0), 1),
            cpuCores: max((ProcessUsage.processorTime - baseline.cpu).seconds / seconds, 0))
    }

    // MARK: Watching

    /// Runs on a thread of its own until the sampler stops.
    private func watchLanes() {
        var nextLine = startedAt.advanced(by: LivenessReporter.period)
        while !state.withLock({ $0.isStopped }) {
            let pause = ContinuousClock.now.duration(to: watch.nextLook(after: .now))
            SystemThread.sleep(for: pause)
            let instant = ContinuousClock.now
            watch.look(at: instant)
            if instant >= nextLine {
                nextLine = instant.advanced(by: LivenessReporter.period)
                writeLine(at: instant)
            }
        }
    }

    /// Judges the last half minute, and logs a line when it was bad.
    private func writeLine(at instant: ContinuousClock.Instant) {
        let lateness = lateness(for: .liveness, at: instant)
        let work = work()
        let stalls = stalls
        let line = state.withLock { state in
            let sample = sample(for: .liveness, since: state.liveness, lateness: lateness, at: instant)
            state.liveness = Baseline(at: instant, cpu: ProcessUsage.processorTime)
            defer { state.lastStall = stalls.total }
            return state.reporter.line(
                for: sample, work: work, stalls: stalls.reports(after: state.lastStall),
                uptime: startedAt.duration(to: instant))
        }
        for lane in lanes + [pool] { lane.reset(.liveness) }
        if let line { logger.log(level: line.isWarning ? .warning : .debug, "\(line.text)") }
    }
}
