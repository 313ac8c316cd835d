/// Why a login could not be renewed.
package struct RenewalFailure: Error, Hashable, Sendable {
    /// Raw values are stable: they appear on the wire, in logs and in files.
    package enum Code: String, CaseIterable, Sendable {
        // What a person has to mend.
        /// The provider does not take the refresh token any more.
        case refused = "refresh_refused"
        /// The refresh token was used before, by a program that did not say so.
        case reused = "refresh_token_reused"
        /// What the provider sent belongs to another account.
        case otherOwner = "refresh_other_owner"
        /// Nobody here knows where or in whose name the provider's logins are renewed.
        case unsupported = "refresh_unsupported"
        /// The login has no refresh token.
        case noRefreshToken = "refresh_token_missing"
        /// The login is kept by a program that renews it itself, or the stores may not be written.
        case notOurs = "refresh_not_ours"

        // What may pass by itself.
        /// The provider did not answer, or asked to be left alone.
        case unreachable = "refresh_unreachable"
        /// The provider's answer is none.
        case malformedAnswer = "refresh_malformed_answer"
        /// Another program was renewing the login all the time.
        case contention = "refresh_contention"
        /// New tokens could not be kept, so none were asked for.
        case notDurable = "refresh_not_durable"

        /// Whether only a person can mend it; then asking again soon is useless.
        package var needsPerson: Bool {
            switch self {
            case .refused, .reused, .otherOwner, .unsupported, .noRefreshToken, .notOurs: true
            case .unreachable, .malformedAnswer, .contention, .notDurable: false
            }
        }

        /// Whether the provider was asked, and so whether the next one has to wait.
        package var countsAsAttempt: Bool {
            switch self {
            case .refused, .reused, .otherOwner, .unreachable, .malformedAnswer: true
            case .unsupported, .noRefreshToken, .notOurs, .contention, .notDurable: false
            }
        }
    }

    package let code: Code
    /// The end of a sentence that says what was in the way, without secrets: `the provider did not answer in time`.
    package let message: String
    /// The provider's own wish for a rest.
    package let retryAfter: Duration?

    package init(_ code: Code, _ message: String, retryAfter: Duration? = nil) {
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
    }
}
