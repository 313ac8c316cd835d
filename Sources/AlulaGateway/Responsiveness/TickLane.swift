import AlulaDiagnostics
import AlulaSystem
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// One thread, or pool of threads, that is asked again and again whether it is on time.
///
/// The tick is recorded by the thread itself; everybody else only reads.
final class TickLane: Sendable {
    /// A tick that is overdue by more than this is counted before it comes.
    private static let countedOverdue = Duration.milliseconds(20)

    private struct State {
        var histogram = LatenessHistogram()
        /// The worst since each window was opened, by window.
        var windows: [Int: Duration] = [:]
        var thread: Int64?
        /// When the thread has to come by next; `nil` while it is not asked to.
        var due: ContinuousClock.Instant?
        var cpuAtReset: Duration = .zero
        var lastCPU: Duration = .zero
        /// The due instant of the stall that was reported last.
        var reported: ContinuousClock.Instant?
    }

    /// Such as `event-loop-0` or `cooperative-pool`.
    let name: String

    private let state: Mutex<State>

    init(name: String) {
        self.name = name
        state = Mutex(State())
    }

    /// Asks the thread to come by at `instant`; whatever it is late from then on counts.
    func expectTick(at instant: ContinuousClock.Instant) { state.withLock { $0.due = instant } }

    /// Records that the thread came by. It must be called on the thread that is measured.
    ///
    /// - Returns: The processor time that the thread has used since its last tick.
    ///
    /// - Parameters:
    ///   - measuresThread: Whether the lane is one thread, whose processor time says how busy it is.
    ///   - next: When the thread comes by again, if that is known.
    @discardableResult
    func tick(
        at now: ContinuousClock.Instant, measuresThread: Bool, next: ContinuousClock.Instant? = nil
    ) -> Duration {
        let cpu = measuresThread ? Self.threadTime : .zero
        let thread = measuresThread ? WorkRegister.callingThread : nil
        return state.withLock { state in
            if let due = state.due {
                let lateness = due.duration(to: now)
                state.histogram.record(lateness)
                for window in state.windows.keys {
                    state.windows[window] = max(state.windows[window] ?? .zero, lateness)
                }
            }
            defer {
                state.thread = thread
                state.lastCPU = cpu
                state.due = next
            }
            return cpu - state.lastCPU
        }
    }

    /// What was counted since the last reset, with a tick that is overdue right now.
    func histogram(at now: ContinuousClock.Instant) -> LatenessHistogram {
        state.withLock { state in
            var histogram = state.histogram
            if let overdue = state.due?.duration(to: now), overdue > Self.countedOverdue { histogram.record(overdue) }
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
            let overdue = state.due?.duration(to: now) ?? .zero
            let worst = state.windows.removeValue(forKey: window) ?? .zero
            return max(worst, overdue)
        }
    }

    /// The thread's id and how long its tick is overdue, once for each stall of more than `threshold`.
    func newStall(over threshold: Duration, at now: ContinuousClock.Instant) -> (thread: Int64?, overdue: Duration)? {
        state.withLock { state in
            guard let due = state.due, state.reported != due else { return nil }
            let overdue = due.duration(to: now)
            guard overdue > threshold else { return nil }
            state.reported = due
            return (state.thread, overdue)
        }
    }

    private static var threadTime: Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }
}
