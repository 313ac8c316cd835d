package import AlulaPrimitives

/// `auth`: what the configuration says about stored logins. Everything takes effect at once.
package struct AuthSettings: Sendable {
    /// `profiles`, in the file's order, without those that were refused.
    package var profiles: [ConfiguredProfile] = []
    /// `order`: which logins a provider's requests try, first to last. No entry leaves the order to the rules; an empty
    /// list uses none.
    package var order: [ProviderID: [ProfileID]] = [:]
    /// `cooldowns`.
    package var cooldowns = CooldownSettings()

    /// The defaults.
    package init() {}

    /// One entry of `profiles`, or `nil`.
    package subscript(id: ProfileID) -> ConfiguredProfile? { profiles.first { $0.id == id } }
}

/// One entry of `auth.profiles`: what is known about a login that is stored elsewhere.
package struct ConfiguredProfile: Hashable, Sendable {
    /// What kind of login it is.
    package enum Mode: String, CaseIterable, Sendable {
        case apiKey = "api_key"
        case oauth
        case token
        case awsSDK = "aws-sdk"
    }

    /// The key of the entry.
    package var id: ProfileID
    /// `provider`, required.
    package var provider: ProviderID
    /// `mode`, required.
    package var mode: Mode
    /// `email`, for people.
    package var email: String?
    /// `displayName`, for people.
    package var displayName: String?

    /// Takes every part as it is.
    package init(
        id: ProfileID, provider: ProviderID, mode: Mode, email: String? = nil, displayName: String? = nil
    ) {
        self.id = id
        self.provider = provider
        self.mode = mode
        self.email = email
        self.displayName = displayName
    }
}

/// `auth.cooldowns`: how long a login rests after a failure.
package struct CooldownSettings: Hashable, Sendable {
    /// `billingBackoffHours`, default 5: the first pause after a billing failure; it doubles each time.
    package var billingBackoff = Duration.seconds(5 * 3600)
    /// `billingBackoffHoursByProvider`, default none.
    package var billingBackoffByProvider: [ProviderID: Duration] = [:]
    /// `billingMaxHours`, default 24.
    package var maximumBillingBackoff = Duration.seconds(24 * 3600)
    /// `authPermanentBackoffMinutes`, default 10: the first pause after a refused login; it doubles each time.
    package var refusalBackoff = Duration.seconds(10 * 60)
    /// `authPermanentMaxMinutes`, default 60.
    package var maximumRefusalBackoff = Duration.seconds(60 * 60)
    /// `failureWindowHours`, default 24: failures further apart don't count together.
    package var failureWindow = Duration.seconds(24 * 3600)
    /// `overloadedProfileRotations`, 0 to 100, default 1: other logins that are tried when a provider is overloaded.
    package var overloadedRotations = 1
    /// `overloadedBackoffMs`, default 0: pause before such a try.
    package var overloadedBackoff = Duration.zero
    /// `rateLimitedProfileRotations`, 0 to 100, default 1: other logins that are tried after a rate limit.
    package var rateLimitedRotations = 1

    /// The defaults.
    package init() {}

    /// The first pause after a billing failure at `provider`.
    package func billingBackoff(for provider: ProviderID) -> Duration {
        billingBackoffByProvider[provider] ?? billingBackoff
    }
}
