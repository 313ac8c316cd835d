import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaProtocol

struct ConnectionStateMachineTests {
    private typealias Action = ConnectionStateMachine.Action

    private func opened(_ rules: AdmissionRules = ConnectScene.tokenRules) -> ConnectionStateMachine {
        var machine = ConnectionStateMachine(rules: rules, peer: ConnectScene.localPeer, connectionID: "connection")
        _ = machine.opened(nonce: "nonce", at: Timestamp(milliseconds: 5))
        return machine
    }

    private func admitted() -> ConnectionStateMachine {
        var machine = opened()
        _ = machine.messageReceived(ConnectScene().message)
        return machine
    }

    // MARK: Before admission

    @Test func theChallengeComesFirstAndOnce() {
        var machine = ConnectionStateMachine(
            rules: ConnectScene.tokenRules, peer: ConnectScene.localPeer, connectionID: "connection")
        let challenge = GatewayFrame.event(.init("connect.challenge", payload: ["nonce": "n", "ts": 5]))
        #expect(machine.opened(nonce: "n", at: Timestamp(milliseconds: 5)) == [.send(challenge)])
        #expect(machine.opened(nonce: "n", at: Timestamp(milliseconds: 5)).isEmpty)
    }

    @Test func aClientWithTheSecretIsAdmitted() throws {
        var machine = opened()
        let actions = machine.messageReceived(ConnectScene().message)
        guard case .admit(let requestID, let admission)? = actions.first else {
            Issue.record("\(actions)")
            return
        }
        #expect(requestID == "c")
        #expect(machine.caller == admission.caller)
        #expect(!machine.isAwaitingConnect)
        // The time for the handshake is over without any effect.
        #expect(machine.handshakeDeadlinePassed().isEmpty)
    }

