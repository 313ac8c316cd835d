import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import Testing

@testable import AlulaServer

/// Who may come in changes while the server runs.
@Suite(.timeLimit(.minutes(5)))
struct AccessChangeTests {
    private static func access(token: String) -> AccessSettings {
        var access = AccessSettings()
        access.authentication = .token(Secret(token))
        return access
    }

    @Test func whoCameInByTheOldSecretHasToComeAgain() async throws {
        try await ServerRig.run { rig in
            let client = try await rig.admitted()
            rig.server.adopt(Self.access(token: "fake-new-token"))
            #expect(try await client.closing() == .close(code: 4001, reason: "gateway auth changed"))
            let refused = try await rig.challenged()
            try await refused.send(ServerRig.connect())
            let error = try #require(try await refused.answer(to: "connect")?["error"])
            #expect(error["details"]?["code"] == "AUTH_TOKEN_MISMATCH")
            _ = try await rig.client(token: "fake-new-token")
        }
    }

    @Test func aCallUnderWayIsAnsweredFirst() async throws {
        try await ServerRig.run { rig in
            rig.operations.shutGate()
            let client = try await rig.admitted()
            try await client.send(ServerRig.request("1", "status"))
            await rig.operations.statusEntered(1)
            rig.server.adopt(Self.access(token: "fake-new-token"))
            rig.operations.openGate()
            #expect(try await client.answer(to: "1")?["ok"] == true)
            #expect(try await client.closing() == .close(code: 4001, reason: "gateway auth changed"))
        }
    }

    @Test func theSameSecretDisturbsNobody() async throws {
        try await ServerRig.run { rig in
            let client = try await rig.admitted()
            var access = Self.access(token: ServerRig.secret)
            access.origins = OriginPolicy(allowed: ["https://pages.example"])
            rig.server.adopt(access)
            try await client.send(ServerRig.request("1", "health"))
            #expect(try await client.answer(to: "1")?["ok"] == true)
            // What else is new counts for whoever comes next.
            let page = try await rig.challenged(["Origin: https://pages.example"])
            try await page.send(ServerRig.connect(client: ("openclaw-control-ui", "webchat")))
            let answer = try #require(try await page.answer(to: "connect"))
            #expect(answer["error"]?["details"]?["code"] != "CONTROL_UI_ORIGIN_NOT_ALLOWED")
        }
    }

    @Test func aHandshakeUnderWayIsJudgedByTheSecretItBeganWithAndEndsThen() async throws {
        try await ServerRig.run { rig in
            let client = try await rig.challenged()
            rig.server.adopt(Self.access(token: "fake-new-token"))
            try await client.send(ServerRig.connect())
            #expect(try await client.closing() == .close(code: 4001, reason: "gateway auth changed"))
        }
    }

    @Test func anotherLimitOfGuessesCountsAtOnce() async throws {
        try await ServerRig.run { rig in
            var access = Self.access(token: ServerRig.secret)
            access.failureLimit.maximumFailures = 1
            access.failureLimit.exemptsLoopback = false
            rig.server.adopt(access)
            let guess = try await rig.challenged()
            try await guess.send(ServerRig.connect(token: "wrong"))
            _ = try await guess.closing()
            let locked = try await rig.challenged()
            try await locked.send(ServerRig.connect())
            let error = try #require(try await locked.answer(to: "connect")?["error"])
            #expect(error["details"]?["code"] == "AUTH_RATE_LIMITED")
        }
    }
}
