import AlulaPrimitives

/// A device: lower-case hexadecimal SHA-256 of its raw public key. A file may hold others, which no client can prove.
package struct DeviceID: StringIdentifier, ExpressibleByStringLiteral {
    package let rawValue: String

    package init(_ spelling: String) { rawValue = spelling.trimmed() }

    package init(stringLiteral value: String) { self.init(value) }

    /// The id that belongs to a key.
    init(of key: DevicePublicKey, using cryptography: DeviceCryptography) {
        let digits = Array("0123456789abcdef".utf8)
        let text = cryptography.digest(key.bytes).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        rawValue = String(decoding: text, as: UTF8.self)
    }
}
