package import AlulaJSON
package import AlulaPrimitives

/// What a client says about its device in `connect`. Nothing of it is believed before ``DeviceProof`` has looked.
package struct DeviceClaim: Sendable {
    package let id: DeviceID
    /// `nil` when what was sent is no key.
    package let key: DevicePublicKey?
    /// Empty when what was sent is no base 64.
    package let signature: [UInt8]
    /// By the client's own clock.
    package let signedAt: Timestamp
    package let nonce: String

    /// Reads the member `device`, whose schema holds.
    package init?(_ value: JSONValue) {
        guard let id = value["id"]?.string, let key = value["publicKey"]?.string,
            let signature = value["signature"]?.string, let signedAt = value["signedAt"]?.integer,
            let nonce = value["nonce"]?.string
        else { return nil }
        self.id = DeviceID(id)
        self.key = DevicePublicKey(key)
        self.signature = Base64Text.decoded(signature, maximumBytes: 64) ?? []
        self.signedAt = Timestamp(milliseconds: signedAt)
        self.nonce = nonce.trimmed()
    }
}
