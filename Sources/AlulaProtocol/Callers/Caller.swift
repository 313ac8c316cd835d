/// Who asks, as far as an answer may depend on it.
package struct Caller: Hashable, Sendable {
    /// The connection's id; an id of its own for each HTTP request.
    package let connectionID: String
    /// `nil` over HTTP.
    package let client: ClientIdentity?
    package let role: Role
    package let scopes: Set<Scope>
    /// On this machine, not through a proxy.
    package let isDirectLocal: Bool
    /// The version that the connection speaks.
    package let version: ProtocolVersion
    /// The device that the client proved; `nil` when it came without.
    package let device: DeviceID?
    /// Whether access rests on the shared secret on this machine, and so not on ``device``.
    package let isOwner: Bool

    package init(
        connectionID: String, client: ClientIdentity?, role: Role, scopes: Set<Scope>, isDirectLocal: Bool,
        version: ProtocolVersion, device: DeviceID? = nil, isOwner: Bool = false
    ) {
        self.connectionID = connectionID
        self.client = client
        self.role = role
        self.scopes = scopes
        self.isDirectLocal = isDirectLocal
        self.version = version
        self.device = device
        self.isOwner = isOwner
    }

    /// Whether access ends when the gateway's secret becomes another one. A paired device has a token of its own.
    package var restsOnSharedSecret: Bool { device == nil || isOwner }

    /// Whether paths and other sensitive parts may be shown.
    package var isAdministrator: Bool { role == .operator && scopes.contains(.admin) }
}
