package import AlulaModels
package import AlulaPrimitives

/// In which order a provider's profiles are tried.
package struct ProfileOrder: Hashable, Sendable {
    /// Where the list of profiles came from. Raw values are for reports.
    package enum Origin: String, CaseIterable, Sendable {
        /// `order` of the routing state, which a command wrote.
        case storedOrder = "stored-order"
        /// `auth.order` of the configuration.
        case configuredOrder = "configured-order"
        /// `auth.profiles` of the configuration.
        case configuredProfiles = "configured-profiles"
        /// Whatever is stored for the provider.
        case stored
    }

    package let origin: Origin
    /// An explicit order without entries: no stored profile may be used.
    package let isSwitchedOff: Bool
    /// Eligible profiles in the order of trial, those that rest last; then the others, with what is wrong.
    package let ranked: [RankedProfile]

    /// Profiles that may be tried, in order.
    package var eligible: [RankedProfile] { ranked.filter { $0.eligibility == .ok } }

    /// Ranks the profiles of `provider` and of whatever shares its login.
    ///
    /// Which profile worked last plays no part: an order that moves by itself surprises its owner.
    ///
    /// - Parameters:
    ///   - model: Leaves windows over other models out; `nil` counts them all.
    ///   - preferred: A profile that a session is pinned to. When it may be used it comes first, resting or not.
    package static func resolve(
        _ provider: ProviderID, in store: EffectiveStore, context: AuthContext, now: Timestamp,
        table: ProviderTable = .builtIn, model: ModelID? = nil, preferred: ProfileID? = nil
    ) -> ProfileOrder {
        ProfileRanking(provider: provider, store: store, context: context, now: now, table: table, model: model)
            .resolve(preferred: preferred)
    }
}

/// One profile's place in a ``ProfileOrder``.
package struct RankedProfile: Hashable, Sendable {
    package let id: ProfileID
    package let eligibility: ProfileEligibility
    /// What keeps it from being used now, or `nil`.
    package let window: UsageWindow?

    package init(id: ProfileID, eligibility: ProfileEligibility, window: UsageWindow? = nil) {
        self.id = id
        self.eligibility = eligibility
        self.window = window
    }
}
