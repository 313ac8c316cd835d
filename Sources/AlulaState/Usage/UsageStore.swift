package import AlulaInference
import AlulaPrimitives
import AlulaSystem
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Records that are written together. One that was written is never written again, however often it is tried.
package final class UsageBatch: Sendable {
    package let records: [UsageRecord]
    fileprivate let isWritten = Mutex(false)

    package init(_ records: [UsageRecord]) { self.records = records }
}

/// Keeps what requests took and cost, in a database of its own. It is opened with the first records; everything here blocks
/// the calling thread.
package final class UsageStore: Sendable {
    /// What became of a batch.
    package enum Outcome: Sendable {
        case written
        /// The same, in a new database: the old one was damaged and lies beside it.
        case begunAnew
    }

    /// Databases that were set aside, at most.
    private static let maximumAside = 2
    /// Batches between two looks for records that have to go.
    private static let pruneInterval = 256

    private struct State {
        var database: UsageDatabase?
        var batches = 0
    }

    private let path: String
    private let limits: UsageDatabase.Limits
    private let state = Mutex(State())

    package convenience init(_ path: String) { self.init(path, limits: UsageDatabase.Limits()) }

    init(_ path: String, limits: UsageDatabase.Limits) {
        self.path = path
        self.limits = limits
    }

    /// Adds a batch. Each is all or nothing.
    ///
    /// - Throws: ``StateError/Code/databaseBusy``, also while an earlier call still waits for the disk;
    ///   ``StateError/Code/databaseForeign`` and ``StateError/Code/fileUnusable``. The batch is not written then, and may be
    ///   tried again.
    package func append(_ batch: UsageBatch) throws(StateError) -> Outcome {
        BlockingContext.assertAllowed()
        let result = state.withLockIfAvailable { state in
            Result { () throws(StateError) in try self.append(batch, &state) }
        }
        guard let result else {
            throw StateError(.databaseBusy, "The usage database is still being written.")
        }
        return try result.get()
    }

    /// Puts everything into one file and closes it; the next batch opens it again.
    package func close() {
        BlockingContext.assertAllowed()
        state.withLockIfAvailable { $0.database = nil }
    }

    private func append(_ batch: UsageBatch, _ state: inout State) throws(StateError) -> Outcome {
        if batch.isWritten.withLock({ $0 }) { return .written }
        let path = try file()
        var outcome = Outcome.written
        do throws(StateError) {
            try write(batch, to: path, &state)
        } catch {
            guard error.code == .databaseUnreadable else { throw error }
            state.database = nil
            try Self.setAside(path, at: batch.records.last?.endedAt ?? Timestamp(milliseconds: 0))
            try write(batch, to: path, &state)
            outcome = .begunAnew
        }
        batch.isWritten.withLock { $0 = true }
        state.batches += 1
        if state.batches % Self.pruneInterval == 1, let now = batch.records.last?.endedAt {
            // What could not be removed now goes the next time.
            do throws(StateError) { try state.database?.prune(at: now) } catch {}
        }
        return outcome
    }

    private func write(_ batch: UsageBatch, to path: String, _ state: inout State) throws(StateError) {
        // Somebody may have removed the file, or put another one in its place.
        if let known = state.database?.identity, !Self.isThere(known, path) { state.database = nil }
        let database: UsageDatabase
        if let open = state.database { database = open } else { database = try UsageDatabase(path, limits: limits) }
        state.database = database
        try database.append(batch.records)
    }

    /// The database itself: what belongs to it lies beside it, and not beside a link to it.
    private func file() throws(StateError) -> String {
        do throws(SystemError) {
            return try Directory.followingLinks(path)
        } catch {
            throw StateError(.fileUnusable, "The usage database can't be found.", underlying: error)
        }
    }

    private static func isThere(_ known: FileIdentity, _ path: String) -> Bool {
        do throws(SystemError) { return try FileIdentity.of(path).isSameFile(as: known) } catch { return false }
    }

    // MARK: Damage

    /// Gives a damaged database another name, with the time, so that somebody may look at it.
    private static func setAside(_ path: String, at time: Timestamp) throws(StateError) {
        do throws(SystemError) {
            // They belong to the damaged file, and would be taken for the new one's.
            for ending in ["-wal", "-shm"] { try DurableFile.remove(path + ending) }
            guard rename(path, "\(path).damaged-\(time.milliseconds)") == 0 else {
                throw SystemError(.current, while: "set the database aside")
            }
            guard let slash = path.lastIndex(of: "/") else { return }
            let directory = String(path[..<slash])
            let prefix = String(path[path.index(after: slash)...]) + ".damaged-"
            let aside = try Directory.list(directory).map(\.name).filter { $0.hasPrefix(prefix) }.sorted()
            for name in aside.dropLast(maximumAside) { try DurableFile.remove("\(directory)/\(name)") }
        } catch {
            throw StateError(
                .fileUnusable, "The usage database is damaged and can't be set aside. \(error.message)",
                underlying: error)
        }
    }
}
