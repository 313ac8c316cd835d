import AlulaAuth
import AlulaJSON
import AlulaPrimitives

extension CredentialStoreDocument {
    /// Puts new tokens in place of used up ones, in every copy of the login that this store holds. Everything else about
    /// the profiles stays, what is recorded about their use included: that is about the account.
    ///
    /// - Parameter token: The refresh token that was exchanged.
    /// - Returns: The profiles that were copies of it.
    @discardableResult
    mutating func renew(_ token: FactVersion, of provider: ProviderID, with tokens: RenewedTokens) -> Set<ProfileID> {
        let copies = Set(
            profiles.filter {
                RenewalDecision.isUsedUp(
                    $0.value.fact(markers: []), token: token, provider: provider, owner: tokens.identity)
            }.keys)
        guard !copies.isEmpty else { return [] }
        edit { profileMembers, _ in
            guard var entries = profileMembers["profiles"]?.object else { return }
            for (key, value) in entries where copies.contains(ProfileID(key)) {
                guard var entry = value.object else { continue }
                entry["access"] = .string(tokens.access.exposed)
                if let refresh = tokens.refresh { entry["refresh"] = .string(refresh.exposed) }
                if let idToken = tokens.idToken { entry["idToken"] = .string(idToken.exposed) }
                entry["expires"] = .number(tokens.expires.milliseconds)
                // It points at the tokens that were there before.
                entry["oauthRef"] = nil
                entries[key] = .object(entry)
            }
            profileMembers["profiles"] = .object(entries)
        }
        return copies
    }
}
