import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaProtocol

/// What a client with a device is told, once its device was judged.
struct DeviceAdmissionTests {
    private static let device: DeviceID = "device"
    private static let record: DeviceRecord = {
        let now = DeviceScene.now
        return DeviceRecord(
            id: device, publicKey: "key", roles: ["operator"], scopes: [.read], createdAt: now, approvedAt: now)
    }()

    private static let requestID = DeviceMinting.random.requestID()

    private static func need(_ reason: PairingReason) -> DeviceOutcome {
        let request = PairingRequest(
            requestID: requestID, device: device, publicKey: "key", roles: ["operator"], scopes: [.admin],
            askedAt: DeviceScene.now)
        return .pairingRequired(
            PairingNeed(reason: reason, request: request, device: reason == .notPaired ? nil : record))
    }

    private static func grant(_ scopes: Set<Scope>, isOwner: Bool = false) -> DeviceOutcome {
        let token = DeviceToken(
            token: Secret("fake-device-token"), role: "operator", scopes: scopes, createdAt: DeviceScene.now)
        return .admitted(DeviceGrant(device: device, scopes: scopes, token: token, isOwner: isOwner))
    }

    private func machine(
        _ rules: AdmissionRules = ConnectScene.tokenRules, from peer: Peer = ConnectScene.remotePeer
    ) -> ConnectionStateMachine {
        var machine = ConnectionStateMachine(rules: rules, peer: peer, connectionID: "connection")
        _ = machine.opened(nonce: "nonce-of-this-connection", at: DeviceScene.now)
        return machine
    }

    private func refusal(
        _ outcome: DeviceOutcome, _ scene: ConnectScene = ConnectScene(hasDevice: true), lockout: Duration? = nil
    ) throws -> AdmissionRules.Refusal {
        var scene = scene
        scene.outcomeOfDevice = outcome
        guard case .failure(let refusal) = try scene.outcome(from: ConnectScene.remotePeer, lockout: lockout) else {
            throw GotIn()
        }
        return refusal
    }

    private struct GotIn: Error {}

    // MARK: Refusals

    @Test(arguments: DeviceProof.Failure.allCases) func anUnprovenDeviceIsToldWhy(_ failure: DeviceProof.Failure) throws
    {
        let refusal = try refusal(.unproven(failure))
        #expect(refusal.error.code == .invalidRequest)
        #expect(refusal.error.details == ["code": .string(failure.code), "reason": .string(failure.rawValue)])
        #expect(refusal.close == CloseReason(1008, failure.message))
        #expect(!refusal.isWrongSecret)
    }

    @Test(arguments: PairingReason.allCases) func whoHasToBeApprovedIsToldHow(_ reason: PairingReason) throws {
        let refusal = try refusal(Self.need(reason), ConnectScene(scopes: ["operator.admin"], hasDevice: true))
        let text = "pairing required: \(reason.explanation)"
        #expect(refusal.error.code == .notPaired)
        #expect(refusal.error.message == text)
        // Whole: programs find the id at the end of it.
        #expect(refusal.close.code == 1008)
        #expect(refusal.close.text == "\(text) (requestId: \(Self.requestID))")
        let details = try #require(refusal.error.details)
        #expect(details["code"] == "PAIRING_REQUIRED")
        #expect(details["reason"] == .string(reason.rawValue))
        #expect(details["remediationHint"]?.string?.hasSuffix("alula devices approve \(Self.requestID)") == true)
        #expect(details["requestedScopes"] == ["operator.admin"])
        #expect((details["approvedScopes"] == nil) == (reason == .notPaired))
        let old = try self.refusal(Self.need(reason), ConnectScene(maximum: 3, hasDevice: true))
        #expect(old.error.message == "pairing required")
        #expect(old.error.details?.object?.keys == ["code", "requestId", "reason"])
        #expect(old.close == CloseReason(1008, "pairing required"))
    }

