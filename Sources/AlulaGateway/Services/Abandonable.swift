import Synchronization

/// Waits for something that can't be cancelled, as long as the waiting task is not.
enum Abandonable {
    private struct State<Value: Sendable> {
        var continuation: CheckedContinuation<Value?, Never>?
        var isCancelled = false
    }

    /// The value, or `nil` when the waiting task was cancelled first. `body` then goes on by itself until its own deadline.
    static func value<Value: Sendable>(of body: @escaping @Sendable () async -> Value) async -> Value? {
        let box = Box<Value>()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isCancelled = box.state.withLock { state in
                    if !state.isCancelled { state.continuation = continuation }
                    return state.isCancelled
                }
                guard !isCancelled else { return continuation.resume(returning: nil) }
                // Its end is the deadline inside `body`; nobody waits for it after a cancellation.
                Task {
                    let value = await body()
                    box.take()?.resume(returning: value)
                }
            }
        } onCancel: {
            box.cancel()?.resume(returning: nil)
        }
    }

    private final class Box<Value: Sendable>: Sendable {
        let state = Mutex(State<Value>())

        func take() -> CheckedContinuation<Value?, Never>? {
            state.withLock { $0.continuation.take() }
        }

        func cancel() -> CheckedContinuation<Value?, Never>? {
            state.withLock { state in
                state.isCancelled = true
                return state.continuation.take()
            }
        }
    }
}
