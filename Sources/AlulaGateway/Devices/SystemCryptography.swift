import AlulaProtocol
import Crypto

extension DeviceCryptography {
    /// SHA-256 and Ed25519 of the cryptography library.
    static let system = DeviceCryptography(
        digest: { Array(SHA256.hash(data: $0)) },
        verifies: { signature, message, key in
            let point: Curve25519.Signing.PublicKey
            // The library fails here for nothing but a key that is none.
            do { point = try Curve25519.Signing.PublicKey(rawRepresentation: key.bytes) } catch { return nil }
            return point.isValidSignature(signature, for: message)
        })
}
