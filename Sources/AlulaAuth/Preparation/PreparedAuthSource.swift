import Synchronization

/// Hands out the newest prepared answer. Any thread may read it at any time; it is never taken away again.
package final class PreparedAuthSource: Sendable {
    /// One reference, so that the lock is held for the copy of a pointer and nothing else.
    private final class Box: Sendable {
        let prepared: PreparedAuth
        init(_ prepared: PreparedAuth) { self.prepared = prepared }
    }

    private let box = Mutex<Box?>(nil)

    package init() {}

    /// The newest snapshot, or `nil` before the first one of this process.
    package var current: PreparedAuth? { box.withLock { $0 }?.prepared }

    /// Replaces the snapshot as a whole, unless a newer generation is there already.
    ///
    /// - Returns: Whether `prepared` is the current one now.
    @discardableResult
    package func publish(_ prepared: PreparedAuth) -> Bool {
        let next = Box(prepared)
        return box.withLock { current in
            if let current, current.prepared.generation > prepared.generation { return false }
            current = next
            return true
        }
    }
}
