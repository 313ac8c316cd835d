import AlulaMeasuring
import NIOCore
import Synchronization

/// A timer of 100 ms on the event loop that remembers how late it was at worst.
final class LoopTimer: Sendable {
    private static let period = 100.0

    private struct State {
        var due = MonotonicTime.now
        var worst = 0.0
    }

    private let state = Mutex(State())

    /// The worst lateness so far, to a tenth of a millisecond.
    var worstMilliseconds: Double { (state.withLock { $0.worst } * 10).rounded() / 10 }

    /// Starts on `loop`; it ends with the loop.
    func start(on loop: any EventLoop) {
        state.withLock { $0.due = MonotonicTime.now.advanced(byMilliseconds: Self.period) }
        schedule(on: loop)
    }

    private func schedule(on loop: any EventLoop) {
        let wait = max(0, state.withLock { $0.due }.milliseconds(since: .now))
        loop.scheduleTask(in: .nanoseconds(Int64(wait * 1e6))) {
            self.state.withLock { state in
                state.worst = max(state.worst, MonotonicTime.now.milliseconds(since: state.due))
                state.due = MonotonicTime.now.advanced(byMilliseconds: Self.period)
            }
            self.schedule(on: loop)
        }
    }
}
