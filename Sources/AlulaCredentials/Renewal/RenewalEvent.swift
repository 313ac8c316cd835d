package import AlulaAuth
package import AlulaPrimitives

/// What came of one turn with a login that was due, for logs, metrics and status. It holds no secret.
package struct RenewalEvent: Hashable, Sendable {
    /// Raw values are stable: they appear in logs and as a metric dimension.
    package enum Outcome: String, CaseIterable, Sendable {
        /// The provider gave new tokens.
        case renewed
        /// New tokens were found that somebody had left before they were in the store.
        case recovered
        /// Another copy of the login had been renewed, and its tokens were taken over.
        case adopted
        /// There are no new tokens.
        case failed
    }

    package let provider: ProviderID
    package let profile: ProfileID
    /// The digest of the refresh token that was due.
    package let token: FactVersion
    package let outcome: Outcome
    /// Why it failed, and until when the token rests.
    package let failure: RenewalFailure?
    package let restsUntil: Timestamp?
    /// Stores that hold a copy and could not be written; what is in them is used up.
    package let unwritten: [StoreID]

    package init(
        provider: ProviderID, profile: ProfileID, token: FactVersion, outcome: Outcome, failure: RenewalFailure? = nil,
        restsUntil: Timestamp? = nil, unwritten: [StoreID] = []
    ) {
        self.provider = provider
        self.profile = profile
        self.token = token
        self.outcome = outcome
        self.failure = failure
        self.restsUntil = restsUntil
        self.unwritten = unwritten
    }
}
