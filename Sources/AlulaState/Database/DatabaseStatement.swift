import CSQLite

/// One prepared statement, for one thread. It is not used after its connection is closed.
final class DatabaseStatement {
    private let connection: OpaquePointer?
    private var handle: OpaquePointer?
    private let purpose: DatabaseFailure.Purpose

    init(_ text: String, on connection: OpaquePointer?, for purpose: DatabaseFailure.Purpose) throws(StateError) {
        self.connection = connection
        self.purpose = purpose
        try check(sqlite3_prepare_v2(connection, text, -1, &handle, nil))
    }

    deinit { sqlite3_finalize(handle) }

    // MARK: Arguments, counted from 1

    func bind(_ value: Int64?, at place: Int32) throws(StateError) {
        try check(value.map { sqlite3_bind_int64(handle, place, $0) } ?? sqlite3_bind_null(handle, place))
    }

    func bind(_ text: String?, at place: Int32) throws(StateError) {
        guard let text else { return try check(sqlite3_bind_null(handle, place)) }
        // SQLite copies the argument: `SQLITE_TRANSIENT` is the pointer -1.
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        try check(sqlite3_bind_text(handle, place, text, Int32(text.utf8.count), transient))
    }

    // MARK: Running

    /// Goes on to the next row; `false` when there is none.
    func step() throws(StateError) -> Bool {
        let result = sqlite3_step(handle)
        switch result {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw DatabaseFailure.error(result, connection, purpose)
        }
    }

    /// Runs a statement without rows, and makes it ready for the next time.
    func run() throws(StateError) {
        defer { sqlite3_reset(handle) }
        while try step() {}
    }

    // MARK: Columns, counted from 0

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    /// `nil` for NULL.
    func text(_ column: Int32) -> String? { sqlite3_column_text(handle, column).map { String(cString: $0) } }

    private func check(_ result: Int32) throws(StateError) {
        guard result == SQLITE_OK else { throw DatabaseFailure.error(result, connection, purpose) }
    }
}
