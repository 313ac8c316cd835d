import AlulaDiagnostics
import AlulaSystem
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// One thread, or pool of threads, that is asked every 20 ms whether it is on time.
///
/// The tick is recorded by the thread itself; everybody else only reads.
final class TickLane: Sendable {
    /// Time between two ticks.
    static let period = Duration.milliseconds(20)

    private struct State {
        var histogram = LatenessHistogram()
        /// The worst since each window was opened, by window.
        var windows: [Int: Duration] = [:]
        var thread: Int64?
        var due: ContinuousClock.Instant
        var cpuAtReset: Duration = .zero
        var lastCPU: Duration = .zero
        /// The due instant of the stall that was reported last.
        var reported: ContinuousClock.Instant?
    }

    /// Such as `event-loop-0` or `cooperative-pool`.
    let name: String

    private let state: Mutex<State>

    init(name: String, now: ContinuousClock.Instant) {
        self.name = name
        state = Mutex(State(due: now.advanced(by: Self.period)))
    }

    /// Records that the thread came by. It must be called on the thread that is measured.
    ///
    /// - Parameter measuresThread: Whether the lane is one thread, whose processor time says how busy it is.
    func tick(at now: ContinuousClock.Instant, measuresThread: Bool) {
        let cpu = measuresThread ? Self.threadTime : .zero
        let thread = measuresThread ? WorkRegister.callingThread : nil
        state.withLock { state in
            let lateness = state.due.duration(to: now)
            state.histogram.record(lateness)
            for window in state.windows.keys { state.windows[window] = max(state.windows[window] ?? .zero, lateness) }
            state.thread = thread
            state.lastCPU = cpu
            // From now and not from when it was due: a stall is one late tick and not a burst of them.
            state.due = now.advanced(by: Self.period)
        }
    }

    /// What was counted since the last reset, with a tick that is overdue right now.
    func histogram(at now: ContinuousClock.Instant) -> LatenessHistogram {
        state.withLock { state in
            var histogram = state.histogram
            let overdue = state.due.duration(to: now)
            if overdue > Self.period { histogram.record(overdue) }
            return histogram
        }
    }

    /// Processor time of the thread since the last reset.
    var busy: Duration { state.withLock { $0.lastCPU - $0.cpuAtReset } }

    func reset() {
        state.withLock { state in
            state.histogram.reset()
            state.cpuAtReset = state.lastCPU
        }
    }

    func open(window: Int) { state.withLock { $0.windows[window] = .zero } }

    /// The worst lateness since `window` was opened, with a tick that is overdue right now.
    func close(window: Int, at now: ContinuousClock.Instant) -> Duration {
        state.withLock { state in
            let overdue = state.due.duration(to: now)
            let worst = state.windows.removeValue(forKey: window) ?? .zero
            return max(worst, overdue)
        }
    }

    /// The thread's id and how long its tick is overdue, once for each stall of more than `threshold`.
    func newStall(over threshold: Duration, at now: ContinuousClock.Instant) -> (thread: Int64?, overdue: Duration)? {
        state.withLock { state in
            let overdue = state.due.duration(to: now)
            guard overdue > threshold, state.reported != state.due else { return nil }
            state.reported = state.due
            return (state.thread, overdue)
        }
    }

    private static var threadTime: Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }
}
