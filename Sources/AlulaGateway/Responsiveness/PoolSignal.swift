import Synchronization

/// Lets a thread call a task back to the cooperative pool: one waits, the other raises.
final class PoolSignal: Sendable {
    private struct State {
        var waiter: CheckedContinuation<Bool, Never>?
        var isEnded = false
    }

    private let state = Mutex(State())

    /// Waits for the next signal; `false` when the task was cancelled.
    func next() async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isEnded = state.withLock { state in
                    if !state.isEnded { state.waiter = continuation }
                    return state.isEnded
                }
                if isEnded { continuation.resume(returning: false) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.isEnded = true
                return state.waiter.take()
            }
            waiter?.resume(returning: false)
        }
    }

    /// Calls the waiting task, if it waits; `before` is done just before.
    func raise(before: () -> Void) {
        guard let waiter = state.withLock({ $0.waiter.take() }) else { return }
        before()
        waiter.resume(returning: true)
    }
}
