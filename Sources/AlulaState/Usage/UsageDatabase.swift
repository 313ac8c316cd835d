import AlulaInference
import AlulaModels
import AlulaPrimitives
import AlulaSystem
import CSQLite

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The connection that writes the usage database, for one thread at a time. Everything here blocks the calling thread.
final class UsageDatabase {
    /// How much is kept.
    struct Limits: Sendable {
        /// Older records go.
        var age = Duration.seconds(400 * 86_400)
        /// So many of the newest records stay. With what a record may say, sums of all of them fit into 64 bits.
        var records: Int64 = 1 << 20
        /// The file's size, in pages of 4 KiB.
        var pages: Int64 = 1 << 18
        /// Records that go at once, so that no turn takes long.
        var removals: Int64 = 5000
    }

    /// How long another program's lock is waited for.
    private static let patienceMilliseconds: Int32 = 250

    /// Which file this is, as long as it is the one at its path.
    let identity: FileIdentity
    private let limits: Limits
    private var connection: OpaquePointer?
    private var statements: [String: DatabaseStatement] = [:]

    /// Opens the database at `path`, makes it if it is missing (0600, with the directories above it), and brings it up to
    /// this version.
    ///
    /// - Throws: ``StateError/Code/databaseUnreadable`` for a file that is damaged or none,
    ///   ``StateError/Code/databaseForeign`` for one that is not ours to write, ``StateError/Code/databaseBusy``,
    ///   ``StateError/Code/fileUnusable``.
    init(_ path: String, limits: Limits = Limits()) throws(StateError) {
        BlockingContext.assertAllowed()
        self.limits = limits
        identity = try Self.make(path)
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE
        let result = sqlite3_open_v2(path, &connection, flags, nil)
        do throws(StateError) {
            guard result == SQLITE_OK else { throw DatabaseFailure.error(result, connection, .own) }
            sqlite3_extended_result_codes(connection, 1)
            sqlite3_busy_timeout(connection, Self.patienceMilliseconds)
            try prepare()
        } catch {
            finish()
            throw error
        }
    }

    deinit { finish() }

    /// Puts everything into the one file and closes it.
    func finish() {
        guard connection != nil else { return }
        statements = [:]
        sqlite3_close_v2(connection)
        connection = nil
    }

    // MARK: Records

    /// Adds `records` in one transaction: all or none.
    func append(_ records: [UsageRecord]) throws(StateError) {
        try transaction { () throws(StateError) in
            let insert = try statement(Self.insertion)
            for record in records { try Self.bind(record, to: insert) }
        }
    }

    /// Removes records that are too old or too many, up to so many of each at once.
    func prune(at now: Timestamp) throws(StateError) {
        let old = try statement(
            "DELETE FROM requests WHERE id IN (SELECT id FROM requests WHERE ended_at < ?1 ORDER BY ended_at LIMIT ?2)")
        try old.bind(now.advanced(by: .zero - limits.age).milliseconds, at: 1)
        try old.bind(limits.removals, at: 2)
        try old.run()
        let many = try statement(
            """
            DELETE FROM requests WHERE id IN (
                SELECT id FROM requests WHERE id <= (SELECT max(id) FROM requests) - ?1 ORDER BY id LIMIT ?2)
            """)
        try many.bind(limits.records, at: 1)
        try many.bind(limits.removals, at: 2)
        try many.run()
    }

    private static let insertion = """
        INSERT INTO requests (ended_at, provider, model, profile, dialect, api_key, agent, input, output, cache_read,
            cache_write, reasoning, input_cost, output_cost, cache_read_cost, cache_write_cost, duration_ms, attempts,
            outcome, failure, incomplete)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)
        """

