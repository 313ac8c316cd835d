package import AlulaPrimitives

/// A client that came with a device, as far as its admission depends on the device.
package struct DeviceArrival: Sendable {
    package var claim: DeviceClaim
    package var client: ClientIdentity
    package var role: Role
    /// In the order in which they were sent.
    package var scopes: [Scope]
    /// `auth.token`, which may be the shared token or one of the device.
    package var token: Secret?
    /// `auth.deviceToken`.
    package var deviceToken: Secret?
    /// `auth.bootstrapToken`. It is part of what is signed; setup codes are not served, so it opens nothing.
    package var bootstrapToken: Secret?
    /// The nonce of this connection's challenge.
    package var nonce: String
    /// The other end of the socket.
    package var address: String
    /// From this machine, through no proxy.
    package var isDirectLocal: Bool
    /// Whether a page of a browser asks that is no interface of ours.
    package var isForeignPage: Bool
    /// What came of comparing the shared secret.
    package var sharedSecret: CallerAuthentication.Verdict

    package init(
        claim: DeviceClaim, client: ClientIdentity, role: Role, scopes: [Scope], token: Secret? = nil,
        deviceToken: Secret? = nil, bootstrapToken: Secret? = nil, nonce: String, address: String,
        isDirectLocal: Bool, isForeignPage: Bool = false, sharedSecret: CallerAuthentication.Verdict
    ) {
        self.claim = claim
        self.client = client
        self.role = role
        self.scopes = scopes
        self.token = token
        self.deviceToken = deviceToken
        self.bootstrapToken = bootstrapToken
        self.nonce = nonce
        self.address = address
        self.isDirectLocal = isDirectLocal
        self.isForeignPage = isForeignPage
        self.sharedSecret = sharedSecret
    }

    /// Whether the client showed that it knows the shared secret, or none is asked for.
    package var provesSharedSecret: Bool {
        switch sharedSecret {
        case .matched, .open: true
        case .missing, .mismatched, .notConfigured: false
        }
    }

    /// Whether this is the gateway's owner: an operator on this machine who knows the shared secret. The owner never
    /// meets pairing.
    package var isOwner: Bool { isDirectLocal && provesSharedSecret && role == .operator }

    /// The token that may be one of the device: the one sent as such, else the one that was tried as the shared one.
    package var offeredToken: Secret? { [deviceToken, token].compactMap { $0 }.first { !$0.isBlank } }

    /// What the device signed, if it signed what it sent.
    var signed: SignedConnect {
        let shown = [token, deviceToken, bootstrapToken].compactMap { $0 }.first { !$0.exposed.isEmpty }
        return SignedConnect(
            device: claim.id, client: client, role: role, scopes: scopes, signedAt: claim.signedAt,
            token: shown ?? Secret(""), nonce: claim.nonce)
    }

    /// The scopes that matter: a node has none.
    var askedScopes: Set<Scope> { role == .operator ? Set(scopes) : [] }
}
