package import AlulaModels
package import AlulaPrimitives

/// Redeems the codes that browsers bring back from signing in. Whoever conforms talks to the network and keeps nothing.
package protocol CodeEndpoint: Sendable {
    /// Redeems a code, which is good once.
    ///
    /// - Throws: ``RenewalFailure``, `CancellationError`.
    func redeem(_ request: CodeRequest, until deadline: Deadline) async throws -> TokenGrant
}

/// What is asked of a token endpoint for a code.
package struct CodeRequest: Sendable {
    package let endpoint: TokenEndpointEntry
    package let clientID: String
    package let code: Secret
    /// What the provider was shown the digest of.
    package let verifier: Secret
    /// The address that the browser was sent back to.
    package let redirect: String

    package init(
        endpoint: TokenEndpointEntry, clientID: String, code: Secret, verifier: Secret, redirect: String
    ) {
        self.endpoint = endpoint
        self.clientID = clientID
        self.code = code
        self.verifier = verifier
        self.redirect = redirect
    }
}
