package import AlulaPrimitives

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// State behind a lock, with conditions that threads of ours can wait for.
///
/// `Mutex` has no condition variable; this is the one place that adds it. Locks are held for a few assignments, so
/// ``withLock(_:)`` may be called from anywhere; ``wait(_:)`` waits and is for our own threads.
///
/// `@unchecked Sendable`: `state` is touched only while `mutex` is held.
package final class Monitor<State>: @unchecked Sendable {
    /// What a waiting thread wants after a look at the state.
    package enum Turn<Value> {
        case done(Value)
        /// Look again when `condition` is signalled or `until` has come.
        case wait(on: Int, until: Deadline?)
    }

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let conditions: UnsafeMutablePointer<pthread_cond_t>
    private let conditionCount: Int
    private var state: State

    /// - Parameter conditions: How many separate things can be waited for; they are numbered from zero.
    package init(_ state: State, conditions count: Int = 1) {
        self.state = state
        pthread_mutex_init(mutex, nil)
        conditions = .allocate(capacity: count)
        conditionCount = count
        #if canImport(Glibc)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        for index in 0..<count { pthread_cond_init(conditions + index, &attributes) }
        pthread_condattr_destroy(&attributes)
        #else
        for index in 0..<count { pthread_cond_init(conditions + index, nil) }
        #endif
    }

    deinit {
        for index in 0..<conditionCount { pthread_cond_destroy(conditions + index) }
        conditions.deallocate()
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Runs `body` with the state; keep it to a few assignments.
    package func withLock<Value, Failure: Error>(_ body: (inout State) throws(Failure) -> Value) throws(Failure)
        -> Value
    {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state)
    }

    /// Wakes one waiter of `condition`.
    package func signal(_ condition: Int = 0) { pthread_cond_signal(conditions + condition) }

    /// Wakes all waiters of all conditions.
    package func signalAll() {
        for index in 0..<conditionCount { pthread_cond_broadcast(conditions + index) }
    }

    /// Calls `look` under the lock until it is done. Blocks the calling thread.
    package func wait<Value>(_ look: (inout State) -> Turn<Value>) -> Value {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            switch look(&state) {
            case .done(let value):
                return value
            case .wait(let condition, let deadline):
                wait(for: conditions + condition, until: deadline)
            }
        }
    }

    private func wait(for condition: UnsafeMutablePointer<pthread_cond_t>, until deadline: Deadline?) {
        guard let deadline else {
            pthread_cond_wait(condition, mutex)
            return
        }
        // A day at most: longer ones come round again.
        let (seconds, attoseconds) = min(deadline.remaining, .seconds(86_400)).components
        let nanoseconds = Int(attoseconds / 1_000_000_000)
        #if canImport(Glibc)
        var end = timespec()
        clock_gettime(CLOCK_MONOTONIC, &end)
        end.tv_sec += Int(seconds) + (end.tv_nsec + nanoseconds) / 1_000_000_000
        end.tv_nsec = (end.tv_nsec + nanoseconds) % 1_000_000_000
        pthread_cond_timedwait(condition, mutex, &end)
        #else
        var span = timespec(tv_sec: Int(seconds), tv_nsec: nanoseconds)
        pthread_cond_timedwait_relative_np(condition, mutex, &span)
        #endif
    }
}
