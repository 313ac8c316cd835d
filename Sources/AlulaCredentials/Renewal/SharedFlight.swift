import AlulaPrimitives
import Synchronization

/// One piece of work that many wait for. A waiter that is cancelled leaves; the work goes on.
final class SharedFlight<Value: Sendable>: Sendable {
    private enum State {
        case under(way: [UInt64: CheckedContinuation<Value, any Error>])
        case ended(Result<Value, any Error>)
    }

    private struct Book {
        var state = State.under(way: [:])
        var nextID: UInt64 = 0
        /// Waiters that were cancelled before they got to wait.
        var left: Set<UInt64> = []
    }

    private let book = Mutex(Book())

    /// What the work came to.
    ///
    /// - Throws: What the work threw, or `CancellationError` as soon as the caller is cancelled.
    func value() async throws -> Value {
        let id = book.withLock { book in
            book.nextID += 1
            return book.nextID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let early = book.withLock { book -> Result<Value, any Error>? in
                    if book.left.remove(id) != nil { return .failure(CancellationError()) }
                    switch book.state {
                    case .ended(let result): return result
                    case .under(var waiters):
                        waiters[id] = continuation
                        book.state = .under(way: waiters)
                        return nil
                    }
                }
                if let early { continuation.resume(with: early) }
            }
        } onCancel: {
            let waiter = book.withLock { book -> CheckedContinuation<Value, any Error>? in
                guard case .under(var waiters) = book.state else { return nil }
                guard let waiter = waiters.removeValue(forKey: id) else {
                    book.left.insert(id)
                    return nil
                }
                book.state = .under(way: waiters)
                return waiter
            }
            waiter?.resume(throwing: CancellationError())
        }
    }

    /// What the work came to, if that is known in time.
    ///
    /// - Throws: `error` when it is not, what the work threw, or `CancellationError` as soon as the caller is cancelled.
    func value(until deadline: Deadline, or error: any Error) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await self.value() }
            group.addTask {
                try await Task.sleep(until: deadline.instant, clock: .continuous)
                return nil
            }
            defer { group.cancelAll() }
            guard let outcome = try await group.next() ?? nil else { throw error }
            return outcome
        }
    }

    /// Tells everybody; only the first time counts.
    func end(_ result: Result<Value, any Error>) {
        let waiters = book.withLock { book -> [CheckedContinuation<Value, any Error>] in
            guard case .under(let waiters) = book.state else { return [] }
            book.state = .ended(result)
            return Array(waiters.values)
        }
        waiters.forEach { $0.resume(with: result) }
    }
}
