import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import NIOCore
import Testing

@testable import AlulaServer

/// How clients get in, over real sockets.
struct HandshakeTests {
    @Test(arguments: [(3, 3, 3), (4, 4, 4), (3, 4, 4)])
    func greetsInTheVersionOfTheClient(minimum: Int, maximum: Int, chosen: Int) async throws {
        try await LiveGateway.run { gateway in
            let connection = try await gateway.challenged()
            try await connection.send(LiveGateway.connect((minimum, maximum)))
            let payload = try #require(try await connection.answer(to: "connect")?["payload"])
            #expect(payload["type"] == "hello-ok")
            #expect(payload["protocol"] == .number(chosen))
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
        ("wrong", "INVALID_REQUEST", "unauthorized: gateway token is wrong"),
        (nil, "NOT_PAIRED", "device identity required"),
    ])
    func refusesWithoutTheSecret(token: String?, code: String, message: String) async throws {
        try await LiveGateway.run { gateway in
            let connection = try await gateway.challenged()
            try await connection.send(LiveGateway.connect(token: token))
            let error = try #require(try await connection.answer(to: "connect")?["error"])
            #expect(error["code"]?.string == code)
            #expect(error["message"]?.string == message)
            #expect(try await connection.closing() == .close(code: 1008, reason: message))
            #expect(!error.text(.compact).contains(LiveGateway.secret))
        }
    }

    @Test(.bug(id: "B85")) func givesATrueReasonForAHandshakeTimeout() async throws {
        try await LiveGateway.run({ $0.limits.handshakeTimeout = .milliseconds(50) }) { gateway in
            let connection = try await gateway.challenged()
            #expect(try await connection.closing() == .close(code: 1008, reason: "handshake timeout"))
        }
    }

    @Test func endsASilentConnection() async throws {
        try await LiveGateway.run({ $0.http.firstRequestTimeout = .milliseconds(50) }) { gateway in
            let connection = try await RawConnection.connect(port: gateway.port)
            do { try await connection.write("GET /healthz HTTP/1.1\r\nHost: lo") } catch is ChannelError {
                // It has ended already, which is what is asked for.
            }
            #expect(await connection.rest() == "")
        }
    }

    @Test func limitsSocketsThatAreNotAdmitted() async throws {
        try await LiveGateway.run { gateway in
            var waiting: [RawConnection] = []
            for _ in 0..<32 { waiting.append(try await gateway.challenged()) }
            for _ in 32..<40 {
                let refusal = await #expect(throws: RawConnection.Refused.self) { _ = try await gateway.challenged() }
                #expect(refusal?.head.hasPrefix("HTTP/1.1 503") == true)
            }
            // An admission frees a place.
            let first = waiting[0]
            try await first.send(LiveGateway.connect())
            #expect(try await first.answer(to: "connect") != nil)
            _ = try await gateway.challenged()
        }
    }

    @Test func givesThePlaceOfAFaultyUpgradeBack() async throws {
        try await LiveGateway.run({ $0.maximumUnauthenticatedPerAddress = 1 }) { gateway in
            for lines in ["Sec-WebSocket-Version: 12", "Sec-WebSocket-Version: 13"] {
                let faulty = try await RawConnection.connect(port: gateway.port)
                try await faulty.write(
                    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\n\(lines)\r\n\r\n"
                )
                try await faulty.close(.output)
                #expect(await faulty.rest().hasPrefix("HTTP/1.1"))
            }
            _ = try await gateway.challenged()
        }
    }

    @Test func locksAnOriginOutAfterWrongSecrets() async throws {
        try await LiveGateway.run({ $0.failureLimit.maximumFailures = 2 }) { gateway in
            for _ in 0..<2 {
                let connection = try await gateway.challenged(["Origin: http://localhost:1"])
                try await connection.send(LiveGateway.connect(token: "wrong"))
                _ = try await connection.closing()
            }
            let locked = try await gateway.challenged(["Origin: http://localhost:1"])
            try await locked.send(LiveGateway.connect())
            let error = try #require(try await locked.answer(to: "connect")?["error"])
            #expect(error["details"]?["code"] == "AUTH_RATE_LIMITED")
            // Programs on this machine are not locked out.
            _ = try await gateway.admitted()
        }
    }

    @Test(.bug(id: "B87")) func admitsABurstOfClients() async throws {
        try await LiveGateway.run({ $0.maximumUnauthenticatedPerAddress = 300 }) { gateway in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<200 { group.addTask { _ = try await gateway.admitted() } }
                try await group.waitForAll()
            }
        }
    }
}
