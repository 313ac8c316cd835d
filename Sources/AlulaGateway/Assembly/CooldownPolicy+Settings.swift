import AlulaAuth
import AlulaConfiguration

extension CooldownPolicy {
    /// What `auth.cooldowns` asks for.
    init(_ settings: CooldownSettings) {
        self.init(
            billingBackoff: settings.billingBackoff, billingBackoffByProvider: settings.billingBackoffByProvider,
            billingMaximum: settings.maximumBillingBackoff, authPermanentBackoff: settings.refusalBackoff,
            authPermanentMaximum: settings.maximumRefusalBackoff, failureWindow: settings.failureWindow,
            overloadedProfileRotations: settings.overloadedRotations, overloadedBackoff: settings.overloadedBackoff,
            rateLimitedProfileRotations: settings.rateLimitedRotations)
    }
}
