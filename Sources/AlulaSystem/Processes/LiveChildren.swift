import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Every child that this process has started and that may still run, so that none outlives it.
enum LiveChildren {
    private struct Entry: Sendable {
        weak let child: SpawnedChild?
    }

    private static let entries = Mutex<[ObjectIdentifier: Entry]>([:])

    static func add(_ child: SpawnedChild) {
        entries.withLock { $0[ObjectIdentifier(child)] = Entry(child: child) }
    }

    static func remove(_ child: SpawnedChild) {
        entries.withLock { $0[ObjectIdentifier(child)] = nil }
    }

    static func killAll() {
        let children = entries.withLock { entries in entries.values.compactMap(\.child) }
        for child in children { child.signalGroup(SIGKILL) }
    }
}

extension ChildProcess {
    /// Kills every child that is still running with everything in its process group; for a process that is about to end.
    package static func killAll() { LiveChildren.killAll() }
}
