package import AlulaPrimitives

/// Whether a provider can answer for an agent, and how that is known.
package enum Availability: Hashable, Sendable {
    case available(Evidence)
    /// `until` is when the answer will change by itself, or `nil` when somebody has to act first.
    case unavailable(UnavailableReason, until: Timestamp?)
    /// Whether it would work can't be told without asking somebody.
    case unknown(UnknownReason)

    /// The Boolean that the protocol wants: an answer that can't be told counts as no.
    package var isAvailable: Bool { if case .available = self { true } else { false } }

    /// A login with less left than this is not used any more: it would end under the request.
    package static let expiryMargin = Duration.seconds(300)

    /// When this answer changes by itself: the end of a window, or of a credential.
    package var changesAt: Timestamp? {
        switch self {
        case .available(let evidence):
            evidence.mode == .oauth
                ? evidence.expiresAt?.advanced(by: .zero - Self.expiryMargin) : evidence.expiresAt
        case .unavailable(_, let until): until
        case .unknown: nil
        }
    }
}

/// What makes a provider usable.
package struct Evidence: Hashable, Sendable {
    package enum Source: Hashable, Sendable {
        case environment(variable: String)
        case profile(ProfileID)
        /// A login that another tool keeps, used as profile `id`.
        case login(LoginTool, ProfileID)
        /// A key, or a pointer to one, under `models.providers.<id>.apiKey`.
        case configuration
        case googleCredentials
        case aws(AWSSource)
        /// A model server on this machine or network that needs no key.
        case localServer
        /// The gateway's own test model, or a login that the provider's adapter owns.
        case builtIn
    }

    /// Which part of the AWS chain was found.
    package enum AWSSource: Hashable, Sendable {
        case bearerToken
        case environmentKeys
        case profile(String, AWSFilesFact.Means)
        case webIdentity
        case container
    }

    /// How a request will be signed. Raw values are the protocol's.
    package enum Mode: String, Sendable, CaseIterable {
        case apiKey = "api-key"
        case oauth
        case token
        case aws = "aws-sdk"
    }

    package var source: Source
    package var mode: Mode
    /// When the credential ends, or `nil` when it has no stated end or renews itself.
    package var expiresAt: Timestamp?
    /// The reference's label for the source, such as `env: OPENAI_API_KEY` or `profile:openai:work`.
    package var label: String

    package init(source: Source, mode: Mode, expiresAt: Timestamp? = nil, label: String) {
        self.source = source
        self.mode = mode
        self.expiresAt = expiresAt
        self.label = label
    }
}

/// Why a provider can't answer. Raw values are stable: they appear on the wire and as a metric dimension.
package enum UnavailableReason: String, CaseIterable, Sendable {
    case noLogin = "no_login"
    case expired
    /// An OAuth login is due, and renewing it failed.
    case refreshFailed = "refresh_failed"
    case invalidExpiry = "invalid_expires"
    case missingCredential = "missing_credential"
    case unresolvedReference = "unresolved_ref"
    case modeMismatch = "mode_mismatch"
    case providerMismatch = "provider_mismatch"
    case coolingDown = "cooldown"
    case billingDisabled = "billing_disabled"
    case credentialRejected = "credential_rejected"
    case usageLimit = "usage_limit"
    case switchedOff = "switched_off"
    case unusableStore = "unusable_store"
    case incompleteSettings = "incomplete_settings"
    case invalidSettings = "invalid_settings"
}

/// Why it can't be told whether a provider would answer. Raw values are stable.
package enum UnknownReason: String, CaseIterable, Sendable {
    case notReadYet = "not_read_yet"
    case sourceTimedOut = "source_timed_out"
    case helperPending = "helper_pending"
    case helperTimedOut = "helper_timed_out"
    case needsInteraction = "needs_interaction"
    case unreadableSource = "unreadable_source"
}
