import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import AlulaProtocol
import Testing

@testable import AlulaServer

/// What an API key opens, and what it does not.
@Suite(.timeLimit(.minutes(5)))
struct APIKeyAccessTests {
    private static func bearer(_ name: String) -> [String] { ["Authorization: Bearer alula-\(name)", ChatPeer.json] }

    /// From elsewhere by the name in its head, so that nothing is open for being on this machine.
    private static func get(_ rig: ServerRig, _ path: String, _ headers: [String]) async throws -> ChatPeer.Answer {
        let connection = try await RawPeer.connect(port: rig.port)
        let lines = ["GET \(path) HTTP/1.1", "Host: gateway.example", "Connection: close"] + headers
        try await connection.write(lines.joined(separator: "\r\n") + "\r\n\r\n")
        return ChatPeer.Answer(await connection.rest())
    }

    @Test func aKeyOpensTheModelAPIs() async throws {
        try await ServerRig.run { rig in
            rig.keys.add("laptop")
            for headers in [Self.bearer("laptop"), ["x-api-key: alula-laptop", ChatPeer.json]] {
                let answer = try await ChatPeer.ask(rig, ChatPeer.hello, headers: headers)
                #expect(answer.status == 200)
            }
            #expect(rig.operations.model.requests.map(\.caller.keyName) == ["laptop", "laptop"])
            #expect(try await Self.get(rig, "/v1/models", Self.bearer("laptop")).status == 200)
            // A bearer that other programs insist on may stand beside it.
            let both = ["Authorization: Bearer fake-other", "x-api-key: alula-laptop", ChatPeer.json]
            #expect(try await ChatPeer.ask(rig, ChatPeer.hello, headers: both).status == 200)
        }
    }

    @Test func whoHasTheTokenIsHeldToNoList() async throws {
        try await ServerRig.run { rig in
            let answer = try await ChatPeer.ask(rig, ChatPeer.hello)
            #expect(answer.status == 200)
            #expect(rig.operations.model.requests.map(\.caller) == [.owner])
        }
    }

    @Test func aKeyOpensNothingElse() async throws {
        try await ServerRig.run { rig in
            rig.keys.add("laptop")
            #expect(try await Self.get(rig, "/metrics", Self.bearer("laptop")).status == 401)
            let ready = try await Self.get(rig, "/readyz", Self.bearer("laptop"))
            #expect(!ready.text.contains("uptimeMs"))
            let socket = try await rig.challenged()
            try await socket.send(ServerRig.connect(token: "alula-laptop"))
            let answer = try #require(try await socket.answer(to: "connect"))
            #expect(answer["ok"] == false)
        }
    }

    @Test func aKeyThatIsGoneOpensNothing() async throws {
        try await ServerRig.run { rig in
            rig.keys.add("laptop")
            rig.keys.add("old", expiresAt: Timestamp(milliseconds: 1_000))
            rig.keys.remove("laptop")
            for name in ["laptop", "never"] {
                let answer = try await ChatPeer.ask(rig, ChatPeer.hello, headers: Self.bearer(name))
                #expect(answer.status == 401)
                #expect(answer.error?["message"]?.string?.contains("does not exist") == true)
            }
            let expired = try await ChatPeer.ask(rig, ChatPeer.hello, headers: Self.bearer("old"))
            #expect(expired.status == 401)
            #expect(expired.error?["message"]?.string?.contains("has expired") == true)
            #expect(rig.operations.model.requests.isEmpty)
        }
    }

    /// Where no secret is asked for, a key still says who asks, and one that was taken back is no way around its limits.
    @Test func keysCountWhereEverybodyMayAsk() async throws {
        try await ServerRig.run { settings in
            settings.access.authentication = .none
        } _: { rig in
            rig.keys.add("kids")
            let callers = [
                Self.bearer("kids"), Self.bearer("gone"), ["Authorization: Bearer fake-other", ChatPeer.json],
            ]
            for (headers, status) in zip(callers, [200, 401, 200]) {
                let answer = try await ChatPeer.ask(rig, ChatPeer.hello, headers: headers)
                #expect(answer.status == status)
            }
            #expect(rig.operations.model.requests.map(\.caller.keyName) == ["kids", nil])
        }
    }

    @Test func guessedKeysLockAnAddressOut() async throws {
        try await ServerRig.run { settings in
            settings.access.failureLimit.exemptsLoopback = false
        } _: { rig in
            rig.keys.add("laptop")
            for _ in 1...10 {
                let guess = try await ChatPeer.ask(rig, ChatPeer.hello, headers: Self.bearer("guess"))
                #expect(guess.status == 401)
            }
            let answer = try await ChatPeer.ask(rig, ChatPeer.hello, headers: Self.bearer("laptop"))
            #expect(answer.status == 429)
        }
    }

    @Test func tooManyRequestsAreToldWhenToComeAgain() async throws {
        try await ServerRig.run { rig in
            rig.keys.add("kids", limits: APIKeyLimits(requestsPerMinute: 2))
            for _ in 1...2 {
                #expect(try await ChatPeer.ask(rig, ChatPeer.hello, headers: Self.bearer("kids")).status == 200)
            }
            let answer = try await ChatPeer.ask(rig, ChatPeer.hello, headers: Self.bearer("kids"))
            #expect(answer.status == 429)
            #expect(answer.error?["type"] == "rate_limit_error")
            #expect(answer.error?["message"]?.string?.contains("2 requests a minute") == true)
            #expect(answer.head.contains("retry-after: "))
            #expect(rig.operations.model.requests.count == 2)
            // In Anthropic's dialect too, and for counting.
            for path in ["/v1/messages", "/v1/messages/count_tokens"] {
                let body = #"{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"Hi"}]}"#
                let other = try await ChatPeer.ask(rig, body, headers: Self.bearer("kids"), request: "POST \(path)")
                #expect(other.status == 429)
                #expect(other.error?["type"] == "rate_limit_error")
            }
            // A look at the models is no request to one.
            #expect(try await Self.get(rig, "/v1/models", Self.bearer("kids")).status == 200)
        }
    }

    @Test func aKeySeesTheModelsThatItMayAsk() async throws {
        try await ServerRig.run { rig in
            let (other, same) = (try #require(ModelPattern("q/*")), try #require(ModelPattern("p/*")))
            rig.keys.add("other", limits: APIKeyLimits(models: [other]))
            rig.keys.add("same", limits: APIKeyLimits(models: [same]))
            let hidden = try await Self.get(rig, "/v1/models", Self.bearer("other"))
            #expect(try JSONValue.parse(hidden.body)["data"]?.array?.isEmpty == true)
            #expect(try await Self.get(rig, "/v1/models/p/m", Self.bearer("other")).status == 404)
            let shown = try await Self.get(rig, "/v1/models", Self.bearer("same"))
            #expect(try JSONValue.parse(shown.body)["data"]?.array?.count == 1)
            #expect(try await Self.get(rig, "/v1/models/p/m", Self.bearer("same")).status == 200)
        }
    }
}
