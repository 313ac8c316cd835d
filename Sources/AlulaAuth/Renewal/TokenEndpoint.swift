package import AlulaModels
package import AlulaPrimitives

/// Exchanges refresh tokens where a provider issues them. Whoever conforms talks to the network and keeps nothing.
package protocol TokenEndpoint: Sendable {
    /// Exchanges a refresh token once. When it returns, the old one may be used up.
    ///
    /// - Throws: ``RenewalFailure``, `CancellationError`. After a failure of the connection nobody knows whether the token
    ///   was exchanged.
    func exchange(_ request: TokenRequest, until deadline: Deadline) async throws -> TokenGrant
}

/// What is asked of a token endpoint.
package struct TokenRequest: Sendable {
    package let endpoint: TokenEndpointEntry
    package let clientID: String
    package let refresh: Secret

    package init(endpoint: TokenEndpointEntry, clientID: String, refresh: Secret) {
        self.endpoint = endpoint
        self.clientID = clientID
        self.refresh = refresh
    }
}

/// What a token endpoint gave.
package struct TokenGrant: Sendable {
    package let access: Secret
    /// The next refresh token; `nil` where the old one stays good.
    package let refresh: Secret?
    package let idToken: Secret?
    /// How long the access token lasts; `nil` when the provider does not say.
    package let lifetime: Duration?

    package init(access: Secret, refresh: Secret? = nil, idToken: Secret? = nil, lifetime: Duration? = nil) {
        self.access = access
        self.refresh = refresh
        self.idToken = idToken
        self.lifetime = lifetime
    }
}
