/// Why a configuration file could not be fetched. What is wrong inside a file is a ``ConfigurationProblem`` instead.
package struct ConfigurationError: Error {
    /// Raw values are stable: they appear in logs and in `--json` output.
    package enum Code: String, CaseIterable, Sendable {
        case isDirectory = "is_directory"
        /// Neither a regular file nor a directory.
        case notRegular = "not_regular"
        case notPermitted = "not_permitted"
        /// Larger than the number of bytes that was asked for.
        case tooLarge = "too_large"
        /// The disk or the system refused for another reason.
        case unreadable
        /// Not fetched before its deadline.
        case timedOut = "timed_out"
    }

    /// What kind of failure it is.
    package let code: Code
    /// One sentence for a person, without a path.
    package let message: String
    /// The cause, for the log only.
    package let underlying: (any Error)?

    /// `message` goes to people, `underlying` to the log.
    package init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }
}
