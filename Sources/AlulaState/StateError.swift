/// Why something in the state directory could not be found, owned, read or written.
package struct StateError: Error, Sendable {
    /// Raw values are stable: they appear on the wire, in logs and as a metric dimension.
    package enum Code: String, CaseIterable, Sendable {
        /// No home directory is known and none was named.
        case homeUnknown = "home_unknown"
        /// The name given to `--profile` can't be part of a directory name.
        case invalidProfile = "invalid_profile"
        /// Another gateway owns this directory or this configuration.
        case gatewayRunning = "gateway_running"
        /// A file or directory of ours can't be used; the cause says why.
        case fileUnusable = "file_unusable"
        /// A file is not as it was when an edit of it began.
        case fileChanged = "file_changed"
        /// A file of ours or the reference's holds something else than it should; it is left as it is.
        case fileDamaged = "file_damaged"
        /// The login shell could not be asked for its environment.
        case shellFailed = "shell_failed"
        /// A database is damaged or is none.
        case databaseUnreadable = "database_unreadable"
        /// A database of ours was made by another program or a newer version of this one.
        case databaseForeign = "database_foreign"
        /// A database was held by another program for longer than we wait.
        case databaseBusy = "database_busy"
    }

    package let code: Code
    /// One sentence for the person who asked: what happened and what to do. No paths and no contents.
    package let message: String
    /// The cause, for the log only.
    package let underlying: (any Error)?

    package init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }
}
