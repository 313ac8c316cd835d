import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaProtocol

struct AdmissionRulesTests {
    // MARK: Versions

    @Test(
        arguments: [
            (3, 3, ProtocolVersion.three), (3, 4, .four), (4, 4, .four), (4, 5, .four), (1, 99, .four), (1, 3, .three),
        ] as [(Int64, Int64, ProtocolVersion)])
    func picksTheNewestVersionThatBothSpeak(minimum: Int64, maximum: Int64, version: ProtocolVersion) throws {
        let admission = try ConnectScene(minimum: minimum, maximum: maximum).outcome().get()
        #expect(admission.caller.version == version)
    }

    @Test(arguments: [(5, 5), (5, 9), (1, 2), (4, 3)] as [(Int64, Int64)])
    func refusesVersionsItDoesNotSpeak(minimum: Int64, maximum: Int64) throws {
        let refusal = try refusal(of: ConnectScene(minimum: minimum, maximum: maximum))
        #expect(refusal.error.message == "protocol mismatch")
        #expect(refusal.error.details?["code"] == "PROTOCOL_MISMATCH")
        #expect(refusal.error.details?["expectedProtocol"] == 4)
        #expect(refusal.error.details?["clientMaxProtocol"] == .number(maximum))
        #expect(refusal.close == CloseReason(1002, "protocol mismatch"))
        #expect(!refusal.isWrongSecret)
    }

    // MARK: Secrets

    /// A client, what the gateway asks for, and the reason and code of its refusal; `nil` for one that gets in.
    struct SecretCase: CustomTestStringConvertible, Sendable {
        let name: String
        let asked: CallerAuthentication
        let auth: JSONValue?
        let reason: String?
        let code: String?
        var isWrong = false
        var testDescription: String { name }
    }

    private static let right = Secret(ConnectScene.token)
    static let secretCases: [SecretCase] = [
        .init(
            name: "right token", asked: .token(right), auth: ["token": "fake-token-for-tests"], reason: nil, code: nil),
        .init(
            name: "wrong token", asked: .token(right), auth: ["token": "fake-other"], reason: "token_mismatch",
            code: "AUTH_TOKEN_MISMATCH", isWrong: true),
        .init(
            name: "password where a token is asked for", asked: .token(right), auth: ["password": "fake-other"],
            reason: "token_missing", code: "AUTH_TOKEN_MISSING"),
        .init(
            name: "blank token", asked: .token(right), auth: ["token": "  "], reason: "token_missing",
            code: "AUTH_TOKEN_MISSING"),
        .init(
            name: "right password", asked: .password(right), auth: ["password": "fake-token-for-tests"], reason: nil,
            code: nil),
        .init(
            name: "wrong password", asked: .password(right), auth: ["password": "fake-other"],
            reason: "password_mismatch", code: "AUTH_PASSWORD_MISMATCH", isWrong: true),
        .init(
            name: "token where a password is asked for", asked: .password(right), auth: ["token": "fake-other"],
            reason: "password_missing", code: "AUTH_PASSWORD_MISSING"),
        .init(
            name: "gateway without a token", asked: .token(Secret(" ")), auth: ["token": " "],
            reason: "token_missing_config", code: "AUTH_TOKEN_NOT_CONFIGURED"),
        .init(
            name: "gateway without a password", asked: .password(Secret("")), auth: nil,
            reason: "password_missing_config", code: "AUTH_PASSWORD_NOT_CONFIGURED"),
        .init(name: "no secret asked for", asked: .none, auth: nil, reason: nil, code: nil),
        .init(
            name: "no secret asked for, one offered", asked: .none, auth: ["token": "fake-other"], reason: nil,
            code: nil),
    ]

    @Test(arguments: secretCases) func comparesTheSecretThatIsAskedFor(_ item: SecretCase) throws {
        var scene = ConnectScene()
        scene.auth = item.auth
        switch try scene.outcome(AdmissionRules(authentication: item.asked)) {
        case .success: #expect(item.code == nil)
        case .failure(let refusal):
            #expect(refusal.error.details?["code"]?.string == item.code)
            #expect(refusal.error.details?["authReason"]?.string == item.reason)
            #expect(refusal.error.message.hasPrefix("unauthorized: "))
            #expect(refusal.error.code == .invalidRequest)
            #expect(refusal.close == CloseReason(1008, refusal.error.message))
            #expect(refusal.isWrongSecret == item.isWrong)
        }
    }

    @Test func anOperatorWithoutSecretNeedsADevice() throws {
        let refusal = try refusal(of: ConnectScene(auth: nil))
        #expect(refusal.error.code == .notPaired)
        #expect(refusal.error.message == "device identity required")
        #expect(refusal.error.details?["code"] == "DEVICE_IDENTITY_REQUIRED")
        #expect(refusal.close == CloseReason(1008, "device identity required"))
    }

