import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import NIOCore
import Testing

@testable import AlulaServer

/// How clients get in, over real sockets.
@Suite(.timeLimit(.minutes(5)))
struct HandshakeTests {
    @Test(arguments: [(3, 3, 3), (4, 4, 4), (3, 4, 4)])
    func greetsInTheVersionOfTheClient(minimum: Int, maximum: Int, chosen: Int) async throws {
        try await ServerRig.run { rig in
            let connection = try await rig.challenged()
            try await connection.send(ServerRig.connect((minimum, maximum)))
            let payload = try #require(try await connection.answer(to: "connect")?["payload"])
            #expect(payload["type"] == "hello-ok")
            #expect(payload["protocol"] == .number(chosen))
            #expect(payload["server"]?["version"] == "1.2.3")
            #expect((payload["auth"] != nil) == (chosen == 4))
            #expect(payload["policy"]?["maxPayload"] == 26_214_400)
            #expect(payload["policy"]?["tickIntervalMs"] == 30_000)
            #expect(payload["features"]?["methods"]?.array?.contains("models.status") == true)
            let health = try #require(try await connection.event("health"))
            #expect((health["seq"] == 1) == (chosen == 4))
            #expect(health["stateVersion"]?["health"] != nil)
        }
    }

    @Test(arguments: [
        ("wrong", "INVALID_REQUEST", "AUTH_TOKEN_MISMATCH", "unauthorized: gateway token is wrong"),
        ("", "INVALID_REQUEST", "AUTH_TOKEN_MISSING", "unauthorized: gateway token is missing"),
        (nil, "NOT_PAIRED", "DEVICE_IDENTITY_REQUIRED", "device identity required"),
    ])
    func refusesWithoutTheSecret(token: String?, code: String, detail: String, message: String) async throws {
        try await ServerRig.run { rig in
            let connection = try await rig.challenged()
            try await connection.send(ServerRig.connect(token: token))
            let error = try #require(try await connection.answer(to: "connect")?["error"])
            #expect(error["code"]?.string == code)
            #expect(error["details"]?["code"]?.string == detail)
            #expect(error["message"]?.string == message)
            #expect(try await connection.closing() == .close(code: 1008, reason: message))
            #expect(!error.text(.compact).contains(ServerRig.secret))
        }
    }

    @Test(
        arguments: [
            ("hello", 1000, ""), ("{}", 1008, "invalid request frame"),
            (
                #"{"type":"req","id":"c","method":"health"}"#, 1008,
                "invalid handshake: first request must be connect"
            ),
            (String(repeating: "[", count: 20_000), 1000, ""),
        ] as [(String, UInt16, String)])
    func endsAFreshConnectionThatDoesNotIntroduceItself(message: String, code: UInt16, text: String) async throws {
        try await ServerRig.run { rig in
            let connection = try await rig.challenged()
            try await connection.send(message)
            #expect(try await connection.closing() == .close(code: code, reason: text))
        }
    }

    @Test func aForwardedClientKeepsNoScopes() async throws {
        try await ServerRig.run { rig in
            let connection = try await rig.admitted(
                headers: ["X-Forwarded-For: 203.0.113.7"], scopes: ["operator.admin"])
            try await connection.send(ServerRig.request("1", "models.status"))
            #expect(try await connection.answer(to: "1")?["error"]?["message"] == "missing scope: operator.read")
        }
    }

