/// What is known of a call that a provider did not answer, before it is judged.
package struct FailureReport: Hashable, Sendable {
    /// HTTP's status; `nil` when there was no answer.
    package var status: Int?
    /// The provider's or the system's symbolic code, such as `RESOURCE_EXHAUSTED` or `ECONNRESET`.
    package var code: String?
    /// The provider's own words. They may be long, and are never shown before secrets are taken out.
    package var message: String
    /// The provider's wish for a rest.
    package var retryAfter: Duration?

    package init(status: Int? = nil, code: String? = nil, message: String = "", retryAfter: Duration? = nil) {
        self.status = status
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
    }
}
