package import AlulaPrimitives

/// One provider's answer for people and programs: available or not, through what, why not, until when, what to do.
package struct ProviderAnswer: Hashable, Sendable {
    package let provider: ProviderID
    package let availability: Availability
    /// What makes the provider usable, or what was looked at last before the answer became no.
    package let evidence: String?
    /// What to type next; `nil` while nothing is wrong.
    package let remedy: String?
    /// What exactly is in the way, where more is known than the reason says.
    package let detail: String?

    package init(
        provider: ProviderID, availability: Availability, evidence: String? = nil, remedy: String? = nil,
        detail: String? = nil
    ) {
        self.provider = provider
        self.availability = availability
        self.evidence = evidence
        self.remedy = remedy
        self.detail = detail
    }

    /// Sums up what was weighed.
    package init(_ evaluation: ProviderEvaluation, remedies: RemedyBook) {
        let deciding = evaluation.candidates.first { $0.availability == evaluation.availability }
        self.init(
            provider: evaluation.provider, availability: evaluation.availability, evidence: deciding?.label,
            remedy: remedies.remedy(for: evaluation), detail: deciding?.detail)
    }

    package var isAvailable: Bool { availability.isAvailable }

    /// Stable code of what is in the way, such as `no_login` or `source_timed_out`; `nil` while nothing is.
    package var reasonCode: String? {
        switch availability {
        case .available: nil
        case .unavailable(let reason, _): reason.rawValue
        case .unknown(let reason): reason.rawValue
        }
    }

    /// When the answer turns into yes by itself.
    package var until: Timestamp? {
        if case .unavailable(_, let until) = availability { until } else { nil }
    }

    /// What is in the way, in two or three words for people, and more where more is known.
    package var reason: String? {
        let phrase: String
        switch availability {
        case .available: return nil
        case .unavailable(let reason, _): phrase = reason.phrase
        case .unknown(let reason): phrase = reason.phrase
        }
        return detail.map { "\(phrase): \($0)" } ?? phrase
    }

    /// Whether nobody has given this provider a usable credential, as opposed to one that rests or has ended.
    package var lacksCredential: Bool {
        switch availability {
        case .available, .unknown: false
        case .unavailable(let reason, _): reason.listReason == .missingAuth
        }
    }
}

extension UnavailableReason {
    /// For people.
    package var phrase: String {
        switch self {
        case .noLogin: "no login"
        case .expired: "login has ended"
        case .refreshFailed: "refresh failed"
        case .invalidExpiry: "unreadable end of login"
        case .missingCredential: "login without credential"
        case .unresolvedReference: "secret not found"
        case .modeMismatch: "wrong kind of login"
        case .providerMismatch: "login of another provider"
        case .coolingDown: "cooling down"
        case .billingDisabled: "billing problem"
        case .credentialRejected: "credential rejected"
        case .usageLimit: "allowance used up"
        case .switchedOff: "switched off by order"
        case .unusableStore: "unusable store"
        case .incompleteSettings: "incomplete settings"
        case .invalidSettings: "invalid settings"
        }
    }

    /// The protocol's coarser reason for a row of `models.list`.
    package var listReason: ModelRow.UnavailableReason {
        switch self {
        case .noLogin, .missingCredential, .unresolvedReference, .modeMismatch, .providerMismatch, .switchedOff,
            .unusableStore, .incompleteSettings, .invalidSettings:
            .missingAuth
        case .expired, .refreshFailed, .invalidExpiry, .credentialRejected: .authFailed
        case .coolingDown, .billingDisabled, .usageLimit: .cooldown
        }
    }
}

extension UnknownReason {
    /// For people.
    package var phrase: String {
        switch self {
        case .notReadYet: "not read yet"
        case .sourceTimedOut: "source did not answer"
        case .helperPending: "secret helper still running"
        case .helperTimedOut: "secret helper did not answer"
        case .needsInteraction: "needs a person or the network"
        case .unreadableSource: "source not readable"
        }
    }
}
