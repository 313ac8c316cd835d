package import AlulaAuth
package import AlulaPrimitives

// What commands and the gateway do to stores. Each operation blocks the calling thread and throws what
// `update(_:deadline:_:)` throws.

extension CredentialStoreWriter {
    /// Signs out: forgets profiles with everything that was recorded about them.
    ///
    /// - Returns: The profiles that were in this store.
    @discardableResult
    package func removeProfiles(
        ids: Set<ProfileID> = [], providers: Set<ProviderID> = []
    ) throws(CredentialError) -> Outcome<[ProfileID]> {
        try update(.requested) { (document) throws(CredentialError) in
            document.removeProfiles(ids: ids, providers: providers)
        }
    }

    /// Sets the order in which a provider's profiles are tried; an empty one switches them off.
    @discardableResult
    package func setOrder(_ ids: [ProfileID], for provider: ProviderID) throws(CredentialError) -> Outcome<Void> {
        try update(.requested) { (document) throws(CredentialError) in document.setOrder(ids, for: provider) }
    }

    /// Leaves the order to the rules again.
    @discardableResult
    package func clearOrder(for provider: ProviderID) throws(CredentialError) -> Outcome<Void> {
        try update(.requested) { (document) throws(CredentialError) in document.clearOrder(for: provider) }
    }

    /// Stores a key in place of whatever `id` was.
    @discardableResult
    package func storeAPIKey(
        _ key: Secret, as id: ProfileID, provider: ProviderID
    ) throws(CredentialError) -> Outcome<Void> {
        try update(.requested) { (document) throws(CredentialError) in
            try document.storeAPIKey(key, as: id, provider: provider)
        }
    }

    /// Stores a login that was just issued, as ``CredentialStoreDocument/storeLogin(_:as:)`` says.
    @discardableResult
    package func storeLogin(
        _ login: IssuedLogin, as chosen: ProfileID? = nil
    ) throws(CredentialError) -> Outcome<ProfileID> {
        try update(.requested) { (document) throws(CredentialError) in try document.storeLogin(login, as: chosen) }
    }

    /// Looks whether a change could be made now, and makes none.
    @discardableResult
    package func assertUsable() throws(CredentialError) -> Outcome<Void> {
        try update(.bookkeeping) { (_) throws(CredentialError) in }
    }

    /// Ends every window of a profile, because a person says so.
    @discardableResult
    package func clearCooldown(of id: ProfileID) throws(CredentialError) -> Outcome<Void> {
        try update(.requested) { (document) throws(CredentialError) in document.clearCooldown(of: id) }
    }

    /// Replaces what is recorded about a profile.
    @discardableResult
    package func recordUsage(_ usage: ProfileUsage, of id: ProfileID) throws(CredentialError) -> Outcome<Void> {
        try updateUsage(of: id) { $0 = usage }
    }

    /// Changes what is recorded about a profile, starting from what is on disk.
    @discardableResult
    package func updateUsage(
        of id: ProfileID, _ change: (inout ProfileUsage) -> Void
    ) throws(CredentialError) -> Outcome<Void> {
        try update(.bookkeeping) { (document) throws(CredentialError) in document.updateUsage(of: id, change) }
    }

    /// Records that a profile served a provider: its windows end, and it is the last good one.
    @discardableResult
    package func recordSuccess(
        of id: ProfileID, for provider: ProviderID, at instant: Timestamp
    ) throws(CredentialError) -> Outcome<Void> {
        try update(.bookkeeping) { (document) throws(CredentialError) in
            document.updateUsage(of: id) { $0 = ProfileUsage(lastUsed: instant) }
            if document.lastGood[provider] != id { document.setLastGood(id, for: provider) }
        }
    }
}
