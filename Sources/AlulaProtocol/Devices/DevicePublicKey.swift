import AlulaPrimitives

/// A device's Ed25519 public key. Whether the bytes are a point of the curve shows when a signature is checked.
package struct DevicePublicKey: Hashable, Sendable {
    /// Bytes of a raw key.
    package static let length = 32
    /// What stands before the raw key in a SubjectPublicKeyInfo of Ed25519 (RFC 8410).
    private static let informationPrefix: [UInt8] = [
        0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00,
    ]

    /// The raw key.
    package let bytes: [UInt8]

    /// - Parameter bytes: ``length`` of them, else `nil`.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.length else { return nil }
        self.bytes = bytes
    }

    /// Reads base 64 of the raw key, or PEM.
    package init?(_ text: String) {
        let text = text.trimmed()
        guard text.hasPrefix("-----BEGIN") else {
            guard let bytes = Base64Text.decoded(text, maximumBytes: Self.length) else { return nil }
            self.init(bytes: bytes)
            return
        }
        let lines = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("-----") }
        let body = lines.map { String($0).trimmed() }.joined()
        let whole = Base64Text.decoded(body, maximumBytes: Self.informationPrefix.count + Self.length)
        guard let whole, whole.starts(with: Self.informationPrefix) else { return nil }
        self.init(bytes: Array(whole.dropFirst(Self.informationPrefix.count)))
    }

    /// Base 64 of the raw key, by which files and frames name it.
    package var text: String { Base64Text.encoded(bytes) }
}
