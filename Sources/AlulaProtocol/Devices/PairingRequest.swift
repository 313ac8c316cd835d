package import AlulaPrimitives

/// A device that waits for approval.
package struct PairingRequest: Hashable, Sendable {
    /// How long a request waits; a device that keeps asking keeps it alive.
    package static let lifetime = Duration.seconds(300)

    package var requestID: String
    package var device: DeviceID
    package var publicKey: String
    /// What the device said of itself when it asked last.
    package var about = DeviceDescription()
    package var roles: Set<String>
    package var scopes: Set<Scope>
    /// Whether it was approved without asking. Such requests are not kept.
    package var isSilent = false
    /// Whether the device is known and asks for something else than it has.
    package var isRepair = false
    /// When the device asked last.
    package var askedAt: Timestamp

    package init(
        requestID: String, device: DeviceID, publicKey: String, roles: Set<String>, scopes: Set<Scope>,
        askedAt: Timestamp
    ) {
        self.requestID = requestID
        self.device = device
        self.publicKey = publicKey
        self.roles = roles
        self.scopes = scopes
        self.askedAt = askedAt
    }

    /// Whether the request is over. One from the future was written by a clock that has been set back since.
    package func hasExpired(at now: Timestamp) -> Bool {
        now.duration(since: askedAt) > Self.lifetime || askedAt.duration(since: now) > Self.lifetime
    }

    /// Whether approving this would give what `other` asks for, to the same device.
    func covers(_ other: PairingRequest) -> Bool {
        publicKey == other.publicKey && roles.isSuperset(of: other.roles) && scopes.cover(other.scopes)
            && about.hasSameTraits(as: other.about)
    }
}

/// Why a device has to be approved. Raw values are the wire's.
package enum PairingReason: String, CaseIterable, Sendable {
    case notPaired = "not-paired"
    case metadataUpgrade = "metadata-upgrade"
    case roleUpgrade = "role-upgrade"
    case scopeUpgrade = "scope-upgrade"

    /// What follows `pairing required:`. Short, since a close has room for 120 bytes and clients look for the request's id
    /// at its end.
    package var explanation: String {
        switch self {
        case .notPaired: "device is not paired"
        case .metadataUpgrade: "device describes itself differently than before"
        case .roleUpgrade: "device asks for a role that it was not given"
        case .scopeUpgrade: "device asks for more scopes than it was given"
        }
    }
}
