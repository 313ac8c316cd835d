package import AlulaPrimitives

/// A time during which a profile is not used, and why.
package struct UsageWindow: Hashable, Sendable {
    /// Raw values are the protocol's.
    package enum Kind: String, CaseIterable, Sendable {
        /// A short rest after a failure.
        case cooldown
        /// A long rest after a failure that a person has to mend.
        case disabled
        /// The provider said until when the account's allowance is used up.
        case blocked
    }

    package var kind: Kind
    package var reason: FailureReason
    package var until: Timestamp
    /// The only model that the window covers; `nil` means all.
    package var model: ModelID?

    package init(kind: Kind, reason: FailureReason, until: Timestamp, model: ModelID? = nil) {
        self.kind = kind
        self.reason = reason
        self.until = until
        self.model = model
    }

    /// The same as an answer about a provider.
    package var unavailableReason: UnavailableReason {
        switch kind {
        case .cooldown: .coolingDown
        case .blocked: .usageLimit
        case .disabled: reason == .billing ? .billingDisabled : .credentialRejected
        }
    }
}

extension FailureReason {
    /// Whether a rest after this failure is meant for one model and not for the whole login.
    package var isModelScoped: Bool { self == .rateLimit || self == .timeout }

    /// Whether only a person can mend this, so that the long lane applies.
    package var isDisabling: Bool { self == .billing || self == .authPermanent }

    /// From the one worth showing first to the vaguest, for ties.
    package static let byPriority: [FailureReason] = [
        .authPermanent, .auth, .billing, .format, .modelNotFound, .overloaded, .timeout, .rateLimit, .emptyResponse,
        .noErrorDetails, .unclassified, .unknown, .sessionExpired,
    ]
}
