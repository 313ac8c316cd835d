package import AlulaPrimitives

/// The token by which one device comes in as one role.
package struct DeviceToken: Sendable {
    package var token: Secret
    /// A role's word; a file may hold roles of later versions.
    package var role: String
    package var scopes: Set<Scope>
    package var createdAt: Timestamp
    package var rotatedAt: Timestamp?
    package var revokedAt: Timestamp?
    package var lastUsedAt: Timestamp?

    package init(
        token: Secret, role: String, scopes: Set<Scope>, createdAt: Timestamp, rotatedAt: Timestamp? = nil,
        revokedAt: Timestamp? = nil, lastUsedAt: Timestamp? = nil
    ) {
        self.token = token
        self.role = role
        self.scopes = scopes
        self.createdAt = createdAt
        self.rotatedAt = rotatedAt
        self.revokedAt = revokedAt
        self.lastUsedAt = lastUsedAt
    }

    /// Whether the token opens anything.
    package var isUsable: Bool { revokedAt == nil && !token.isBlank }

    /// When this text was issued.
    package var issuedAt: Timestamp { rotatedAt ?? createdAt }
}

/// What came of comparing a token with what is known about its device. Only ``mismatched`` is a wrong guess.
package enum DeviceTokenVerdict: Hashable, Sendable {
    case matched
    /// The client offered none.
    case missing
    /// The device is not paired, or its key is another.
    case unknownDevice
    /// The device has no token for the role.
    case noToken
    case revoked
    case mismatched
    /// The token is right and allows less than what is asked for.
    case scopeMismatch
}
