/// Why a credential could not be read, resolved or written.
package struct CredentialError: Error {
    /// Raw values are stable: they appear on the wire, in logs and as a metric dimension.
    package enum Code: String, CaseIterable, Sendable {
        /// `OPENCLAW_AUTH_STORE_READONLY=1` or `ALULA_AUTH_STORE_READONLY=1`.
        case storeReadOnly = "store_read_only"
        /// Another program held the store's lock for too long.
        case storeBusy = "store_busy"
        /// The store is there and can't be read, so it must not be replaced either.
        case storeUnreadable = "store_unreadable"
        case storeNotWritable = "store_not_writable"
        case invalidProfile = "invalid_profile"
    }

    package let code: Code
    /// One sentence for the person who asked: what happened and what to do. No paths and no credentials.
    package let message: String
    /// The cause, for the log only.
    package let underlying: (any Error)?

    package init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }
}
