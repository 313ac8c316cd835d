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

    func close() {
        sqlite3_close(connection)
        connection = nil
    }
}
