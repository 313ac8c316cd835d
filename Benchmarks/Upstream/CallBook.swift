import AlulaMeasuring
import Synchronization

/// What became of the calls that take longer than a moment, by their questions.
final class CallBook: Sendable {
    private struct State {
        var asked = 0
        var open: Set<String> = []
        /// When whoever asked went away before the answer was whole.
        var cancelled: [String: MonotonicTime] = [:]
    }

    private let state = Mutex(State())

    /// Calls so far, whole answers included; calls under way; calls that were cancelled.
    var counts: (asked: Int, open: Int, cancelled: Int) {
        state.withLock { ($0.asked, $0.open.count, $0.cancelled.count) }
    }

    func asked() { state.withLock { $0.asked += 1 } }

    func began(_ question: String) { state.withLock { _ = $0.open.insert(question) } }

    func ended(_ question: String) { state.withLock { _ = $0.open.remove(question) } }

    func cancelled(_ question: String) {
        let now = MonotonicTime.now
        state.withLock { state in
            state.open.remove(question)
            state.cancelled[question] = now
        }
    }

    /// Whether a call is under way, and when it was cancelled.
    func find(_ question: String) -> (isOpen: Bool, cancelledAt: MonotonicTime?) {
        state.withLock { ($0.open.contains(question), $0.cancelled[question]) }
    }
}
