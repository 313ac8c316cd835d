package import AlulaPrimitives

/// The words of `connect` that a device signs.
package struct SignedConnect: Sendable {
    /// The forms of the text. The first one had no nonce and is refused.
    package enum Version: String, CaseIterable, Sendable {
        case two = "v2"
        /// Adds the platform and the family of the device.
        case three = "v3"
    }

    package var device: DeviceID
    package var client: ClientIdentity
    package var role: Role
    /// In the order in which they were sent.
    package var scopes: [Scope]
    package var signedAt: Timestamp
    /// What the client shows in `auth`; empty when nothing.
    package var token: Secret
    package var nonce: String

    package init(
        device: DeviceID, client: ClientIdentity, role: Role, scopes: [Scope], signedAt: Timestamp, token: Secret,
        nonce: String
    ) {
        self.device = device
        self.client = client
        self.role = role
        self.scopes = scopes
        self.signedAt = signedAt
        self.token = token
        self.nonce = nonce
    }

    /// The UTF-8 bytes that are signed: fields joined by `|`, without one at the end. They hold the token, so they are
    /// neither shown nor kept.
    package func message(_ version: Version) -> [UInt8] {
        var fields = [
            version.rawValue, device.rawValue, client.kind.rawValue, client.mode.rawValue, role.rawValue,
            scopes.map(\.rawValue).joined(separator: ","), String(signedAt.milliseconds), token.exposed, nonce,
        ]
        switch version {
        case .two: break
        case .three: fields += [client.platform.deviceTrait, client.deviceFamily?.deviceTrait ?? ""]
        }
        return Array(fields.joined(separator: "|").utf8)
    }
}

extension String {
    /// A platform or family as it is signed and compared: trimmed, ASCII letters in lower case.
    var deviceTrait: String {
        var kept = String.UnicodeScalarView()
        for scalar in trimmed().unicodeScalars {
            let isCapital = ("A"..."Z").contains(scalar)
            kept.append(isCapital ? Unicode.Scalar(UInt8(scalar.value) + 32) : scalar)
        }
        return String(kept)
    }
}
