import AlulaClient
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import Testing

@testable import AlulaServer

@Suite(.timeLimit(.minutes(1)))
struct MethodCallTests {
    @Test(arguments: [3, 4])
    func `a client of either version is greeted in its own version`(version: Int) async throws {
        try await ServerRig.run { rig in
            let client = try await rig.client(versions: version...version)
            #expect(client.hello["protocol"] == .number(version))
            #expect(client.hello["server"]?["version"] == "9.9.9-test")
            #expect((client.hello["auth"] != nil) == (version == 4))
            await client.close()
        }
    }

    @Test
    func `every served method reaches its operation`() async throws {
        let calls: [(method: String, parameters: JSONValue, answer: JSONValue)] = [
            ("health", [:], ["ok": true]),
            ("status", ["includeChannelSummary": false], ["channels": false]),
            ("models.list", ["view": "all"], ["view": "all"]),
            ("models.status", ["agentId": "work"], ["agent": "work"]),
            ("models.authStatus", ["refresh": true], ["refresh": true]),
            ("models.authLogout", ["provider": "groq"], ["provider": "groq"]),
            ("agents.list", [:], ["agents": []]),
            ("secrets.reload", [:], ["ok": true]),
        ]
        #expect(calls.map(\.method).sorted() == MethodTable.names)
        try await ServerRig.run { rig in
            let client = try await rig.client()
            for call in calls {
                #expect(try await client.call(call.method, call.parameters, deadline: .generous) == call.answer)
            }
            await client.close()
        }
    }

    @Test(
        arguments: [
            ("no.such", [:], "INVALID_REQUEST", "unknown method: no.such"),
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
        ] as [(String, JSONValue, String, String)])
    func `a call that can't be carried out says why`(
        method: String, parameters: JSONValue, code: String, message: String
    ) async throws {
        try await ServerRig.run { rig in
            let client = try await rig.client()
            let error = try await #require(throws: ClientError.self) {
                _ = try await client.call(method, parameters, deadline: .generous)
            }
            #expect(error.remote?.code.rawValue == code)
            #expect(error.remote?.message == message)
            await client.close()
        }
    }

    @Test
    func `a call without its scope is refused`() async throws {
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

    // upstream: 10.7 16
    // upstream: 10.9 models: failures surface (shown with `status`, which takes the same way)
    @Test
    func `an operation that fails is answered with its own error`() async throws {
        let operations = FakeOperations(statusError: .unavailable("status can't be read now"))
        try await ServerRig.run(operations: operations) { rig in
            let client = try await rig.client()
            let error = try await #require(throws: ClientError.self) {
                _ = try await client.call("status", deadline: .generous)
            }
            #expect(error.remote == .unavailable("status can't be read now"))
            await client.close()
        }
    }

    @Test
    func `five hundred calls at once are all answered`() async throws {
        try await ServerRig.run { rig in
            var peer = try await RawPeer.admitted(rig)
            let frames = (0..<500).flatMap { number in
                RawPeer.frame(
                    opcode: 1, Array(#"{"type":"req","id":"\#(number)","method":"health"}"#.utf8))
            }
            try await peer.send(frames)
            var answered: Set<String> = []
            while answered.count < 500, let frame = await peer.frame() {
                let value = try JSONValue.parse(frame.payload)
                guard value["type"] == "res", let id = value["id"]?.string else { continue }
                #expect(value["ok"] == true)
                answered.insert(id)
            }
            #expect(answered.count == 500)
        }
    }

    @Test
    func `a slow method does not hold up the next one`() async throws {
        let (gate, opener) = AsyncStream<Void>.makeStream()
        try await ServerRig.run(operations: FakeOperations(gate: gate)) { rig in
            let client = try await rig.client()
            async let slow = client.call("secrets.reload", deadline: .generous)
            #expect(try await client.call("health", deadline: .generous) == ["ok": true])
            opener.finish()
            #expect(try await slow == ["ok": true])
            await client.close()
        }
    }
}
