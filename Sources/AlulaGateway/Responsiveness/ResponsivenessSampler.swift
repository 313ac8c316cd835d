import AlulaDiagnostics
import AlulaJSON
import AlulaPrimitives
import AlulaSystem
import Logging
import NIOCore
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Measures how late every event loop and the cooperative pool are, names what held a thread, and reports it.
///
/// A thread of its own watches the others, so that a stall is seen while it lasts and not afterwards.
final class ResponsivenessSampler: Sendable {
    /// A tick so long overdue is a stall.
    static let stallThreshold = Duration.milliseconds(100)
    /// Time between two ticks while there is work.
    static let period = Duration.milliseconds(20)
    /// Time between two ticks after ``quietTicks`` without work, which spares the processor. A late tick is seen as exactly.
    static let quietPeriod = Duration.milliseconds(100)
    private static let quietTicks = 100
    /// How often the watching thread looks, while there is work.
    private static let watchPeriod = Duration.milliseconds(50)

    private struct State {
        var monitor = ResponsivenessMonitor()
        var reporter: LivenessReporter
        var stalls = StallLog()
        var resetAt: ContinuousClock.Instant
        var cpuAtReset: Duration
        var nextWindow = 0
        var openWindow: Int?
        /// Ticks of the first loop since there was work.
        var quietTicks = 0
        var isStopped = false

        var isQuiet: Bool { quietTicks >= ResponsivenessSampler.quietTicks && openWindow == nil }
    }

    private let loops: [any EventLoop]
    private let lanes: [TickLane]
    private let pool: TickLane
    private let state: Mutex<State>
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private let work: @Sendable () -> LivenessReporter.Work

    /// - Parameter work: What is going on, for the log line of a bad state.
    init(
        loops: [any EventLoop], logger: Logger, now: @escaping @Sendable () -> Timestamp,
        work: @escaping @Sendable () -> LivenessReporter.Work = { .init() }
    ) {
        self.loops = loops
        self.logger = logger
        self.now = now
        self.work = work
        let instant = ContinuousClock.now
        lanes = loops.indices.map { TickLane(name: "event-loop-\($0)") }
        pool = TickLane(name: "cooperative-pool")
        state = Mutex(
            State(
                reporter: LivenessReporter(startedAt: now()), resetAt: instant, cpuAtReset: Self.processTime))
    }

    /// Ticks until the surrounding task is cancelled.
    func run() async {
        let signal = PoolSignal()
        for index in loops.indices { scheduleTick(of: index, signal) }
        do {
            try SystemThread.start(name: "watchdog") { self.watch() }
        } catch {
            logger.warning("Stalls can't be watched", metadata: [LogKey.errorCause: "\(error)"])
        }
        // This task comes by on the pool that is measured.
        while await signal.next() { pool.tick(at: .now, measuresThread: false) }
        state.withLock { state in
            state.isStopped = true
            state.monitor.stop()
        }
    }

    /// Ticks once and asks for the next tick, until the sampler stops.
    private func scheduleTick(of index: Int, _ signal: PoolSignal) {
        let (isStopped, isQuiet) = state.withLock { ($0.isStopped, $0.isQuiet) }
        guard !isStopped else { return }
        let period = isQuiet ? Self.quietPeriod : Self.period
        // Counted from now and not from when the last one was due: a stall is one late tick and not a burst of them.
        lanes[index].expectTick(at: ContinuousClock.now.advanced(by: period))
        loops[index].scheduleTask(in: TimeAmount(period)) {
            let now = ContinuousClock.now
            let busy = self.lanes[index].tick(at: now, measuresThread: true)
            self.noteWork(busy > period / 20, onFirstLoop: index == 0)
            // This thread is awake anyway, so it asks the pool, which saves a timer.
            if index == 0 { signal.raise { self.pool.expectTick(at: now) } }
            self.scheduleTick(of: index, signal)
        }
    }

    private func noteWork(_ isBusy: Bool, onFirstLoop isFirst: Bool) {
        state.withLock { state in
            if isBusy { state.quietTicks = 0 } else if isFirst { state.quietTicks += 1 }
        }
    }

