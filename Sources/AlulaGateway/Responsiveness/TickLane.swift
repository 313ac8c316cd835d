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
    /// Who looks at the counts; each starts anew when it wants.
    enum View: Int, CaseIterable {
        /// The report of `health`.
        case health
        /// The log line of a bad state.
        case liveness
    }

    /// What a tick tells.
    struct Tick {
        /// Processor time that the thread has used since its last tick.
        var busy: Duration
        var lateness: Duration
        /// Whether ``newStall(over:at:)`` told of this lateness before the tick came.
        var wasNoticed: Bool
    }

    /// A tick that is long overdue.
    struct Stall: Hashable {
        /// The threads that it may come from, by the kernel's ids, the one seen last first.
        var threads: [Int64]
        var due: ContinuousClock.Instant
        var overdue: Duration
    }

    /// What was counted since somebody started anew.
    private struct Tally {
        var histogram = LatenessHistogram()
        var cpuBefore: Duration = .zero
    }

    private struct State {
        var tallies = [Tally](repeating: Tally(), count: View.allCases.count)
        /// The worst since each window was opened, by window.
        var windows: [Int: Duration] = [:]
        var threads: [Int64] = []
        /// When the thread has to come by next; `nil` while it is not asked to.
        var due: ContinuousClock.Instant?
        var lastCPU: Duration = .zero
        /// The due instant of the stall that was told of last.
        var noticed: ContinuousClock.Instant?
    }

    /// A tick that is overdue by more than this is counted before it comes.
    private static let countedOverdue = Duration.milliseconds(20)
    /// Threads of a pool that are remembered: those that came by last.
    private static let maximumThreads = 16

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
    /// - Parameter measuresThread: Whether the lane is one thread, whose processor time says how busy it is.
    @discardableResult
    func tick(at now: ContinuousClock.Instant, measuresThread: Bool) -> Tick {
        let cpu = measuresThread ? Self.threadTime : .zero
        let thread = WorkRegister.callingThread
        return state.withLock { state in
            var tick = Tick(busy: cpu - state.lastCPU, lateness: .zero, wasNoticed: false)
            if let due = state.due {
                tick.lateness = due.duration(to: now)
                tick.wasNoticed = state.noticed == due
                for view in state.tallies.indices { state.tallies[view].histogram.record(tick.lateness) }
                for window in state.windows.keys {
                    state.windows[window] = max(state.windows[window] ?? .zero, tick.lateness)
                }
            }
            if state.threads.first != thread {
                state.threads.removeAll { $0 == thread }
                state.threads.insert(thread, at: 0)
                if state.threads.count > Self.maximumThreads { state.threads.removeLast() }
            }
            state.lastCPU = cpu
            state.due = nil
            return tick
        }
    }

    /// What was counted since `view` started anew, with a tick that is overdue right now.
    func histogram(for view: View, at now: ContinuousClock.Instant) -> LatenessHistogram {
        state.withLock { state in
            var histogram = state.tallies[view.rawValue].histogram
            if let overdue = state.due?.duration(to: now), overdue > Self.countedOverdue { histogram.record(overdue) }
            return histogram
        }
    }

    /// Processor time of the thread since `view` started anew.
    func busy(for view: View) -> Duration {
        state.withLock { $0.lastCPU - $0.tallies[view.rawValue].cpuBefore }
    }

    /// Processor time of the thread since it began, as of its last tick.
    var threadTime: Duration { state.withLock { $0.lastCPU } }

    /// Starts anew for `view`.
    func reset(_ view: View) {
        state.withLock { state in
            state.tallies[view.rawValue].histogram.reset()
            state.tallies[view.rawValue].cpuBefore = state.lastCPU
        }
    }

    /// Starts to keep the worst lateness from now on under `window`.
    func open(window: Int) { state.withLock { $0.windows[window] = .zero } }

    /// The worst lateness since `window` was opened, with a tick that is overdue right now.
    func close(window: Int, at now: ContinuousClock.Instant) -> Duration {
        state.withLock { state in
            let overdue = state.due?.duration(to: now) ?? .zero
            let worst = state.windows.removeValue(forKey: window) ?? .zero
            return max(worst, overdue)
        }
    }

    /// A tick that is overdue by more than `threshold`, told of once.
    func newStall(over threshold: Duration, at now: ContinuousClock.Instant) -> Stall? {
        state.withLock { state in
            guard let due = state.due, state.noticed != due else { return nil }
            let overdue = due.duration(to: now)
            guard overdue > threshold else { return nil }
            state.noticed = due
            return Stall(threads: state.threads, due: due, overdue: overdue)
        }
    }

    /// Whether the tick that was due then has still not come.
    func isWaiting(for due: ContinuousClock.Instant) -> Bool { state.withLock { $0.due == due } }

    /// When the next tick is due that would be told of as a stall; `nil` when none is expected.
    var nextDue: ContinuousClock.Instant? { state.withLock { $0.noticed == $0.due ? nil : $0.due } }

    private static var threadTime: Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }
}
