import AlulaJSON
import AlulaPrimitives
import Crypto
import Synchronization

@testable import AlulaProtocol

/// A device with a key of its own that connects, as values that tests vary.
struct DeviceScene {
    static let now = Timestamp(milliseconds: 1_780_000_000_000)
    static let nonce = "nonce-of-this-connection"
    static let cryptography = DeviceCryptography(
        digest: { Array(SHA256.hash(data: $0)) },
        verifies: { signature, message, key in
            guard let point = try? Curve25519.Signing.PublicKey(rawRepresentation: key.bytes) else { return nil }
            return point.isValidSignature(signature, for: message)
        })

    let key: Curve25519.Signing.PrivateKey
    var version = SignedConnect.Version.three
    var kind = ClientIdentity.Kind.gatewayClient
    var mode = ClientIdentity.Mode.userInterface
    var platform = "linux"
    var family: String?
    var role = Role.operator
    var scopes: [Scope] = [.read]
    var token: Secret?
    var deviceToken: Secret?
    var bootstrapToken: Secret?
    var address = "192.0.2.7"
    var isDirectLocal = false
    var isForeignPage = false
    var sharedSecret = CallerAuthentication.Verdict.matched
    var nonce = DeviceScene.nonce
    var signedAt = DeviceScene.now

    init(_ number: UInt8 = 1) throws {
        key = try Curve25519.Signing.PrivateKey(rawRepresentation: Array(repeating: number, count: 32))
    }

    var publicKey: DevicePublicKey? { DevicePublicKey(bytes: Array(key.publicKey.rawRepresentation)) }
    var id: DeviceID {
        let digest = SHA256.hash(data: key.publicKey.rawRepresentation)
        return DeviceID(digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
    }

    var client: ClientIdentity {
        var client = ClientIdentity(kind: kind, version: "1.0.0", platform: platform, mode: mode)
        client.deviceFamily = family
        return client
    }

    /// The text that is signed, written out by hand.
    var signedText: String {
        let shown = token?.exposed ?? deviceToken?.exposed ?? bootstrapToken?.exposed ?? ""
        var fields = [
            version.rawValue, id.rawValue, kind.rawValue, mode.rawValue, role.rawValue,
            scopes.map(\.rawValue).joined(separator: ","), "\(signedAt.milliseconds)", shown, nonce,
        ]
        if version == .three {
            fields += [platform.trimmed().lowercased(), family?.trimmed().lowercased() ?? ""]
        }
        return fields.joined(separator: "|")
    }

    /// The member `device` of `connect`.
    func claim(signing text: String? = nil) throws -> JSONValue {
        let signature = try key.signature(for: Array((text ?? signedText).utf8))
        return [
            "id": .string(id.rawValue),
            "publicKey": .string(Base64Text.encoded(Array(key.publicKey.rawRepresentation))),
            "signature": .string(Base64Text.encoded(Array(signature))), "signedAt": .number(signedAt.milliseconds),
            "nonce": .string(nonce),
        ]
    }

    /// This device as it arrives, with what `change` makes of the claim.
    func arrival(_ change: (inout JSONObject) -> Void = { _ in }) throws -> DeviceArrival {
        var object = try claim().object ?? JSONObject()
        change(&object)
        guard let claim = DeviceClaim(.object(object)) else { throw SceneError.noClaim }
        return DeviceArrival(
            claim: claim, client: client, role: role, scopes: scopes, token: token, deviceToken: deviceToken,
            bootstrapToken: bootstrapToken, nonce: Self.nonce, address: address, isDirectLocal: isDirectLocal,
            isForeignPage: isForeignPage, sharedSecret: sharedSecret)
    }

    /// A scene that tests vary in place.
    func with(_ change: (inout DeviceScene) -> Void) -> DeviceScene {
        var scene = self
        change(&scene)
        return scene
    }

    enum SceneError: Error { case noClaim }
}

/// Texts that are told apart: `request-1`, `fake-device-token-2` …
struct CountedMinting {
    let minting: DeviceMinting

    init() {
        let count = Counter()
        minting = DeviceMinting(
            requestID: { "request-\(count.next())" }, token: { Secret("fake-device-token-\(count.next())") })
    }

    private final class Counter: Sendable {
        private let value = Mutex(0)
        func next() -> Int {
            value.withLock {
                $0 += 1; return $0
            }
        }
    }
}
