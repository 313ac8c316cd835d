/// Why the server can't do what it is told.
package struct ServerError: Error {
    /// Raw values are stable: they appear in logs.
    package enum Code: String, CaseIterable, Sendable {
        /// What should be a certificate is none.
        case certificateUnreadable = "certificate_unreadable"
        /// What should be its private key is none.
        case keyUnreadable = "key_unreadable"
        /// The certificate and the key don't belong together, or are of a kind that is not spoken.
        case certificateRefused = "certificate_refused"
    }

    package let code: Code
    /// One sentence for the operator: what is wrong and what to do. No paths and no key.
    package let message: String
    /// The cause, for the log only.
    package let underlying: (any Error)?

    package init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }
}
