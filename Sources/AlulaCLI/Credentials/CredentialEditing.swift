package import AlulaCredentials
package import AlulaPrimitives

/// Changes an agent's credential store and its orders. Each call is one locked, durable write.
package protocol CredentialEditing: Sendable {
    /// Stores a key, in place of whatever `profile` was.
    ///
    /// - Returns: The file that holds it now.
    func storeAPIKey(
        _ key: Secret, as profile: ProfileID, provider: ProviderID, in store: CredentialPlace
    ) async throws -> String
    /// Stores a token that can't be renewed. `expiry` is when it ends, if that is known.
    func storeToken(
        _ token: Secret, as profile: ProfileID, provider: ProviderID, expiry: Timestamp?, in store: CredentialPlace
    ) async throws -> String
    /// Stores a login that was just issued; one of another account is replaced only where a person chose its id.
    ///
    /// - Parameter chosen: The id that a person wants; `nil` for one that says whose it is.
    /// - Returns: The id that it has now, and the file that holds it.
    func storeLogin(
        _ login: IssuedLogin, as chosen: ProfileID?, in store: CredentialPlace
    ) async throws -> (profile: ProfileID, path: String)
    /// Looks whether the store could be changed, so that nobody signs in for nothing.
    func assertUsable(_ store: CredentialPlace) async throws
    /// Signs out of a provider in this store and in the one that it inherits logins from. Orders and cooldowns go, too.
    ///
    /// - Returns: The profiles that were there.
    func signOut(of provider: ProviderID, in store: CredentialPlace) async throws -> [ProfileID]
    /// The explicit order, or `nil` where none is set.
    func order(of provider: ProviderID, in store: CredentialPlace) async throws -> [ProfileID]?
    /// Sets the order; an empty one switches the provider's logins off.
    func setOrder(_ profiles: [ProfileID], of provider: ProviderID, in store: CredentialPlace) async throws
    /// Leaves the order to the rules again.
    func clearOrder(of provider: ProviderID, in store: CredentialPlace) async throws
    /// Ends the windows of the profiles that `matches` chooses, and forgets their failures.
    ///
    /// - Parameter matches: Is given each profile that something is recorded about, with its provider if it is known.
    /// - Returns: The profiles whose windows were ended.
    func clearCooldowns(
        in store: CredentialPlace, where matches: @escaping @Sendable (ProfileID, ProviderID?) -> Bool
    ) async throws -> [ProfileID]
}

/// One agent's store.
package struct CredentialPlace: Hashable, Sendable {
    package var agent: AgentID
    package var directory: String
    /// Whether it is the store that all agents inherit from.
    package var isMain: Bool

    package init(agent: AgentID, directory: String, isMain: Bool) {
        self.agent = agent
        self.directory = directory
        self.isMain = isMain
    }

    /// Where orders and cooldowns are kept.
    package var statePath: String { "\(directory)/auth-state.json" }
}
