package import AlulaPrimitives

/// Checks what a client says about its device: the key belongs to the id, the signature is fresh, made for this
/// connection, and made by the key.
///
/// A signature is worth something once: its text holds the nonce of one connection, which takes one `connect`.
package struct DeviceProof: Sendable {
    /// How far a client's clock may be off, either way.
    package static let maximumSkew = Duration.seconds(120)

    /// Why a device is not believed. Raw values are the wire's.
    package enum Failure: String, CaseIterable, Error, Sendable {
        case identityMismatch = "device-id-mismatch"
        case signatureStale = "device-signature-stale"
        case nonceMissing = "device-nonce-missing"
        case nonceMismatch = "device-nonce-mismatch"
        case signatureInvalid = "device-signature"
        case publicKeyInvalid = "device-public-key"

        /// The wire's code.
        package var code: String {
            switch self {
            case .identityMismatch: "DEVICE_AUTH_DEVICE_ID_MISMATCH"
            case .signatureStale: "DEVICE_AUTH_SIGNATURE_EXPIRED"
            case .nonceMissing: "DEVICE_AUTH_NONCE_REQUIRED"
            case .nonceMismatch: "DEVICE_AUTH_NONCE_MISMATCH"
            case .signatureInvalid: "DEVICE_AUTH_SIGNATURE_INVALID"
            case .publicKeyInvalid: "DEVICE_AUTH_PUBLIC_KEY_INVALID"
            }
        }

        /// The wire's message.
        package var message: String {
            switch self {
            case .identityMismatch: "device identity mismatch"
            case .signatureStale: "device signature expired"
            case .nonceMissing: "device nonce required"
            case .nonceMismatch: "device nonce mismatch"
            case .signatureInvalid: "device signature invalid"
            case .publicKeyInvalid: "device public key invalid"
            }
        }
    }

    private let cryptography: DeviceCryptography

    package init(using cryptography: DeviceCryptography) { self.cryptography = cryptography }

    /// Why `arrival` is not who it says, or `nil` when it is. It computes for up to a millisecond, so not on an event
    /// loop.
    ///
    /// - Parameter now: When it arrived.
    package func failure(of arrival: DeviceArrival, at now: Timestamp) -> Failure? {
        let claim = arrival.claim
        guard let key = claim.key, DeviceID(of: key, using: cryptography) == claim.id else { return .identityMismatch }
        guard Self.isFresh(claim.signedAt, at: now) else { return .signatureStale }
        guard !claim.nonce.isEmpty else { return .nonceMissing }
        guard !arrival.nonce.isEmpty, Secret(claim.nonce).matches(Secret(arrival.nonce)) else { return .nonceMismatch }
        let signed = arrival.signed
        for version in SignedConnect.Version.allCases.reversed() {
            switch cryptography.verifies(claim.signature, signed.message(version), key) {
            case true?: return nil
            case false?: continue
            case nil: return .publicKeyInvalid
            }
        }
        return .signatureInvalid
    }

    /// Whether two clocks agree well enough. The client's may say anything.
    private static func isFresh(_ signedAt: Timestamp, at now: Timestamp) -> Bool {
        let (difference, overflow) = now.milliseconds.subtractingReportingOverflow(signedAt.milliseconds)
        return !overflow && difference.magnitude <= UInt64(maximumSkew.milliseconds)
    }
}