    /// What is offered, what came of it, the code, and whom a wrong secret counts against.
    @Test(
        arguments: [
            (["token": "fake-other"], .unknownDevice, "AUTH_TOKEN_MISMATCH", true, nil),
            (["token": "fake-other"], .mismatched, "AUTH_TOKEN_MISMATCH", true, device),
            (["token": "fake-other"], .revoked, "AUTH_TOKEN_MISMATCH", true, device),
            (["deviceToken": "fake-other"], .mismatched, "AUTH_DEVICE_TOKEN_MISMATCH", false, nil),
            (["deviceToken": "fake-other"], .unknownDevice, "AUTH_DEVICE_TOKEN_MISMATCH", false, nil),
            (["deviceToken": "fake-right"], .scopeMismatch, "AUTH_SCOPE_MISMATCH", false, nil),
            ([:], .missing, "AUTH_TOKEN_MISSING", false, device),
            (["bootstrapToken": "fake-code"], .missing, "AUTH_BOOTSTRAP_TOKEN_INVALID", false, nil),
        ] as [(JSONValue, DeviceTokenVerdict, String, Bool, DeviceID?)])
    func wrongSecretsAreToldApart(
        _ auth: JSONValue, _ verdict: DeviceTokenVerdict, _ code: String, _ isWrong: Bool, _ device: DeviceID?
    ) throws {
        let scene = ConnectScene(hasDevice: true, auth: auth)
        let refusal = try refusal(.unauthorized(verdict, hasUsableToken: false), scene)
        #expect(refusal.error.details?["code"] == .string(code))
        #expect(refusal.isWrongSecret == isWrong)
        #expect(refusal.device == device)
        let hint = try self.refusal(.unauthorized(verdict, hasUsableToken: true), scene).error.details
        let isAboutSecret = code.hasPrefix("AUTH_TOKEN")
        #expect(hint?["canRetryWithDeviceToken"] == (isAboutSecret ? true : nil))
        #expect((hint?["recommendedNextStep"] == "retry_with_device_token") == isAboutSecret)
    }

    @Test func aStoreThatFailsIsNotTheClientsFault() throws {
        let refusal = try refusal(.unavailable)
        #expect(refusal.error.code == .unavailable)
        #expect(refusal.error.isRetryable == true)
        #expect(refusal.close.code == 1013)
    }

    // MARK: Locking out

    @Test func aLockedOutAddressMayStillShowADevicesToken() throws {
        let unauthorized = DeviceOutcome.unauthorized(.missing, hasUsableToken: false)
        let refusal = try refusal(unauthorized, lockout: .seconds(90))
        #expect(refusal.error.details?["code"] == "AUTH_RATE_LIMITED")
        #expect(refusal.error.retryAfter == .seconds(90))
        var scene = ConnectScene(hasDevice: true)
        scene.outcomeOfDevice = Self.grant([.read])
        _ = try scene.outcome(from: ConnectScene.remotePeer, lockout: .seconds(90)).get()
    }

    /// While it is locked out, even the right secret counts as not shown.
    @Test func aLockedOutDeviceIsJudgedWithoutTheSecret() throws {
        var machine = machine()
        #expect(machine.messageReceived(ConnectScene(hasDevice: true).message) == [.judgeDevice])
        #expect(machine.candidate?.arrival.sharedSecret == .matched)
        machine.deviceLockedOut(for: .seconds(60))
        #expect(machine.candidate?.arrival.sharedSecret == .missing)
        let actions = machine.deviceJudged(.unauthorized(.missing, hasUsableToken: false))
        #expect(actions.last == .close(CloseReason(1008, "unauthorized: too many failed attempts; try again later")))
        var open = self.machine(AdmissionRules(authentication: .none))
        _ = open.messageReceived(ConnectScene(hasDevice: true).message)
        open.deviceLockedOut(for: .seconds(60))
        #expect(open.candidate?.arrival.sharedSecret == .open)
    }

    // MARK: The machine

