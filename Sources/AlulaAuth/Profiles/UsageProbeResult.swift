package import AlulaPrimitives

/// What a look at a subscription's remaining allowance told after a failed call.
package enum UsageProbeResult: Hashable, Sendable {
    /// Calls are possible: the failure was a burst.
    case available
    /// The allowance is used up until then, when the provider said so.
    case exhausted(until: Timestamp?)
    case rejected(status: Int)
    case unreadable

    /// The name that the usage file gives the source.
    package static let source = "wham"

    /// Failures after which the look is worth its request.
    package static func isWorthwhile(after reason: FailureReason, provider: ProviderID, kind: ProfileFact.Kind) -> Bool
    {
        guard provider == "openai", kind == .oauth else { return false }
        switch reason {
        case .rateLimit, .emptyResponse, .noErrorDetails, .unclassified, .unknown: return true
        case .auth, .authPermanent, .format, .overloaded, .billing, .timeout, .modelNotFound, .sessionExpired:
            return false
        }
    }

    /// How long the profile rests when the result names no usable instant.
    package var cooldown: Duration {
        switch self {
        case .available: .seconds(15)
        case .exhausted, .unreadable: .seconds(30)
        case .rejected(status: 401): .seconds(12 * 3600)
        case .rejected(status: 403): .seconds(24 * 3600)
        case .rejected: .seconds(300)
        }
    }
}

extension ProfileUsage {
    /// Puts what the look told in place of the guess that ``recordFailure(_:model:provider:at:policy:retryAfter:table:)``
    /// made. A window that holds longer wins.
    ///
    /// - Parameter earlier: The usage before the failure was recorded, whose windows still count.
    package mutating func record(
        _ result: UsageProbeResult, earlier: ProfileUsage, model: ModelID?, at now: Timestamp
    ) {
        if case .exhausted(let until?) = result,
            markBlocked(until: until, source: UsageProbeResult.source, model: model, at: now)
        {
            return
        }
        let end = now.advanced(by: result.cooldown)
        guard !earlier.isActive(earlier.cooldownUntil, at: now) else {
            cooldownUntil = earlier.cooldownUntil.map { max($0, end) }
            return
        }
        cooldownUntil = end
    }
}
