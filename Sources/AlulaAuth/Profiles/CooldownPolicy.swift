package import AlulaPrimitives

/// How long a profile rests after failures: `auth.cooldowns` with its defaults.
package struct CooldownPolicy: Hashable, Sendable {
    /// Lengths of the first, second and every later cooldown in a row.
    package static let cooldownSteps: [Duration] = [.seconds(30), .seconds(60), .seconds(300)]
    /// No rest for a billing or credential problem is shorter.
    package static let minimumDisabled = Duration.seconds(60)
    /// Nor longer, however large a number somebody configures; doubling more would overflow.
    package static let maximumDisabled = Duration.seconds(366 * 86_400)
    /// The doubling stops here.
    package static let maximumDoublings = 10
    /// The longest wait that a provider may ask for with a failed answer.
    package static let maximumRetryAfter = Duration.seconds(86_400)

    package var billingBackoff: Duration
    package var billingBackoffByProvider: [ProviderID: Duration]
    package var billingMaximum: Duration
    package var authPermanentBackoff: Duration
    package var authPermanentMaximum: Duration
    /// Failures longer ago than this no longer count.
    package var failureWindow: Duration
    /// How many other profiles of the same provider are tried when it is overloaded.
    package var overloadedProfileRotations: Int
    package var overloadedBackoff: Duration
    /// How many other profiles of the same provider are tried after a rate limit.
    package var rateLimitedProfileRotations: Int

    package init(
        billingBackoff: Duration = .seconds(5 * 3600), billingBackoffByProvider: [ProviderID: Duration] = [:],
        billingMaximum: Duration = .seconds(24 * 3600), authPermanentBackoff: Duration = .seconds(600),
        authPermanentMaximum: Duration = .seconds(3600), failureWindow: Duration = .seconds(24 * 3600),
        overloadedProfileRotations: Int = 1, overloadedBackoff: Duration = .zero,
        rateLimitedProfileRotations: Int = 1
    ) {
        self.billingBackoff = billingBackoff
        self.billingBackoffByProvider = billingBackoffByProvider
        self.billingMaximum = billingMaximum
        self.authPermanentBackoff = authPermanentBackoff
        self.authPermanentMaximum = authPermanentMaximum
        self.failureWindow = failureWindow
        self.overloadedProfileRotations = overloadedProfileRotations
        self.overloadedBackoff = overloadedBackoff
        self.rateLimitedProfileRotations = rateLimitedProfileRotations
    }

    /// The policy that holds where nothing is configured.
    package static let standard = CooldownPolicy()

    /// The rest after `failures` in a row, the last one included.
    package static func cooldown(afterFailures failures: Int) -> Duration {
        cooldownSteps[min(max(failures, 1), cooldownSteps.count) - 1]
    }

    /// The rest after `failures` of a kind that only a person can mend, or `nil` for any other reason.
    func disabledDuration(for reason: FailureReason, afterFailures failures: Int, provider: ProviderID) -> Duration? {
        let base: Duration
        let maximum: Duration
        switch reason {
        case .billing:
            base = billingBackoffByProvider[provider] ?? billingBackoff
            maximum = billingMaximum
        case .authPermanent:
            base = authPermanentBackoff
            maximum = authPermanentMaximum
        case .auth, .format, .overloaded, .rateLimit, .timeout, .modelNotFound, .sessionExpired, .emptyResponse,
            .noErrorDetails, .unclassified, .unknown:
            return nil
        }
        let first = min(max(base, Self.minimumDisabled), Self.maximumDisabled)
        let doublings = min(max(failures, 1) - 1, Self.maximumDoublings)
        return min(first * (1 << doublings), max(min(maximum, Self.maximumDisabled), first))
    }
}
