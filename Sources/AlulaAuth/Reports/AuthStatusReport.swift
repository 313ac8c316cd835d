package import AlulaPrimitives

/// How the logins of the providers are doing: the content of `models.authStatus`.
package struct AuthStatusReport: Hashable, Sendable {
    /// One stored login.
    package struct Profile: Hashable, Sendable {
        package var id: ProfileID
        package var provider: ProviderID
        package var kind: ProfileFact.Kind
        package var status: CredentialStatus
        /// Why the profile can't be tried; `nil` when it can.
        package var ineligibility: ProfileEligibility?
        package var expiry: CredentialExpiry?
        /// What keeps the profile from being used now.
        package var window: UsageWindow?
        /// Why the login could not be renewed, though it is due.
        package var renewalTrouble: RenewalTrouble?
        /// Where it is kept, such as `store` or `Codex CLI`.
        package var source: String
        package var displayName: String?
        package var email: String?
        package var lastUsed: Timestamp?
    }

    /// One provider with its logins.
    package struct Provider: Hashable, Sendable {
        package var id: ProviderID
        package var displayName: String
        package var status: CredentialStatus
        package var expiry: CredentialExpiry?
        /// All stored logins, also those that are not tried.
        package var profiles: [Profile]
        /// The ids in the order in which they are tried.
        package var order: [ProfileID]
        package var answer: ProviderAnswer
        /// How much of the account's allowance is used, if that is known.
        package var quota: ProviderQuota?
    }

    package let at: Timestamp
    package let agent: AgentID
    package let providers: [Provider]

    /// Reports on the providers that the configuration wants a renewable login for; where it wants none, on all
    /// that have a stored login.
    ///
    /// - Parameter quotas: What is known of accounts' allowances.
    package init(_ reader: AuthReader, quotas: [ProviderID: ProviderQuota] = [:]) {
        at = reader.now
        agent = reader.agent
        let health = AuthHealth(reader)
        let configured = health.configuredProviders
        let ids = configured.isEmpty ? health.storedProviders : configured
        providers = ids.sorted().map { id in
            var provider = health.provider(id)
            // As in the reference, what a key is told is in `usage.status` alone.
            if provider.profiles.contains(where: { $0.kind != .apiKey }) { provider.quota = quotas[id] }
            return provider
        }
    }
}
