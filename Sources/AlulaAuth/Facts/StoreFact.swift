package import AlulaPrimitives

/// What one credential store holds, without any of its secrets.
package struct StoreFact: Hashable, Sendable {
    /// Which files the store was read from.
    package enum Origin: String, Sendable, CaseIterable {
        case profiles = "auth-profiles.json"
        case legacyMap = "auth.json"
        case legacyOAuth = "oauth.json"
        case database = "openclaw-agent.sqlite"
        case empty
    }

    package var origin: Origin
    /// The file that was read, for messages.
    package var path: String
    package var profiles: [ProfileID: ProfileFact]
    /// Explicit orders; an empty list switches a provider's profiles off.
    package var order: [ProviderID: [ProfileID]]
    package var lastGood: [ProviderID: ProfileID]
    package var usage: [ProfileID: ProfileUsage]
    /// What was wrong with parts of the store; the rest is used.
    package var problems: [SourceProblem]

    package init(
        origin: Origin = .empty, path: String = "", profiles: [ProfileID: ProfileFact] = [:],
        order: [ProviderID: [ProfileID]] = [:], lastGood: [ProviderID: ProfileID] = [:],
        usage: [ProfileID: ProfileUsage] = [:], problems: [SourceProblem] = []
    ) {
        self.origin = origin
        self.path = path
        self.profiles = profiles
        self.order = order
        self.lastGood = lastGood
        self.usage = usage
        self.problems = problems
    }

    /// Whether the store says nothing that could change an inherited answer.
    package var isEmpty: Bool { profiles.isEmpty && order.isEmpty && lastGood.isEmpty && usage.isEmpty }
}

/// One credential as a fact: what it is, not what it says.
package struct ProfileFact: Hashable, Sendable {
    /// Raw values are the file format's.
    package enum Kind: String, CaseIterable, Sendable {
        case apiKey = "api_key"
        case token
        case oauth
    }

    /// When the credential ends, as the store states it.
    package enum Expiry: Hashable, Sendable {
        case unstated
        case at(Timestamp)
        /// Present and not a usable point in time.
        case invalid
    }

    /// Who the credential belongs to. Both parts are trimmed; the mail address is lower-cased.
    package struct Identity: Hashable, Sendable {
        package var accountID: String?
        package var email: String?

        package init(accountID: String? = nil, email: String? = nil) {
            self.accountID = accountID
            self.email = email
        }

        package var isEmpty: Bool { accountID == nil && email == nil }
    }

    /// Where a profile that is in no store file came from.
    package enum Provenance: Hashable, Sendable {
        case stored
        case login(LoginTool)
    }

    package var provider: ProviderID
    package var kind: Kind
    /// A digest of the inline key, token or access token; `nil` when there is none. It serves comparison only.
    package var inlineDigest: FactVersion?
    /// The inline text is a known marker and not a secret.
    package var marker: String?
    /// The pointer that stands instead of, or beside, an inline value.
    package var reference: SecretReference?
    /// A digest of the refresh token; `nil` when there is none.
    package var refreshDigest: FactVersion?
    package var expiry: Expiry
    package var identity: Identity
    package var displayName: String?
    package var copiesToAgents: Bool?
    package var provenance: Provenance
    /// A reference stands where this kind of credential may not have one.
    package var hasForbiddenReference: Bool

    package init(
        provider: ProviderID, kind: Kind, inlineDigest: FactVersion? = nil, marker: String? = nil,
        reference: SecretReference? = nil, refreshDigest: FactVersion? = nil, expiry: Expiry = .unstated,
        identity: Identity = Identity(), displayName: String? = nil, copiesToAgents: Bool? = nil,
        provenance: Provenance = .stored, hasForbiddenReference: Bool = false
    ) {
        self.provider = provider
        self.kind = kind
        self.inlineDigest = inlineDigest
        self.marker = marker
        self.reference = reference
        self.refreshDigest = refreshDigest
        self.expiry = expiry
        self.identity = identity
        self.displayName = displayName
        self.copiesToAgents = copiesToAgents
        self.provenance = provenance
        self.hasForbiddenReference = hasForbiddenReference
    }
}
