/// The two computations that checking a device needs. The composition root brings real ones: this module has no
/// cryptography of its own.
package struct DeviceCryptography: Sendable {
    /// SHA-256.
    package let digest: @Sendable ([UInt8]) -> [UInt8]
    /// Whether `signature` is one of Ed25519 by `key` over `message`; `nil` when the key is no point of the curve.
    package let verifies: @Sendable (_ signature: [UInt8], _ message: [UInt8], _ key: DevicePublicKey) -> Bool?

    package init(
        digest: @escaping @Sendable ([UInt8]) -> [UInt8],
        verifies: @escaping @Sendable (_ signature: [UInt8], _ message: [UInt8], _ key: DevicePublicKey) -> Bool?
    ) {
        self.digest = digest
        self.verifies = verifies
    }
}
