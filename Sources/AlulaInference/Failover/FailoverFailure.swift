package import AlulaAuth
package import AlulaModels
package import AlulaPrimitives

/// Why a request was not answered, with everything that was tried.
package struct FailoverFailure: Hashable, Sendable {
    /// What ended it.
    package enum Cause: String, CaseIterable, Sendable {
        /// Nothing is left to try.
        case exhausted
        /// The caller's deadline has passed.
        case outOfTime = "out_of_time"
        /// The request does not fit, and no other login would change that.
        case contextOverflow = "context_overflow"
        /// The request is at fault.
        case badRequest = "bad_request"
        /// Each model is known not to take something that the request holds.
        case incapable
        /// A part of the answer was out when it broke off.
        case brokenOff = "broken_off"
        /// Nobody waits any more.
        case callerLeft = "caller_left"
    }

    /// One thing that was tried or passed over.
    package enum Segment: Hashable, Sendable {
        case attempt(FailoverRoute, AttemptFailure)
        /// Every login of the model rests, this one the shortest.
        case resting(ModelReference, UsageWindow)
        /// There was no point in trying.
        case excluded(ModelReference, String)
    }

    package let cause: Cause
    /// In order.
    package let segments: [Segment]
    /// When the first of the logins that rest can be used again.
    package let soonestRecovery: Timestamp?
    /// The member of the request that is to blame, as the caller spelled it.
    package let parameter: String?

    /// - Parameter parameter: `nil` for the one that the last failure names.
    package init(
        cause: Cause, segments: [Segment], soonestRecovery: Timestamp? = nil, parameter: String? = nil
    ) {
        self.cause = cause
        self.segments = segments
        self.soonestRecovery = soonestRecovery
        self.parameter = parameter ?? Self.lastFailure(in: segments)?.parameter
    }

    /// The failure that a caller is told about when only one can be: the last one.
    package var lastFailure: AttemptFailure? { Self.lastFailure(in: segments) }

    private static func lastFailure(in segments: [Segment]) -> AttemptFailure? {
        for case .attempt(_, let failure) in segments.reversed() { return failure }
        return nil
    }

    /// For people. One failure stands for itself; of several each is named.
    package var message: String {
        if segments.isEmpty {
            return cause == .outOfTime ? "The time for the request was over before it began." : "No model can be asked."
        }
        if case .attempt(_, let failure)? = segments.first, segments.count == 1 { return failure.message }
        let texts = segments.map(\.text)
        if cause == .incapable {
            return "No model can be asked that takes this request: " + texts.joined(separator: " | ")
        }
        var message = "All models failed (\(texts.count)): " + texts.joined(separator: " | ")
        if let soonestRecovery { message += "; the first can be used again at \(soonestRecovery)" }
        return message
    }
}

extension FailoverFailure.Segment {
    /// `<model>: <message> (<reason>)`
    var text: String {
        switch self {
        case .attempt(let route, let failure): "\(route.model): \(failure.message) (\(failure.reasonText))"
        case .resting(let model, let window):
            "\(model): every login rests until \(window.until) (\(window.reason.rawValue))"
        case .excluded(let model, let why): "\(model): \(why)"
        }
    }
}