    @Test func aLockedOutAddressIsToldWhenToComeBack() throws {
        let refusal = try refusal(of: ConnectScene(), lockout: .seconds(90))
        #expect(refusal.error.details?["code"] == "AUTH_RATE_LIMITED")
        #expect(refusal.error.retryAfter == .seconds(90))
        // Even the right secret doesn't help, and doesn't count again.
        #expect(!refusal.isWrongSecret)
    }

    @Test func nobodyIsLockedOutWhereNoSecretIsAskedFor() throws {
        _ = try ConnectScene(auth: nil).outcome(AdmissionRules(authentication: .none), lockout: .seconds(90)).get()
    }

    // MARK: Roles

    @Test(arguments: ["boss", "Operator", "admin"]) func refusesRolesItDoesNotKnow(role: String) throws {
        let refusal = try refusal(of: ConnectScene(role: role))
        #expect(refusal.error == .invalidRequest("invalid role"))
        #expect(refusal.close == CloseReason(1008, "invalid role"))
    }

    @Test func aNodeNeedsADevice() throws {
        #expect(
            try refusal(of: ConnectScene(role: "node")).error.details?["code"] == "DEVICE_IDENTITY_REQUIRED")
    }

    // MARK: Scopes

    @Test func aLocalClientKeepsTheScopesItAsksFor() throws {
        let admission = try ConnectScene(scopes: ["operator.read", "operator.later"]).outcome().get()
        #expect(admission.caller.scopes == [.read, .unknown("operator.later")])
        #expect(!admission.didEmptyScopes)
    }

    @Test func aLocalClientThatAsksForNothingGetsEverything() throws {
        #expect(try ConnectScene().outcome().get().caller.scopes == Set(Scope.allCases))
    }

    @Test func aRemoteTokenClientLosesItsScopesUnlessTheOwnerSaysOtherwise() throws {
        let scene = ConnectScene(scopes: ["operator.admin"])
        let emptied = try scene.outcome(from: ConnectScene.remotePeer).get()
        #expect(emptied.caller.scopes.isEmpty)
        #expect(emptied.didEmptyScopes)
        var rules = ConnectScene.tokenRules
        rules.keepsRemoteTokenScopes = true
        let kept = try scene.outcome(rules, from: ConnectScene.remotePeer).get()
        #expect(kept.caller.scopes == [.admin])
        #expect(!kept.didEmptyScopes)
        #expect(try !ConnectScene().outcome(from: ConnectScene.remotePeer).get().didEmptyScopes)
    }

    @Test func whatAProxyForwardsIsNotLocal() throws {
        let peer = Peer(address: "127.0.0.1", host: "127.0.0.1", isForwarded: true)
        #expect(try ConnectScene(scopes: ["operator.admin"]).outcome(from: peer).get().caller.scopes.isEmpty)
    }

    // MARK: Pages in a browser

    @Test func theControlUINeedsAnOrigin() throws {
        let refusal = try refusal(of: ConnectScene(clientID: "openclaw-control-ui", mode: "ui"))
        #expect(refusal.error.message.hasPrefix("origin not allowed"))
        #expect(refusal.error.details?["code"] == "CONTROL_UI_ORIGIN_NOT_ALLOWED")
        #expect(refusal.close.code == 1008)
    }

    @Test func aStrangersPageStaysOutWithTheRightSecret() throws {
        let peer = Peer(address: "127.0.0.1", host: "127.0.0.1:18789", origin: "https://evil.example")
        #expect(try refusal(of: ConnectScene(), from: peer).error.details?["code"] == "CONTROL_UI_ORIGIN_NOT_ALLOWED")
        #expect(try refusal(of: ConnectScene(maximum: 3), from: peer).error.details == nil)
    }

    @Test func theControlUIFromElsewhereNeedsADeviceUnlessTheOwnerSaysOtherwise() throws {
        let peer = Peer(address: "192.0.2.7", host: "ui.example", origin: "https://ui.example")
        var rules = ConnectScene.tokenRules
        rules.origins.allowed = ["https://ui.example"]
        let scene = ConnectScene(clientID: "openclaw-control-ui", mode: "ui", scopes: ["operator.admin"])
        guard case .failure(let refusal) = try scene.outcome(rules, from: peer) else {
            Issue.record("It got in.")
            return
        }
        #expect(refusal.error.details?["code"] == "CONTROL_UI_DEVICE_IDENTITY_REQUIRED")
        rules.disablesDeviceAuth = true
        #expect(try scene.outcome(rules, from: peer).get().caller.scopes == [.admin])
    }

    private func refusal(
        of scene: ConnectScene, from peer: Peer = ConnectScene.localPeer, lockout: Duration? = nil
    ) throws -> AdmissionRules.Refusal {
        guard case .failure(let refusal) = try scene.outcome(from: peer, lockout: lockout) else {
            throw GotIn()
        }
        return refusal
    }

    private struct GotIn: Error {}
}
