package import AlulaAuth

/// How one attempt ended.
package enum AttemptOutcome: Hashable, Sendable {
    /// The provider began to answer, and what it began with is no error.
    case answered
    /// It did not answer, or not well. `hasOutput`: a part of its answer is with the caller already.
    case failed(AttemptFailure, hasOutput: Bool = false)
    /// A time limit passed, but only because this machine stood still: the provider is not to blame.
    case stalledHere
    /// Nobody waits for the answer any more.
    case callerLeft

    /// To be recorded for the login before the next decision, which goes by it; `nil` when the outcome says nothing
    /// about the login.
    package var note: ProfileCall.Outcome? {
        switch self {
        case .answered: return .success
        case .stalledHere, .callerLeft: return nil
        case .failed(let failure, _):
            guard case .failure(let reason) = failure.judgement, reason.restsLogin else { return nil }
            return .failure(reason, retryAfter: failure.retryAfter)
        }
    }
}

/// What was wrong with one attempt.
package struct AttemptFailure: Hashable, Sendable {
    package let judgement: FailureJudgement
    /// The provider's words, or ours, without secrets.
    package let message: String
    /// HTTP's status, if there was one.
    package let status: Int?
    package let retryAfter: Duration?
    /// The member of the request that is to blame, as the caller spelled it.
    package let parameter: String?

    package init(
        judgement: FailureJudgement, message: String, status: Int? = nil, retryAfter: Duration? = nil,
        parameter: String? = nil
    ) {
        self.judgement = judgement
        self.message = message
        self.status = status
        self.retryAfter = retryAfter
        self.parameter = parameter
    }

    /// Judges what a provider said.
    package init(_ report: FailureReport) {
        self.init(
            judgement: FailureClassifier.judge(report), message: report.message, status: report.status,
            retryAfter: report.retryAfter)
    }

    /// The reason in the protocol's words.
    package var reasonText: String {
        switch judgement {
        case .failure(let reason): reason.rawValue
        case .contextOverflow: "context_overflow"
        case .refusedInput: "refused_input"
        }
    }
}
