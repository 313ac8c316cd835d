import AlulaJSON
import AlulaPrimitives

@testable import AlulaProtocol

/// A client that connects, as values that tests vary.
struct ConnectScene {
    static let token = "fake-token-for-tests"

    var minimum: Int64 = 3
    var maximum: Int64 = 4
    var clientID = "cli"
    var mode = "cli"
    var role: String?
    var scopes: [String] = []
    var hasDevice = false
    var auth: JSONValue? = ["token": .string(token)]
    /// What is decided about the device, if there is one.
    var outcomeOfDevice = DeviceOutcome.unavailable

    /// The parameters of `connect`.
    var parameters: JSONValue {
        var object = JSONObject()
        object["minProtocol"] = .number(minimum)
        object["maxProtocol"] = .number(maximum)
        object["client"] = [
            "id": .string(clientID), "version": "1.0.0", "platform": "linux", "mode": .string(mode),
        ]
        object["role"] = role.map { .string($0) }
        object["scopes"] = .array(scopes.map { .string($0) })
        object["auth"] = auth
        if hasDevice {
            object["device"] = [
                "id": "device", "publicKey": "key", "signature": "signature", "signedAt": 1, "nonce": "nonce",
            ]
        }
        return .object(object)
    }

    /// The frame `connect`.
    var message: [UInt8] { GatewayFrame.request(.init(id: "c", method: "connect", parameters: parameters)).encoded }

    /// On this machine.
    static let localPeer = Peer(address: "127.0.0.1", host: "127.0.0.1:18789")
    /// On another machine.
    static let remotePeer = Peer(address: "192.0.2.7", host: "gateway.example:18789")

    static let tokenRules = AdmissionRules(authentication: .token(Secret(token)))

    /// What the rules say about this client.
    func outcome(
        _ rules: AdmissionRules = tokenRules, from peer: Peer = localPeer, lockout: Duration? = nil
    ) throws -> Result<AdmissionRules.Admission, AdmissionRules.Refusal> {
        let parameters = try ConnectParameters(parameters)
        do throws(AdmissionRules.Refusal) {
            let decision = try rules.decision(
                about: parameters, from: peer, connectionID: "connection", nonce: "nonce", lockout: lockout)
            switch decision {
            case .admitted(let admission): return .success(admission)
            case .judge(let candidate): return .success(try rules.admission(of: candidate, after: outcomeOfDevice))
            }
        } catch {
            return .failure(error)
        }
    }
}
