package import AlulaAuth

/// What a failed call means for what is tried next.
package enum FailureJudgement: Hashable, Sendable {
    /// The login, the model or the provider is to blame in this way.
    case failure(FailureReason)
    /// The request is longer than the model can read. No other login helps, and the caller has to shorten it.
    case contextOverflow
    /// The request itself is at fault, in a way that says nothing about provider or login: an image that is too large.
    case refusedInput
}

extension FailureReason {
    /// Whether a login rests after a failure of this kind.
    ///
    /// The others say nothing about the login: a slow or broken connection, a request that the provider does not
    /// understand, a model whose name somebody got wrong.
    package var restsLogin: Bool {
        switch self {
        case .auth, .authPermanent, .billing, .overloaded, .rateLimit: true
        case .emptyResponse, .format, .modelNotFound, .noErrorDetails, .sessionExpired, .timeout, .unclassified,
            .unknown:
            false
        }
    }
}