    private static func bind(_ record: UsageRecord, to insert: DatabaseStatement) throws(StateError) {
        let (outcome, failure): (String, String?) =
            switch record.outcome {
            case .completed: ("completed", nil)
            case .failed(let code): ("failed", code)
            case .cancelled: ("cancelled", nil)
            }
        let texts: [(Int32, String?)] = [
            (2, record.model.provider.rawValue), (3, record.model.model.rawValue), (4, record.profile?.rawValue),
            (5, record.operation.stored), (6, record.apiKey), (7, record.agent?.rawValue), (19, outcome), (20, failure),
        ]
        let numbers: [(Int32, Int64?)] = [
            (1, max(0, record.endedAt.milliseconds)), (8, record.tokens.input), (9, record.tokens.output),
            (10, record.tokens.cacheRead), (11, record.tokens.cacheWrite), (12, record.tokens.reasoning),
            (13, record.cost?.input), (14, record.cost?.output), (15, record.cost?.cacheRead),
            (16, record.cost?.cacheWrite), (17, record.duration.milliseconds), (18, Int64(record.attempts)),
            (21, record.isIncomplete ? 1 : 0),
        ]
        for (place, text) in texts { try insert.bind(text, at: place) }
        for (place, number) in numbers { try insert.bind(number, at: place) }
        try insert.run()
    }

    // MARK: The file

    private static func make(_ path: String) throws(StateError) -> FileIdentity {
        do throws(SystemError) {
            if let found = try FileIdentity.ofExisting(path) {
                // Opening a pipe would wait for ever.
                guard found.kind == .regular else {
                    throw SystemError(.isDevice, "A database is needed here, but this is no regular file.")
                }
                return found
            }
            if let end = path.lastIndex(of: "/"), end > path.startIndex { try Directory.make(String(path[..<end])) }
            // SQLite gives the files beside it the same rights.
            let descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
            guard descriptor >= 0 || errno == EEXIST else { throw SystemError(.current, while: "make the database") }
            if descriptor >= 0 { close(descriptor) }
            return try FileIdentity.of(path)
        } catch {
            throw StateError(.fileUnusable, "The usage database can't be made. \(error.message)", underlying: error)
        }
    }

    private func prepare() throws(StateError) {
        // First what would change the file: a database that is not ours is only looked at.
        try checkVersion(try pragma("application_id"), try pragma("user_version"))
        try execute("PRAGMA journal_mode = WAL")
        // A power cut may take the last records, and never the file.
        try execute("PRAGMA synchronous = NORMAL")
        try execute("PRAGMA journal_size_limit = 4194304")
        try execute("PRAGMA max_page_count = \(limits.pages)")
        try transaction { () throws(StateError) in
            // Another process may have been faster.
            let version = try pragma("user_version")
            try checkVersion(try pragma("application_id"), version)
            for step in UsageSchema.steps.dropFirst(Int(version)) { try execute(step) }
            if version < UsageSchema.version {
                try execute("PRAGMA application_id = \(UsageSchema.application)")
                try execute("PRAGMA user_version = \(UsageSchema.version)")
            }
        }
    }

    private func checkVersion(_ application: Int64, _ version: Int64) throws(StateError) {
        if application == 0, version == 0, try pragma("schema_version") == 0 { return }
        guard application == UsageSchema.application, (0...UsageSchema.version).contains(version) else {
            throw UsageSchema.newer
        }
    }

    // MARK: Statements

    private func transaction(_ body: () throws(StateError) -> Void) throws(StateError) {
        try execute("BEGIN IMMEDIATE")
        do throws(StateError) {
            try body()
            try execute("COMMIT")
        } catch {
            // A failure may have ended the transaction already.
            if sqlite3_get_autocommit(connection) == 0 { sqlite3_exec(connection, "ROLLBACK", nil, nil, nil) }
            throw error
        }
    }

    private func statement(_ text: String) throws(StateError) -> DatabaseStatement {
        if let known = statements[text] { return known }
        let fresh = try DatabaseStatement(text, on: connection, for: .own)
        statements[text] = fresh
        return fresh
    }

    private func execute(_ text: String) throws(StateError) {
        let result = sqlite3_exec(connection, text, nil, nil, nil)
        guard result == SQLITE_OK else { throw DatabaseFailure.error(result, connection, .own) }
    }

    private func pragma(_ name: StaticString) throws(StateError) -> Int64 {
        let statement = try DatabaseStatement("PRAGMA \(name)", on: connection, for: .own)
        return try statement.step() ? statement.integer(0) : 0
    }
}