    /// The report to show now; `nil` before the first second is over.
    var report: ResponsivenessReport? {
        let instant = ContinuousClock.now
        let lateness = merged(at: instant)
        let time = now()
        let (report, startsAnew) = state.withLock { state in
            let elapsed = state.resetAt.duration(to: instant)
            let answer = state.monitor.report(after: elapsed, at: time, lateness: lateness) {
                let seconds = max(elapsed.seconds, 0.000_001)
                let cpu = (Self.processTime - state.cpuAtReset).seconds / seconds
                let busiest = lanes.map { $0.busy.seconds / seconds }.max() ?? 0
                return ResponsivenessSample(
                    interval: elapsed, lateness: lateness, utilization: min(max(busiest, 0), 1), cpuCores: max(cpu, 0))
            }
            if answer.startsAnew {
                state.resetAt = instant
                state.cpuAtReset = Self.processTime
            }
            return answer
        }
        if startsAnew { for lane in lanes + [pool] { lane.reset() } }
        return report
    }

    /// The member `eventLoop` of `health`.
    var payload: JSONValue? {
        guard let report else { return nil }
        guard var object = report.payload.object else { return nil }
        let stalls = state.withLock { $0.stalls }
        object["stalls"] = .number(Int64(clamping: stalls.total))
        if let last = stalls.reports.last { object["lastStall"] = last.payload }
        return .object(object)
    }

    /// The last stalls, oldest first.
    var stalls: StallLog { state.withLock { $0.stalls } }

    /// Starts to look for the worst lateness from now on; one at a time.
    func openWindow() {
        let window = state.withLock { state -> Int in
            state.nextWindow += 1
            state.openWindow = state.nextWindow
            state.quietTicks = 0
            return state.nextWindow
        }
        for lane in lanes + [pool] { lane.open(window: window) }
    }

    /// The worst lateness of any thread since ``openWindow()``, in milliseconds, not counting what is on time.
    func closeWindow() -> Double? {
        guard let window = state.withLock({ $0.openWindow.take() }) else { return nil }
        let instant = ContinuousClock.now
        let worst = (lanes + [pool]).map { $0.close(window: window, at: instant) }.max() ?? .zero
        return max(worst, .zero).rounded(decimals: 1)
    }

    private func merged(at instant: ContinuousClock.Instant) -> LatenessHistogram {
        var merged = pool.histogram(at: instant)
        for lane in lanes { merged.merge(lane.histogram(at: instant)) }
        return merged
    }

    // MARK: Watching

    /// Runs on a thread of its own until the sampler stops.
    private func watch() {
        var nextLook = ContinuousClock.now.advanced(by: LivenessReporter.period)
        while true {
            let (isStopped, isQuiet) = state.withLock { ($0.isStopped, $0.isQuiet) }
            if isStopped { return }
            SystemThread.sleep(for: isQuiet ? Self.quietPeriod : Self.watchPeriod)
            let instant = ContinuousClock.now
            for lane in lanes + [pool] {
                guard let stall = lane.newStall(over: Self.stallThreshold, at: instant) else { continue }
                note(stall, of: lane)
            }
            if instant >= nextLook {
                nextLook = instant.advanced(by: LivenessReporter.period)
                look()
            }
        }
    }

    private func note(_ stall: (thread: Int64?, overdue: Duration), of lane: TickLane) {
        let label = stall.thread.flatMap { WorkRegister.current(of: $0) }.map { "\($0.label)" }
        let report = StallReport(thread: lane.name, work: label, overdue: stall.overdue, at: now())
        state.withLock { $0.stalls.append(report) }
        logger.warning(
            "A thread was held up",
            metadata: [
                "thread": "\(report.thread)", "work": "\(report.work ?? "unnamed")",
                "overdue.ms": "\(report.overdue.milliseconds)",
            ])
    }

    private func look() {
        guard let report else { return }
        let time = now()
        let work = work()
        guard let line = state.withLock({ $0.reporter.line(for: report, work: work, at: time) }) else { return }
        logger.log(level: line.isWarning ? .warning : .debug, "\(line.text)")
    }

    /// Processor time of the whole process, user and system.
    private static var processTime: Duration {
        var usage = rusage()
        #if canImport(Glibc)
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        #else
        getrusage(RUSAGE_SELF, &usage)
        #endif
        func duration(_ time: timeval) -> Duration {
            .seconds(Int64(time.tv_sec)) + .microseconds(Int64(time.tv_usec))
        }
        return duration(usage.ru_utime) + duration(usage.ru_stime)
    }
}
