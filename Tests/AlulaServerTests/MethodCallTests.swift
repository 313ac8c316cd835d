import AlulaClient
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import Testing

@testable import AlulaServer

/// What calls of methods come to.
@Suite(.timeLimit(.minutes(5)))
struct MethodCallTests {
    @Test func everyServedMethodReachesItsOperation() async throws {
        try await ServerRig.run { rig in
            let client = try await rig.client()
            for method in MethodTable.names where !Self.failing.contains(method) {
                let answer = try await client.call(method, Self.parameters[method] ?? [:], deadline: .generous)
                #expect(answer != .null || Self.answersNull.contains(method), "\(method)")
            }
            await client.close()
        }
    }

    /// Methods that this rig lets fail.
    private static let failing: Set<String> = ["cron.get", "models.authLogout"]
    /// For methods that need some.
    private static let parameters: [String: JSONValue] = [
        "config.apply": ["raw": "{}"], "config.patch": ["raw": "{}"], "config.set": ["raw": "{}"],
        "config.schema.lookup": ["path": "gateway"], "models.explain": ["model": "m", "needs": ["images"]],
        "device.pair.approve": ["requestId": "r"], "device.pair.reject": ["requestId": "r"],
        "device.pair.remove": ["deviceId": "d"], "device.pair.rename": ["deviceId": "d", "label": "desk"],
        "device.token.revoke": ["deviceId": "d", "role": "operator"],
        "device.token.rotate": ["deviceId": "d", "role": "operator", "scopes": ["operator.read"]],
        "chat.history": ["sessionKey": "main"], "sessions.get": ["key": "main"],
        "sessions.messages.subscribe": ["key": "main"], "sessions.messages.unsubscribe": ["key": "main"],
        "sessions.resolve": ["key": "main", "allowMissing": true], "sessions.describe": ["key": "main"],
        "sessions.preview": ["keys": ["main"]], "system-event": ["text": "hello"],
    ]
    /// Methods whose answer may be null.
    private static let answersNull: Set<String> = ["last-heartbeat"]

    @Test func parametersReachTheOperation() async throws {
        try await ServerRig.run { rig in
            let client = try await rig.client()
            let answer = try await client.call("models.status", ["agentId": "work"], deadline: .generous)
            #expect(answer["agent"] == "work")
            let identity = try await client.call(
                "agent.identity.get", ["sessionKey": "agent:home:main"], deadline: .generous)
            #expect(identity["agentId"] == "home")
            let explanation = try await client.call(
                "models.explain", ["model": "m", "needs": ["images", "tools"]], deadline: .generous)
            #expect(explanation["needs"] == ["images", "tools"])
            await client.close()
        }
    }

    // upstream: 10.7 16
    // upstream: 10.9 models: failures surface (shown with `models.authLogout`, which takes the same way)
    @Test func aCallThatIsNotCarriedOutSaysWhy() async throws {
        let cases: [(method: String, parameters: JSONValue, code: String, message: String)] = [
            ("nosuch.method", [:], "INVALID_REQUEST", "unknown method: nosuch.method"),
            ("chat.send", [:], "UNAVAILABLE", "chat.send is not served by this gateway yet"),
            ("connect", [:], "INVALID_REQUEST", "connect is only valid as the first request"),
            (
                "models.list", ["view": "some"], "INVALID_REQUEST",
                "invalid models.list params: at /view: must be equal to one of the allowed values"
            ),
            (
                "agents.list", ["x": 1], "INVALID_REQUEST",
                "invalid agents.list params: at root: unexpected property 'x'"
            ),
            ("models.authLogout", [:], "INVALID_REQUEST", "provider is required"),
            (
                "sessions.messages.subscribe", [:], "INVALID_REQUEST",
                "invalid sessions.messages.subscribe params: must have required property 'key'"
            ),
            (
                "models.explain", ["model": "m", "needs": ["smells"]], "INVALID_REQUEST",
                "invalid models.explain params: at /needs/0: must be equal to one of the allowed values"
            ),
            ("sessions.resolve", ["key": "main"], "INVALID_REQUEST", "No session found: main"),
            (
                "sessions.resolve", ["key": "main", "label": "l"], "INVALID_REQUEST",
                "exactly one of key, sessionId and label is required"
            ),
            ("node.event", [:], "INVALID_REQUEST", "unauthorized role: operator"),
            ("models.authLogout", ["provider": "p"], "UNAVAILABLE", "The store is busy; try again."),
        ]
        try await ServerRig.run { rig in
            let connection = try await rig.admitted()
            for (method, parameters, code, message) in cases {
                try await connection.send(ServerRig.request(method, method, parameters))
                let error = try #require(try await connection.answer(to: method)?["error"])
                #expect(error["code"]?.string == code)
                #expect(error["message"]?.string == message)
            }
        }
    }

    @Test func aCallWithoutItsScopeIsRefused() async throws {
        try await ServerRig.run { rig in
            let client = try await rig.client(scopes: ["operator.read"])
            let error = try await #require(throws: ClientError.self) {
                _ = try await client.call("secrets.reload", deadline: .generous)
            }
            #expect(error.remote?.message == "missing scope: operator.admin")
            #expect(error.remote?.details?["missingScope"] == "operator.admin")
            await client.close()
        }
    }

    /// The whole table, over a socket: who lacks a method's scope gets nothing of it.
    @Test(arguments: Scope.allCases.filter { $0 != .admin })
    func noMethodAnswersThoseWithoutItsScope(scope: Scope) async throws {
        try await ServerRig.run { rig in
            let connection = try await rig.admitted(scopes: [scope.rawValue])
            for method in MethodTable.methods {
                guard case .scope(let required) = method.access else { continue }
                let isPermitted = required == scope || (required == .read && scope == .write)
                guard !isPermitted else { continue }
                try await connection.send(
                    ServerRig.request(method.name, method.name, Self.parameters[method.name] ?? [:]))
                let answer = try #require(try await connection.answer(to: method.name))
                #expect(answer["payload"] == nil, "\(method.name)")
                #expect(
                    answer["error"]?["message"]?.string == "missing scope: \(required.rawValue)", "\(method.name)")
            }
        }
    }

    @Test func aSlowMethodDoesNotHoldUpTheNext() async throws {
        try await ServerRig.run { rig in
            rig.operations.shutGate()
            let client = try await rig.client()
            async let slow = client.call("status", deadline: .generous)
            #expect(try await client.call("health", deadline: .generous)["ok"] == true)
            rig.operations.openGate()
            #expect(try await slow["heartbeat"] != nil)
            await client.close()
        }
    }

    @Test func theEleventhCallOfAnotherRolesMethodEndsTheConnection() async throws {
        try await ServerRig.run { rig in
            let connection = try await rig.admitted()
            for number in 1...11 { try await connection.send(ServerRig.request("\(number)", "node.event")) }
            for number in 1...10 {
                let answer = try await connection.answer(to: "\(number)")
                #expect(answer?["error"]?["message"] == "unauthorized role: operator")
            }
            #expect(try await connection.closing() == .close(code: 1008, reason: "repeated unauthorized calls"))
        }
    }
}
