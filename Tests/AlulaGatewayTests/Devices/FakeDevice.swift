import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import Crypto

/// A device with a key of its own, as a client would have it.
struct FakeDevice: Sendable {
    let key: Curve25519.Signing.PrivateKey
    var scopes: [String] = ["operator.read"]
    var role = "operator"
    var platform = "linux"

    /// - Parameter number: Devices of one number have the same key.
    init(_ number: UInt8 = 1) throws {
        key = try Curve25519.Signing.PrivateKey(rawRepresentation: Array(repeating: number, count: 32))
    }

    var id: String {
        SHA256.hash(data: key.publicKey.rawRepresentation)
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// The parameters of `connect`, signed.
    func parameters(
        nonce: String, signedAt: Timestamp, token: String? = nil, deviceToken: String? = nil,
        versions: ClosedRange<Int> = 3...4
    ) throws -> JSONValue {
        let text = [
            "v3", id, "gateway-client", "ui", role, scopes.joined(separator: ","), "\(signedAt.milliseconds)",
            token ?? deviceToken ?? "", nonce, platform, "",
        ].joined(separator: "|")
        var auth = JSONObject()
        auth["token"] = token.map { .string($0) }
        auth["deviceToken"] = deviceToken.map { .string($0) }
        return [
            "minProtocol": .number(versions.lowerBound), "maxProtocol": .number(versions.upperBound),
            "client": ["id": "gateway-client", "version": "1.0.0", "platform": .string(platform), "mode": "ui"],
            "role": .string(role), "scopes": .array(scopes.map { .string($0) }), "auth": .object(auth),
            "device": [
                "id": .string(id), "publicKey": .string(Self.base64URL(Array(key.publicKey.rawRepresentation))),
                "signature": .string(Self.base64URL(Array(try key.signature(for: Array(text.utf8))))),
                "signedAt": .number(signedAt.milliseconds), "nonce": .string(nonce),
            ],
        ]
    }

    /// The device as the server sees it arrive from elsewhere.
    func arrival(
        nonce: String = "nonce", at now: Timestamp, token: String? = nil, deviceToken: String? = nil,
        isDirectLocal: Bool = false, sharedSecret: CallerAuthentication.Verdict = .matched
    ) throws -> DeviceArrival {
        let parameters = try parameters(nonce: nonce, signedAt: now, token: token, deviceToken: deviceToken)
        guard let claim = parameters["device"].flatMap({ DeviceClaim($0) }), let role = Role(rawValue: role) else {
            throw NoClaim()
        }
        return DeviceArrival(
            claim: claim,
            client: ClientIdentity(kind: .gatewayClient, version: "1.0.0", platform: platform, mode: .userInterface),
            role: role, scopes: scopes.map { Scope(rawValue: $0) }, token: token.map { Secret($0) },
            deviceToken: deviceToken.map { Secret($0) }, nonce: nonce, address: "192.0.2.7",
            isDirectLocal: isDirectLocal, sharedSecret: sharedSecret)
    }

    private struct NoClaim: Error {}

    private static func base64URL(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let part = bytes[start..<min(start + 3, bytes.count)]
            let bits = part.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - part.count))
            for digit in 0...part.count { text.append(alphabet[bits >> (18 - 6 * digit) & 63]) }
        }
        return text
    }
}
