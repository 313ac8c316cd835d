package import AlulaPrimitives

/// A paired device: who it is and what it was granted.
package struct DeviceRecord: Sendable {
    package var id: DeviceID
    /// As the file has it; usually ``DevicePublicKey/text``.
    package var publicKey: String
    /// What the device said of itself when it was approved.
    package var about = DeviceDescription()
    /// What somebody here calls it.
    package var label: String?
    /// All granted roles, by their words.
    package var roles: Set<String>
    /// The scopes that were granted to the operator role.
    package var scopes: Set<Scope>
    package var createdAt: Timestamp
    package var approvedAt: Timestamp
    /// By role.
    package var tokens: [String: DeviceToken]

    package init(
        id: DeviceID, publicKey: String, roles: Set<String> = [], scopes: Set<Scope> = [], createdAt: Timestamp,
        approvedAt: Timestamp, tokens: [String: DeviceToken] = [:]
    ) {
        self.id = id
        self.publicKey = publicKey
        self.roles = roles
        self.scopes = scopes
        self.createdAt = createdAt
        self.approvedAt = approvedAt
        self.tokens = tokens
    }

    /// Whether this device has `key`.
    package func holds(_ key: DevicePublicKey) -> Bool { DevicePublicKey(publicKey) == key }

    /// Whether the device may come in as `role`. Revoking a role's token takes the role away until it is approved again.
    package func grants(_ role: Role) -> Bool {
        roles.contains(role.rawValue) && tokens[role.rawValue]?.revokedAt == nil
    }

    /// The token for `role` that opens something.
    package func usableToken(for role: Role) -> DeviceToken? {
        guard grants(role), let token = tokens[role.rawValue], token.isUsable else { return nil }
        return token
    }

    /// Pins what the device calls itself. What it does not say any more is no longer pinned.
    ///
    /// - Returns: Whether that is something else than before.
    mutating func pin(traitsOf other: DeviceDescription) -> Bool {
        if about.hasSameTraits(as: other) { return false }
        about.platform = other.platform
        about.deviceFamily = other.deviceFamily
        return true
    }

    /// Whether what the client calls itself differs from what was pinned.
    func hasOtherTraits(than client: ClientIdentity) -> Bool {
        func differs(_ pinned: String?, _ claimed: String?) -> Bool {
            guard let pinned = pinned?.deviceTrait, !pinned.isEmpty else { return false }
            return pinned != claimed?.deviceTrait ?? ""
        }
        return differs(about.platform, client.platform) || differs(about.deviceFamily, client.deviceFamily)
    }

    /// What a token for `role` may do at most.
    func maximumScopes(for role: String) -> Set<Scope> { role == Role.operator.rawValue ? scopes : [] }
}

extension Set<Scope> {
    /// Whether every one of `asked` is permitted by these.
    package func cover(_ asked: Set<Scope>) -> Bool { asked.allSatisfy { permit($0) } }
}
