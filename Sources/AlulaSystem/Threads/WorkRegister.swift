import CAlulaShims
import Synchronization

/// What each thread is busy with, for whoever has to say what held a thread up.
package enum WorkRegister {
    /// One piece of work under way.
    package struct Entry: Sendable {
        /// The kernel's id of the thread.
        package let thread: Int64
        /// What it does, in a few constant words.
        package let label: StaticString
        /// When it began.
        package let since: ContinuousClock.Instant
    }

    /// Threads that are remembered after their work has ended, so that the next work on them needs no memory.
    private static let maximumIdleThreads = 256

    private static let table = Mutex<[Int64: [Entry]]>([:])

    /// Notes that the calling thread does `label` while `body` runs. Nested work hides the outer until it ends.
    package static func withWork<Value, Failure: Error>(
        _ label: StaticString, _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let thread = alula_thread_id()
        let entry = Entry(thread: thread, label: label, since: .now)
        table.withLock { $0[thread, default: []].append(entry) }
        defer {
            table.withLock { table in
                table[thread]?.removeLast()
                if table.count > maximumIdleThreads { table = table.filter { !$0.value.isEmpty } }
            }
        }
        return try body()
    }

    /// The innermost work of each thread, longest first.
    package static func snapshot() -> [Entry] {
        table.withLock { $0.values.compactMap(\.last) }.sorted { $0.since < $1.since }
    }

    /// The innermost work of `thread`, or `nil` when it registered none.
    package static func current(of thread: Int64) -> Entry? { table.withLock { $0[thread]?.last } }

    /// The kernel's id of the calling thread.
    package static var callingThread: Int64 { alula_thread_id() }
}
