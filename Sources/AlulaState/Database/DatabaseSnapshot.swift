import AlulaPrimitives
import AlulaSystem

/// Opens a database so that reading leaves no trace.
///
/// A plain read-only connection to a database with a write-ahead log makes that log's index file if it is missing, and
/// so changes the directory. So where the log is missing or empty, the file is read as one that can't change, and read
/// again if it did; where the log holds something, its index is there too and is opened for reading only.
enum DatabaseSnapshot {
    /// Rounds against writers that change the files in between.
    private static let rounds = 8
    /// What passes before a look at files that other programs are about to remove or make.
    private static let settling = Duration.milliseconds(10)

    /// Calls `body` with the open database, again if what it saw may have been half of a change; `nil` when there is no
    /// database. Blocks the calling thread.
    static func read<Value>(
        _ path: String, _ body: (ReadOnlyDatabase) throws(StateError) -> Value?
    ) throws(StateError) -> Value? {
        BlockingContext.assertAllowed()
        let path = try file(at: path)
        for round in 1...rounds {
            guard let before = try look(path), before.main.size > 0 else { return nil }
            guard before.isStill || before.hasIndex || before.hasJournal || round == rounds else {
                // A log without its index is seen for an instant while the last writer closes.
                SystemThread.sleep(for: settling)
                continue
            }
            let option: String? =
                if before.isStill { "immutable=1" } else if before.hasIndex { "readonly_shm=1" } else { nil }
            do throws(StateError) {
                let value = try body(try ReadOnlyDatabase(path, option: option))
                if !before.isStill { return value }
                if try look(path) == before { return value }
            } catch {
                if error.code == .databaseBusy { throw error }
                if try look(path) == before { throw error }
            }
        }
        throw StateError(.databaseBusy, "Other programs change the database all the time; it is read again later.")
    }

    /// What lies where a database is.
    private struct Scene: Hashable {
        let main: FileIdentity
        let log: FileIdentity?
        let hasIndex: Bool
        let hasJournal: Bool

        /// Whether everything is in the main file.
        var isStill: Bool { (log?.size ?? 0) == 0 && !hasJournal }
    }

    /// The database itself: its log lies beside it, and not beside a link to it.
    private static func file(at path: String) throws(StateError) -> String {
        do throws(SystemError) {
            return try Directory.followingLinks(path)
        } catch {
            throw StateError(.fileUnusable, "The database can't be read.", underlying: error)
        }
    }

    private static func look(_ path: String) throws(StateError) -> Scene? {
        do throws(SystemError) {
            guard let main = try FileIdentity.ofExisting(path) else { return nil }
            // Opening a pipe would wait for ever, so the kind is asked for first.
            guard main.kind == .regular else {
                throw SystemError(.isDevice, "A database is needed here, but this is no regular file.")
            }
            return Scene(
                main: main, log: try .ofExisting("\(path)-wal"),
                hasIndex: try FileIdentity.ofExisting("\(path)-shm") != nil,
                hasJournal: try (FileIdentity.ofExisting("\(path)-journal")?.size ?? 0) > 0)
        } catch {
            throw StateError(.fileUnusable, "The database can't be read.", underlying: error)
        }
    }
}
