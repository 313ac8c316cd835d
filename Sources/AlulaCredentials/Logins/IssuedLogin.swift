package import AlulaAuth
package import AlulaPrimitives

/// A login that a provider has just issued to a person who signed in.
package struct IssuedLogin: Sendable {
    /// Longest mail address that becomes a part of an id, in bytes.
    private static let maximumName = 254

    let profile: StoredProfile
    /// What stands behind the provider in the id, where nothing says whose the login is.
    private let name: String?

    /// - Parameters:
    ///   - clientID: The client that the login belongs to, where the provider has none for everybody.
    ///   - now: When the tokens came.
    package init(_ grant: TokenGrant, of provider: ProviderID, clientID: String?, at now: Timestamp) {
        let tokens = RenewedTokens(grant, at: now)
        name = nil
        profile = StoredProfile(
            provider: provider, kind: .oauth, inline: tokens.access.normalised, refresh: tokens.refresh?.normalised,
            idToken: tokens.idToken?.normalised, expiry: .at(tokens.expires), identity: tokens.identity,
            clientID: clientID, plan: TokenClaims(grant.idToken)?.openAIPlan ?? TokenClaims(grant.access)?.openAIPlan)
    }

    /// A token that stays good until somebody takes it back.
    package init(_ token: Secret, of provider: ProviderID, named name: String) {
        profile = StoredProfile(provider: provider, kind: .token, inline: token.normalised)
        self.name = name
    }

    package var provider: ProviderID { profile.provider }
    package var kind: ProfileFact.Kind { profile.kind }
    /// Whose it is, as far as the provider says.
    package var identity: ProfileFact.Identity { profile.identity }
    /// When its access token ends; it is renewed before, if ``canBeRenewed``.
    package var end: Timestamp? { if case .at(let end) = profile.expiry { end } else { nil } }
    package var canBeRenewed: Bool { profile.refresh != nil }

    /// The id that it is stored under unless a person names another: its owner's mail address behind the provider.
    package var standardID: ProfileID {
        guard let email = identity.email, email.utf8.count <= Self.maximumName,
            email.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ":") })
        else { return name.map { ProfileID("\(provider):\($0)") } ?? .standard(for: provider) }
        return ProfileID("\(provider):\(email)")
    }

    /// The id beside another login of that name, such as a team's account of the same mail address, or a key.
    var distinctID: ProfileID {
        let account = (identity.accountID ?? "").filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
        return ProfileID("\(standardID)-\(account.isEmpty ? "login" : String(account.suffix(8)))")
    }
}
