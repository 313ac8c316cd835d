import AlulaAuth
package import AlulaInference

/// An error as callers of the model APIs are told about it, before it is put into their dialect.
package struct AnswerError: Error, Hashable, Sendable {
    /// What kind of error it is; each dialect has its own word for each.
    package enum Kind: String, CaseIterable, Sendable {
        case badRequest
        case unauthorized
        case notPermitted
        case modelNotFound
        /// There is no such address.
        case notFound
        case methodNotAllowed
        /// The body did not come in time.
        case bodyTooSlow
        case tooLarge
        /// The body is not what its dialect is written in.
        case wrongMediaType
        case contextOverflow
        case billing
        case rateLimited
        case overloaded
        case timeout
        /// A provider, or what lies between, did something wrong.
        case upstream
        case internalError
    }

    package let kind: Kind
    /// One sentence for the person who asked, without hosts, headers or credentials.
    package let message: String
    /// The member of the request that is to blame.
    package let parameter: String?
    /// How long the caller should wait before it asks again.
    package let retryAfter: Duration?

    package init(_ kind: Kind, _ message: String, parameter: String? = nil, retryAfter: Duration? = nil) {
        self.kind = kind
        self.message = message
        self.parameter = parameter
        self.retryAfter = retryAfter
    }

    /// A request that can't be passed on.
    package init(_ error: InferenceError) {
        switch error.code {
        case .malformedRequest, .unsupportedParameter:
            self.init(.badRequest, error.message, parameter: error.parameter)
        case .malformedStream, .incompleteAnswer: self.init(.upstream, error.message)
        }
    }

    /// A request that nobody answered. The last failure decides what a caller may do about it.
    package init(_ failure: FailoverFailure, retryAfter: Duration? = nil) {
        let kind: Kind
        switch failure.cause {
        case .contextOverflow: kind = .contextOverflow
        case .badRequest, .incapable: kind = .badRequest
        case .outOfTime: kind = .timeout
        case .exhausted, .brokenOff, .callerLeft:
            switch failure.lastFailure?.judgement {
            case .failure(let reason): kind = Kind(reason)
            case .contextOverflow: kind = .contextOverflow
            case .refusedInput: kind = .badRequest
            case nil: kind = failure.soonestRecovery == nil ? .upstream : .rateLimited
            }
        }
        self.init(
            kind, failure.message, parameter: kind == .badRequest ? failure.parameter : nil,
            retryAfter: retryAfter ?? failure.lastFailure?.retryAfter)
    }

    /// HTTP's status for it.
    package var status: Int {
        switch kind {
        case .badRequest, .contextOverflow: 400
        case .unauthorized: 401
        case .billing: 402
        case .notPermitted: 403
        case .modelNotFound, .notFound: 404
        case .methodNotAllowed: 405
        case .bodyTooSlow: 408
        case .tooLarge: 413
        case .wrongMediaType: 415
        case .rateLimited: 429
        case .internalError: 500
        case .upstream: 502
        case .overloaded: 503
        case .timeout: 504
        }
    }
}

extension AnswerError.Kind {
    /// The gateway's own logins are not the caller's: that a provider rejects one is no 401 for the caller.
    init(_ reason: FailureReason) {
        self =
            switch reason {
            case .billing: .billing
            case .rateLimit: .rateLimited
            case .overloaded: .overloaded
            case .timeout: .timeout
            case .format: .badRequest
            case .modelNotFound: .modelNotFound
            case .auth, .authPermanent, .sessionExpired, .emptyResponse, .noErrorDetails, .unclassified, .unknown:
                .upstream
            }
    }
}
