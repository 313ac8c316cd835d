import AlulaAuth
import AlulaPrimitives

/// New tokens of a login, as they go into stores.
struct RenewedTokens: Sendable {
    /// How long an access token counts as good whose provider does not say.
    private static let assumedLifetime = Duration.seconds(3600)

    var access: Secret
    /// `nil` where the old one stays good.
    var refresh: Secret?
    var idToken: Secret?
    var expires: Timestamp
    /// Whom the provider says the tokens belong to; empty when it does not say.
    var identity: ProfileFact.Identity

    init(access: Secret, refresh: Secret?, idToken: Secret?, expires: Timestamp, identity: ProfileFact.Identity) {
        self.access = access
        self.refresh = refresh
        self.idToken = idToken
        self.expires = expires
        self.identity = identity
    }

    /// What a token endpoint gave at `now`.
    init(_ grant: TokenGrant, at now: Timestamp) {
        let (owner, access) = (TokenClaims(grant.idToken), TokenClaims(grant.access))
        self.init(
            access: grant.access, refresh: grant.refresh, idToken: grant.idToken,
            expires: grant.lifetime.map { now.advanced(by: $0) } ?? access?.expiry
                ?? now.advanced(by: Self.assumedLifetime),
            // A subject is not compared: stores hold other names of accounts beside it.
            identity: .init(
                accountID: owner?.openAIAccount ?? access?.openAIAccount, email: owner?.email ?? access?.email))
    }

    /// What a copy of the login holds that was renewed already.
    init?(_ profile: StoredProfile) {
        guard profile.kind == .oauth, let access = profile.inline, !profile.hasForbiddenReference,
            case .at(let end) = profile.expiry
        else { return nil }
        self.init(
            access: access, refresh: profile.refresh, idToken: profile.idToken, expires: end,
            identity: profile.identity)
    }

    /// Whether the token that was exchanged is used up.
    func replaces(_ token: FactVersion) -> Bool { refresh.map { FactVersion(recognising: $0) != token } ?? false }
}