    @Test(.bug(id: "B85"), .bug(id: "B86")) func givesATrueReasonForAHandshakeTimeout() async throws {
        try await ServerRig.run({ $0.limits.handshakeTimeout = .milliseconds(50) }) { rig in
            let connection = try await rig.challenged()
            #expect(try await connection.closing() == .close(code: 1008, reason: "handshake timeout"))
            // The log says what was waited for.
            #expect(
                rig.log.texts.contains {
                    $0.hasPrefix("A client stayed out") && $0.contains("connection.phase=connect")
                        && $0.hasSuffix("reason=handshake timeout")
                })
        }
    }

    @Test func limitsSocketsThatAreNotAdmitted() async throws {
        try await ServerRig.run { rig in
            var waiting: [RawPeer] = []
            for _ in 0..<32 { waiting.append(try await rig.challenged()) }
            for _ in 32..<40 {
                let refusal = await #expect(throws: RawPeer.Refused.self) { _ = try await rig.challenged() }
                #expect(refusal?.head.hasPrefix("HTTP/1.1 503") == true)
            }
            // An admission frees a place.
            let first = waiting[0]
            try await first.send(ServerRig.connect())
            #expect(try await first.answer(to: "connect") != nil)
            _ = try await rig.challenged()
        }
    }

    @Test func givesThePlaceOfAFaultyUpgradeBack() async throws {
        try await ServerRig.run({ $0.maximumUnauthenticatedPerAddress = 1 }) { rig in
            for lines in ["Sec-WebSocket-Version: 12", "Sec-WebSocket-Version: 13"] {
                let faulty = try await RawPeer.connect(port: rig.port)
                try await faulty.write(
                    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\n\(lines)\r\n\r\n"
                )
                try await faulty.close(.output)
                #expect(await faulty.rest().hasPrefix("HTTP/1.1"))
            }
            _ = try await rig.challenged()
        }
    }

    @Test func locksAnOriginOutAfterWrongSecrets() async throws {
        try await ServerRig.run({ $0.access.failureLimit.maximumFailures = 2 }) { rig in
            for _ in 0..<2 {
                let connection = try await rig.challenged(["Origin: http://localhost:1"])
                try await connection.send(ServerRig.connect(token: "wrong"))
                _ = try await connection.closing()
            }
            let locked = try await rig.challenged(["Origin: http://localhost:1"])
            try await locked.send(ServerRig.connect())
            let error = try #require(try await locked.answer(to: "connect")?["error"])
            #expect(error["details"]?["code"] == "AUTH_RATE_LIMITED")
            // Programs on this machine are not locked out.
            _ = try await rig.admitted()
        }
    }

    @Test(.bug(id: "B87")) func admitsABurstOfClients() async throws {
        try await ServerRig.run({ $0.maximumUnauthenticatedPerAddress = 300 }) { rig in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<200 { group.addTask { _ = try await rig.admitted() } }
                try await group.waitForAll()
            }
        }
    }

    @Test func admitsWhomATrustedProxyNames() async throws {
        try await ServerRig.run {
            $0.access.trustedProxies = TrustedProxies(["127.0.0.1"])
            $0.access.authentication = .trustedProxy(
                ProxyAuthentication(
                    userHeader: "X-User", allowedUsers: ["ada"], allowsLoopback: true,
                    localToken: Secret(ServerRig.secret)))
        } _: { rig in
            for (user, isIn) in [("ada", true), ("eve", false)] {
                let connection = try await rig.challenged(["X-User: \(user)"])
                try await connection.send(ServerRig.connect(token: nil))
                #expect(try await connection.answer(to: "connect")?["ok"] == .bool(isIn))
            }
            for (header, status) in [("X-User: ada", "200"), ("X-User: eve", "401"), ("X-Other: 1", "401")] {
                let connection = try await RawPeer.connect(port: rig.port)
                try await connection.write(
                    "GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\(header)\r\n\r\n")
                #expect(await connection.rest().hasPrefix("HTTP/1.1 \(status)"))
            }
        }
    }

    @Test func admitsByPassword() async throws {
        try await ServerRig.run({ $0.access.authentication = .password(Secret("fake-password")) }) { rig in
            for (password, detail) in [("fake-password", nil), ("wrong", "AUTH_PASSWORD_MISMATCH")] {
                let connection = try await rig.challenged()
                var connect = try #require(ServerRig.connect().object)
                var parameters = try #require(connect["params"]?.object)
                parameters["auth"] = ["password": .string(password)]
                connect["params"] = .object(parameters)
                try await connection.send(.object(connect))
                let answer = try await connection.answer(to: "connect")
                #expect(answer?["error"]?["details"]?["code"]?.string == detail)
            }
        }
    }

    @Test func admitsEverybodyOnThisMachineWhereNoSecretIsAskedFor() async throws {
        try await ServerRig.run({ $0.access.authentication = .none }) { rig in
            let connection = try await rig.challenged()
            try await connection.send(ServerRig.connect(token: nil))
            let hello = try await connection.answer(to: "connect")
            #expect(hello?["payload"]?["auth"]?["scopes"]?.array?.contains("operator.admin") == true)
            let page = try await rig.challenged(["Origin: https://evil.example"])
            try await page.send(ServerRig.connect(token: nil))
            let refused = try await page.answer(to: "connect")?["error"]
            #expect(refused?["details"]?["code"] == "CONTROL_UI_ORIGIN_NOT_ALLOWED")
        }
    }
}
