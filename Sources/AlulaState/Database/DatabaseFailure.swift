import CSQLite

/// The `sqlite3_errmsg` of a failed call, for the log.
struct DatabaseFailure: Error, CustomStringConvertible {
    /// What was to be done.
    enum Purpose {
        /// Read what other programs write.
        case readingOthers
        /// Read or write a database of our own.
        case own
    }

    /// SQLite's extended code.
    let code: Int32
    let description: String

    /// What a failed call on `connection` means.
    static func error(_ code: Int32, _ connection: OpaquePointer?, _ purpose: Purpose) -> StateError {
        let cause = DatabaseFailure(
            code: code, description: connection.map { "\(String(cString: sqlite3_errmsg($0))) (\(code))" } ?? "\(code)")
        switch code & 0xFF {
        case SQLITE_BUSY, SQLITE_LOCKED:
            return StateError(
                .databaseBusy, "Another program holds the database; it is \(purpose.word) again when that is done.",
                underlying: cause)
        case SQLITE_FULL:
            return StateError(.fileUnusable, "There is no room for more in the database.", underlying: cause)
        case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH, SQLITE_IOERR, SQLITE_READONLY, SQLITE_NOMEM:
            return StateError(.fileUnusable, "The database can't be \(purpose.word).", underlying: cause)
        case SQLITE_TOOBIG:
            return StateError(
                .databaseUnreadable,
                "A document in the database is larger than the \(AgentDatabase.maximumDocument) that are read.",
                underlying: cause)
        default:
            return StateError(.databaseUnreadable, purpose.damage, underlying: cause)
        }
    }
}

extension DatabaseFailure.Purpose {
    fileprivate var word: String {
        switch self {
        case .readingOthers: "read"
        case .own: "used"
        }
    }

    fileprivate var damage: String {
        switch self {
        case .readingOthers: "The database is damaged or of an unknown kind; run openclaw doctor."
        case .own: "The database is damaged or of an unknown kind."
        }
    }
}