    @Test(arguments: [
        ("nonsense", CloseReason(1000, "")), ("", CloseReason(1000, "")),
        ("{}", CloseReason(1008, "invalid request frame")), ("[1]", CloseReason(1008, "invalid request frame")),
        (#"{"type":"event","event":"x"}"#, CloseReason(1008, "invalid request frame")),
        (#"{"type":"req","id":"1","method":"connect","zzz":1}"#, CloseReason(1008, "invalid request frame")),
        (#"{"type":"req","id":"","method":"connect"}"#, CloseReason(1008, "invalid request frame")),
    ])
    func aStrangersMalformedMessageEndsTheConnection(text: String, reason: CloseReason) {
        var machine = opened()
        #expect(machine.messageReceived(Array(text.utf8)) == [.close(reason)])
        #expect(machine.hasEnded)
        #expect(machine.messageReceived(ConnectScene().message).isEmpty)
    }

    @Test func theFirstRequestMustBeConnect() {
        var machine = opened()
        let text = "invalid handshake: first request must be connect"
        #expect(
            machine.messageReceived(Array(#"{"type":"req","id":"7","method":"health"}"#.utf8)) == [
                .send(.response(.init(id: "7", .failure(.invalidRequest(text))))), .close(CloseReason(1008, text)),
            ])
    }

    @Test func badParametersOfConnectAreNamedAndTheReasonIsCut() throws {
        var machine = opened()
        let message = Array(#"{"type":"req","id":"7","method":"connect","params":{"zzz":1}}"#.utf8)
        let actions = machine.messageReceived(message)
        guard case .send(.response(let response))? = actions.first, case .failure(let error, _) = response.outcome,
            case .close(let reason)? = actions.last
        else {
            Issue.record("\(actions)")
            return
        }
        #expect(
            error.message == """
                invalid connect params: must have required property 'minProtocol'; must have required property \
                'maxProtocol'; must have required property 'client'; at root: unexpected property 'zzz'
                """)
        #expect(reason.code == 1008)
        #expect(reason.text.utf8.count <= 120)
        #expect(error.message.hasPrefix(reason.text))
    }

    @Test func aWrongSecretIsCountedAnsweredAndEndsTheConnection() {
        var machine = opened()
        let actions = machine.messageReceived(ConnectScene(auth: ["token": "fake-other"]).message)
        #expect(actions.first == .recordFailure)
        #expect(actions.count == 3)
        #expect(actions.last == .close(CloseReason(1008, "unauthorized: gateway token is wrong")))
    }

    @Test(.bug(id: "B85")) func aSilentClientIsToldTheTruth() {
        var machine = opened()
        #expect(machine.handshakeDeadlinePassed() == [.close(CloseReason(1008, "handshake timeout"))])
        #expect(machine.handshakeDeadlinePassed().isEmpty)
    }

    @Test func aStrangersLargeMessageHasAReasonOfItsOwn() {
        var machine = opened()
        #expect(machine.messageOutgrewLimit() == [.close(CloseReason(1009, "preauth payload too large"))])
        machine = admitted()
        #expect(machine.messageOutgrewLimit() == [.close(CloseReason(1009, "payload too large"))])
    }

    // MARK: After admission

    @Test func requestsAreHandedOn() throws {
        var machine = admitted()
        let caller = try #require(machine.caller)
        #expect(
            machine.messageReceived(Array(#"{"type":"req","id":"1","method":"health"}"#.utf8)) == [
                .invoke(.init(id: "1", method: "health"), caller)
            ])
    }

    @Test func connectIsRefusedTheSecondTimeAndTheConnectionStays() {
        var machine = admitted()
        #expect(
            machine.messageReceived(ConnectScene().message) == [
                .send(
                    .response(
                        .init(id: "c", .failure(.invalidRequest("connect is only valid as the first request")))))
            ])
        #expect(!machine.hasEnded)
    }

    @Test func whatIsNotJSONIsIgnored() {
        var machine = admitted()
        #expect(machine.messageReceived(Array("nonsense".utf8)).isEmpty)
        #expect(!machine.hasEnded)
    }

    @Test(arguments: [
        (#"{"type":"req","id":"9"}"#, "9", "must have required property 'method'"),
        (#"{"type":"req","method":"health"}"#, "invalid", "must have required property 'id'"),
        (
            #"{"type":"req","id":"9","method":"health","more":1}"#, "9", "at root: unexpected property 'more'"
        ),
        (
            #"{"type":"req","id":4,"method":""}"#, "invalid",
            "at /id: must be string; at /method: must NOT have fewer than 1 characters"
        ),
        ("[]", "invalid", "must be object"),
    ])
    func whatIsNoRequestIsAnsweredAndTheConnectionStays(text: String, id: String, reason: String) {
        var machine = admitted()
        #expect(
            machine.messageReceived(Array(text.utf8)) == [
                .send(
                    .response(.init(id: id, .failure(.invalidRequest("invalid request frame: \(reason)")))))
            ])
        #expect(!machine.hasEnded)
    }

    @Test func theEleventhRefusalOfARoleInARowEndsTheConnection() {
        var machine = admitted()
        let refusal = GatewayError.invalidRequest("unauthorized role: operator")
        for _ in 1...10 { #expect(machine.answered(with: refusal).isEmpty) }
        #expect(machine.answered(with: refusal) == [.close(CloseReason(1008, "repeated unauthorized calls"))])
    }

    @Test func anyOtherAnswerForgivesRefusals() {
        var machine = admitted()
        let refusal = GatewayError.invalidRequest("unauthorized role: operator")
        for _ in 1...10 { _ = machine.answered(with: refusal) }
        #expect(machine.answered(with: nil).isEmpty)
        for _ in 1...10 { #expect(machine.answered(with: refusal).isEmpty) }
        #expect(machine.answered(with: .invalidRequest("missing scope: operator.read")).isEmpty)
        #expect(!machine.hasEnded)
    }

    @Test func nothingIsAnsweredAfterTheEnd() {
        var machine = admitted()
        #expect(machine.mustEnd(.serviceRestart) == [.close(CloseReason(1012, "service restart"))])
        #expect(machine.mustEnd(.slowConsumer).isEmpty)
        #expect(machine.messageOutgrewLimit().isEmpty)
        #expect(machine.answered(with: nil).isEmpty)
        #expect(machine.caller == nil)
        machine = admitted()
        machine.peerLeft()
        #expect(machine.mustEnd(.serviceRestart).isEmpty)
    }

    @Test func reasonsFitIntoACloseFrame() {
        #expect(CloseReason(1008, String(repeating: "ä", count: 100)).text.utf8.count == 120)
        #expect(CloseReason(1008, String(repeating: "👨‍👩‍👧", count: 10)).text.utf8.count <= 120)
    }
}
