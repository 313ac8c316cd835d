import NIOCore
import Synchronization

/// The WebSockets that are open, so that the server can wait for their end without a task for each.
final class OpenSockets: Sendable {
    private struct State {
        var sockets: [ObjectIdentifier: any Channel] = [:]
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Counts `channel` until it is closed.
    func add(_ channel: any Channel) {
        let key = ObjectIdentifier(channel)
        state.withLock { $0.sockets[key] = channel }
        channel.closeFuture.whenComplete { _ in self.remove(key) }
    }

    private func remove(_ key: ObjectIdentifier) {
        let waiters = state.withLock { state in
            state.sockets[key] = nil
            guard state.sockets.isEmpty else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when none is open. Whoever cancels has waited for the goodbyes long enough: what is open is cut off.
    func drain() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isEmpty = state.withLock { state in
                    if !state.sockets.isEmpty { state.waiters.append(continuation) }
                    return state.sockets.isEmpty
                }
                if isEmpty { continuation.resume() }
            }
        } onCancel: {
            for channel in state.withLock({ Array($0.sockets.values) }) { channel.close(promise: nil) }
        }
    }
}
