import AlulaJSON
import AlulaPrimitives
import AlulaSystem
import CSQLite

/// One read-only connection, for one thread.
final class ReadOnlyDatabase {
    /// How long another program's lock is waited for.
    private static let patienceMilliseconds: Int32 = 250

    private var connection: OpaquePointer?

    /// Opens the database at `path`. Blocks the calling thread.
    ///
    /// - Parameter option: A further parameter of the connection's URI.
    init(_ path: String, option: String?) throws(StateError) {
        BlockingContext.assertAllowed()
        let parameters = option.map { "mode=ro&\($0)" } ?? "mode=ro"
        let flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE
        let result = sqlite3_open_v2("file:\(Self.escaped(path))?\(parameters)", &connection, flags, nil)
        guard result == SQLITE_OK else {
            let error = failure(result)
            sqlite3_close(connection)
            connection = nil
            throw error
        }
        sqlite3_extended_result_codes(connection, 1)
        sqlite3_busy_timeout(connection, Self.patienceMilliseconds)
        sqlite3_limit(connection, SQLITE_LIMIT_LENGTH, Int32(AgentDatabase.maximumDocument.bytes))
    }

    deinit { sqlite3_close(connection) }

    /// The text or blob in `column` of the row whose `key` is `value`; `nil` when there is no such table, row or value.
    ///
    /// - Parameters: Names of columns and tables are constants of ours and go into the statement as they are.
    func document(
        _ column: StaticString, in table: StaticString, where key: StaticString, is value: String
    ) throws(StateError) -> [UInt8]? {
        let columns = try first(
            "SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND name = ?1", "\(table)")
        guard columns != nil else { return nil }
        return try first("SELECT \(column) FROM \(table) WHERE \(key) = ?1", value)
    }

    /// Every row of a table, by the names of its columns; `nil` when there is no such table. Blobs are left out.
    ///
    /// - Throws: ``StateError/Code/databaseUnreadable`` for more than `maximum` rows.
    func rows(in table: StaticString, maximum: Int) throws(StateError) -> [JSONObject]? {
        let columns = try first(
            "SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND name = ?1", "\(table)")
        guard columns != nil else { return nil }
        var statement: OpaquePointer?
        let prepared = sqlite3_prepare_v2(connection, "SELECT * FROM \(table)", -1, &statement, nil)
        guard prepared == SQLITE_OK else { throw failure(prepared) }
        defer { sqlite3_finalize(statement) }
        var rows: [JSONObject] = []
        while true {
            let result = sqlite3_step(statement)
            if result == SQLITE_DONE { return rows }
            guard result == SQLITE_ROW else { throw failure(result) }
            guard rows.count < maximum else {
                throw StateError(
                    .databaseUnreadable, "A table holds more than the \(maximum) rows that are read of it.")
            }
            rows.append(row(of: statement))
        }
    }

    private func row(of statement: OpaquePointer?) -> JSONObject {
        var row = JSONObject()
        for column in 0..<sqlite3_column_count(statement) {
            guard let name = sqlite3_column_name(statement, column).map({ String(cString: $0) }) else { continue }
            switch sqlite3_column_type(statement, column) {
            case SQLITE_INTEGER: row[name] = .number(sqlite3_column_int64(statement, column))
            case SQLITE_FLOAT: row[name] = .number(sqlite3_column_double(statement, column))
            case SQLITE_TEXT:
                row[name] = sqlite3_column_text(statement, column).map { .string(String(cString: $0)) }
            default: continue
            }
        }
        return row
    }

    /// A statement of ours on a database of our own. It is used while this connection is.
    func statement(_ text: String) throws(StateError) -> DatabaseStatement {
        try DatabaseStatement(text, on: connection, for: .own)
    }

    /// The first column of the first row; `nil` for no row or NULL.
    private func first(_ text: String, _ argument: String) throws(StateError) -> [UInt8]? {
        var statement: OpaquePointer?
        let prepared = sqlite3_prepare_v2(connection, text, -1, &statement, nil)
        guard prepared == SQLITE_OK else { throw failure(prepared) }
        defer { sqlite3_finalize(statement) }
        let bytes = Array(argument.utf8)
        // SQLite copies the argument: `SQLITE_TRANSIENT` is the pointer -1.
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        let bound = bytes.withUnsafeBytes { buffer in
            sqlite3_bind_text(
                statement, 1, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(buffer.count), transient)
        }
        guard bound == SQLITE_OK else { throw failure(bound) }
        let result = sqlite3_step(statement)
        switch result {
        case SQLITE_DONE: return nil
        case SQLITE_ROW: break
        default: throw failure(result)
        }
        guard sqlite3_column_type(statement, 0) != SQLITE_NULL else { return nil }
        // A length follows the conversion that `sqlite3_column_blob` may make.
        let start = sqlite3_column_blob(statement, 0)
        let count = Int(sqlite3_column_bytes(statement, 0))
        return Array(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
    }

    private func failure(_ code: Int32) -> StateError { DatabaseFailure.error(code, connection, .readingOthers) }

    /// `path` as part of a URI.
    private static func escaped(_ path: String) -> String {
        var text: [UInt8] = []
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "%"), UInt8(ascii: "?"), UInt8(ascii: "#"):
                text += Array("%\(String(byte, radix: 16, uppercase: true))".utf8)
            default: text.append(byte)
            }
        }
        let escaped = String(decoding: text, as: UTF8.self)
        // Two slashes would begin an authority.
        return escaped.hasPrefix("//") ? "//" + escaped : escaped
    }
}