    @Test func aDeviceIsJudgedOnceAndNothingElseIsHeardMeanwhile() throws {
        var machine = machine()
        let message = ConnectScene(scopes: ["operator.read"], hasDevice: true).message
        #expect(machine.messageReceived(message) == [.judgeDevice])
        let arrival = try #require(machine.candidate?.arrival)
        #expect(arrival.nonce == "nonce-of-this-connection")
        #expect(arrival.scopes == [.read])
        #expect(!arrival.isOwner)
        #expect(machine.isAwaitingConnect)
        #expect(machine.caller == nil)
        #expect(machine.messageReceived(message) == [])
        guard case .admit("c", let admission)? = machine.deviceJudged(Self.grant([.read])).first else {
            throw GotIn()
        }
        #expect(admission.caller.device == Self.device)
        #expect(!admission.caller.isOwner)
        #expect(machine.takeGrant()?.token?.token.exposed == "fake-device-token")
        // The token does not stay in memory with the connection.
        #expect(machine.takeGrant() == nil)
        #expect(machine.deviceJudged(Self.grant([.admin])) == [])
        #expect(machine.caller?.scopes == [.read])
    }

    @Test func theTimeForTheHandshakeIncludesTheJudging() {
        var machine = machine()
        _ = machine.messageReceived(ConnectScene(hasDevice: true).message)
        #expect(machine.handshakeDeadlinePassed() == [.close(.handshakeTimeout)])
        #expect(machine.deviceJudged(Self.grant([.read])) == [])
    }

    @Test func wrongSecretsCountAgainstWhomTheyConcern() {
        let wrong = ConnectScene(hasDevice: true, auth: ["token": "fake-other"]).message
        for (verdict, action) in [
            (.unknownDevice, .recordFailure), (.mismatched, .recordDeviceFailure(Self.device)),
        ] as [(DeviceTokenVerdict, ConnectionStateMachine.Action)] {
            var machine = machine()
            _ = machine.messageReceived(wrong)
            #expect(machine.deviceJudged(.unauthorized(verdict, hasUsableToken: false)).first == action)
        }
    }

    @Test func onlyPagesOfOthersAreForeign() throws {
        var rules = ConnectScene.tokenRules
        rules.origins.allowed = ["*"]
        let page = Peer(address: "127.0.0.1", host: "127.0.0.1:18789", origin: "https://ui.example")
        for (client, isForeign) in [("cli", true), ("webchat", false), ("openclaw-control-ui", false)] {
            var machine = machine(rules, from: page)
            _ = machine.messageReceived(ConnectScene(clientID: client, mode: "ui", hasDevice: true).message)
            #expect(machine.candidate?.arrival.isForeignPage == isForeign, "\(client)")
        }
    }

    @Test func aPageThatSomebodyAnswersForNeedsNoJudging() throws {
        var rules = ConnectScene.tokenRules
        rules.origins.allowed = ["*"]
        rules.disablesDeviceAuth = true
        let page = Peer(address: "192.0.2.7", host: "ui.example", origin: "https://ui.example")
        let scene = ConnectScene(
            clientID: "openclaw-control-ui", mode: "ui", scopes: ["operator.read"], hasDevice: true)
        #expect(try scene.outcome(rules, from: page).get().caller.device == nil)
        // Another program of the same owner is judged.
        var other = machine(rules, from: page)
        #expect(other.messageReceived(ConnectScene(hasDevice: true).message) == [.judgeDevice])
    }

    // MARK: The hello

    @Test(arguments: ProtocolVersion.allCases) func theHelloTellsTheDeviceItsToken(_ version: ProtocolVersion) throws {
        let token = DeviceToken(
            token: Secret("fake-device-token"), role: "operator", scopes: [.read], createdAt: DeviceScene.now)
        let hello = HelloPayload(
            caller: Caller(
                connectionID: "c", client: nil, role: .operator, scopes: [.read], isDirectLocal: false,
                version: version, device: Self.device),
            serverVersion: "1.0.0", methods: [], events: [], snapshot: HelloSnapshot(health: [:], uptime: .zero),
            presence: [], stateVersion: StateVersion(), authMode: "token", limits: ConnectionLimits(),
            deviceToken: token)
        #expect(
            hello.payload["auth"] == [
                "deviceToken": "fake-device-token", "role": "operator", "scopes": ["operator.read"],
                "issuedAtMs": .number(DeviceScene.now.milliseconds),
            ])
    }
}
