import CAlulaShims

/// What a thread may do. The role sits in the thread itself, so asking costs nothing.
package enum ThreadRole: Sendable {
    /// An event loop, the cooperative pool, or a thread that nobody marked: it must not wait for anything.
    case unmarked
    /// A thread that exists to wait: the blocking pool, the file watcher, a command's main thread, the worker.
    case blocking

    /// The calling thread's role.
    package static var current: ThreadRole {
        alula_thread_role() == ALULA_THREAD_BLOCKING ? .blocking : .unmarked
    }

    /// Gives the calling thread this role.
    fileprivate func assume() {
        alula_set_thread_role(self == .blocking ? ALULA_THREAD_BLOCKING : ALULA_THREAD_UNMARKED)
    }
}

/// The rule that only marked threads may block, and its check.
///
/// Each function of ours that may wait for a disk, a process or a lock calls ``assertAllowed(_:)`` first. In a debug
/// build a call from an event loop or from the cooperative pool then traps and names the function.
package enum BlockingContext {
    /// Traps in debug builds unless the calling thread may block; free in release builds.
    package static func assertAllowed(_ function: StaticString = #function) {
        assert(ThreadRole.current == .blocking, "\(function) blocks, and this thread must not; use the blocking pool")
    }

    /// Marks the calling thread for good: a command's main thread, or a thread that was started to wait.
    package static func mark() { ThreadRole.blocking.assume() }

    /// Marks the calling thread while `body` runs. For `main`, the worker process and tests only.
    package static func permit<Value, Failure: Error>(
        _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let earlier = ThreadRole.current
        ThreadRole.blocking.assume()
        defer { earlier.assume() }
        return try body()
    }
}
