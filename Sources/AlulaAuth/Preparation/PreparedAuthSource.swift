import Synchronization

/// Hands out the newest prepared answer. Any thread may read it at any time; it is never taken away again.
package final class PreparedAuthSource: Sendable {
    /// One snapshot. One reference, so that the lock is held for the copy of a pointer and nothing else.
    package final class Edition: Sendable {
        package let prepared: PreparedAuth
        fileprivate init(_ prepared: PreparedAuth) { self.prepared = prepared }
    }

    private let box = Mutex<Edition?>(nil)

    package init() {}

    /// The newest snapshot, or `nil` before the first one of this process.
    package var current: PreparedAuth? { edition?.prepared }

    /// The same object until another snapshot is published.
    package var edition: Edition? { box.withLock { $0 } }

    /// Replaces the snapshot as a whole, unless a newer generation is there already.
    ///
    /// - Returns: Whether `prepared` is the current one now.
    @discardableResult
    package func publish(_ prepared: PreparedAuth) -> Bool {
        let next = Edition(prepared)
        return box.withLock { current in
            if let current, current.prepared.generation > prepared.generation { return false }
            current = next
            return true
        }
    }
}
