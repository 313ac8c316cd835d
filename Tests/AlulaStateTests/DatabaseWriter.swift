import CSQLite
import Testing

/// A connection that writes, as another program's would.
final class DatabaseWriter {
    private var connection: OpaquePointer?

    init(_ path: String) throws {
        try #require(sqlite3_open(path, &connection) == SQLITE_OK)
    }

    deinit { close() }

    func run(_ statements: String) throws {
        try #require(sqlite3_exec(connection, statements, nil, nil, nil) == SQLITE_OK)
    }

    /// The first column of the first row; `nil` when there is none.
    func text(_ query: String) throws -> String? {
        var statement: OpaquePointer?
        try #require(sqlite3_prepare_v2(connection, query, -1, &statement, nil) == SQLITE_OK)
        defer { sqlite3_finalize(statement) }
        guard sqlite3_step(statement) == SQLITE_ROW else { return nil }
        return sqlite3_column_text(statement, 0).map { String(cString: $0) }
    }

    func close() {
        sqlite3_close(connection)
        connection = nil
    }
}
