package import AlulaPrimitives

/// A token for some minutes that a provider gives for a stored one. It opens the provider's API; the stored one does not.
package struct Pass: Sendable {
    package let token: Secret
    /// Where the API is for this account; `nil` when the provider does not say.
    package let baseURL: String?
    /// When it ends, by the provider's clock.
    package let end: Timestamp
    /// After which time the provider wants it to be exchanged again; `nil` when it does not say.
    package let refreshIn: Duration?

    package init(token: Secret, baseURL: String? = nil, end: Timestamp, refreshIn: Duration? = nil) {
        self.token = token
        self.baseURL = baseURL
        self.end = end
        self.refreshIn = refreshIn
    }
}

/// Why a provider gave no pass.
package struct PassFailure: Error, Hashable, Sendable {
    /// What it says about the stored token, in the words for calls.
    package let reason: FailureReason
    /// One sentence with the provider's words in it, without secrets.
    package let message: String
    /// HTTP's status, if there was an answer.
    package let status: Int?
    /// The provider's own wish for a rest.
    package let retryAfter: Duration?

    package init(_ reason: FailureReason, _ message: String, status: Int? = nil, retryAfter: Duration? = nil) {
        self.reason = reason
        self.message = message
        self.status = status
        self.retryAfter = retryAfter
    }

    /// The same for whoever tells of logins that can't be renewed.
    package var renewal: RenewalFailure {
        RenewalFailure(
            needsPerson ? .refused : .unreachable, message.prefix(1).lowercased() + message.dropFirst(),
            retryAfter: retryAfter)
    }

    /// Whether only a person can mend it; then asking again soon is useless.
    var needsPerson: Bool {
        switch reason {
        case .auth, .authPermanent, .billing: true
        case .emptyResponse, .format, .modelNotFound, .noErrorDetails, .overloaded, .rateLimit, .sessionExpired,
            .timeout, .unclassified, .unknown:
            false
        }
    }
}
