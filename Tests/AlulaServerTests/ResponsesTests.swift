import AlulaInference
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import Testing

@testable import AlulaServer

/// `POST /v1/responses`, byte by byte.
@Suite(.timeLimit(.minutes(5)))
struct ResponsesTests {
    private static let hello = #"{"model":"m","input":"Hi"}"#
    private static let streamedHello = #"{"model":"m","input":"Hi","stream":true}"#
    private static let route = "POST /v1/responses"

    @Test func answersInOnePiece() async throws {
        try await ServerRig.run { rig in
            let answer = try await ChatPeer.ask(rig, Self.hello, request: Self.route)
            #expect(answer.status == 200)
            #expect(answer.head.contains("content-type: application/json; charset=utf-8"))
            #expect(answer.head.contains("x-alula-provider: fake"))
            let body = try JSONValue.parse(answer.body)
            #expect(body["object"] == "response")
            #expect(body["model"] == "m")
            #expect(body["output"]?.array?.first?["content"]?.array?.first?["text"] == "Hello")
            #expect(body["status"] == "completed")
            let request = rig.operations.model.requests.first
            #expect(request?.messages == [Message(.user, "Hi")])
            #expect(request?.dialect == .openAIResponses)
        }
    }

    @Test func answersPieceByPiece() async throws {
        try await ServerRig.run { rig in
            rig.operations.model.say([
                .piece(.text("Hel")), .piece(.text("lo")), .piece(.usage(TokenUsage(input: 3, output: 2))),
                .piece(.finished(.stop)),
            ])
            let answer = try await ChatPeer.ask(rig, Self.streamedHello, request: Self.route)
            #expect(answer.status == 200)
            #expect(answer.head.contains("content-type: text/event-stream; charset=utf-8"))
            let events = try answer.events.map { try JSONValue.parse($0) }
            #expect(events.first?["type"] == "response.created")
            #expect(events.compactMap { $0["delta"]?.string } == ["Hel", "lo"])
            #expect(events.last?["type"] == "response.completed")
            #expect(events.last?["response"]?["usage"]?["total_tokens"] == 5)
            #expect(events.map { $0["sequence_number"]?.integer } == events.indices.map { Int64($0) })
        }
    }

    @Test func anErrorAfterTheFirstPieceIsTheLastEvent() async throws {
        try await ServerRig.run { rig in
            rig.operations.model.say([.piece(.text("Hel")), .failure(AnswerError(.upstream, "It broke."))])
            let answer = try await ChatPeer.ask(rig, Self.streamedHello, request: Self.route)
            #expect(answer.status == 200)
            let last = try JSONValue.parse(try #require(answer.events.last))
            #expect(last["type"] == "response.failed")
            #expect(last["response"]?["error"]?["message"] == "It broke.")
            #expect(!answer.text.contains("response.completed"))
            // The stream itself is well formed to its end.
            #expect(answer.text.hasSuffix("0\r\n\r\n"))
        }
    }

    /// The last events say everything again; a long answer's are written on the pool.
    @Test func aLongAnswerIsWhole() async throws {
        try await ServerRig.run({ $0.models.maximumInline = ByteCount(bytes: 1000) }) { rig in
            let long = String(repeating: "Grüße ", count: 2000)
            rig.operations.model.say([
                .piece(.reasoning(long)), .piece(.text(long)), .piece(.toolCallStarted(index: 0, id: "a", name: "f")),
                .piece(.toolCallArguments(index: 0, "{}")), .piece(.finished(.toolCalls)),
            ])
            let answer = try await ChatPeer.ask(rig, Self.streamedHello, request: Self.route)
            let events = try answer.events.map { try JSONValue.parse($0) }
            let output = events.last?["response"]?["output"]?.array
            #expect(output?.first?["summary"]?.array?.first?["text"]?.string == long)
            #expect(output?.dropFirst().first?["content"]?.array?.first?["text"]?.string == long)
            #expect(output?.last?["arguments"] == "{}")
            #expect(events.map { $0["sequence_number"]?.integer } == events.indices.map { Int64($0) })
            rig.operations.model.say([.piece(.text(long)), .failure(AnswerError(.upstream, "It broke."))])
            let broken = try await ChatPeer.ask(rig, Self.streamedHello, request: Self.route)
            #expect(broken.events.last?.contains("It broke.") == true)
        }
    }

    @Test func refusalsAreInTheCallersDialect() async throws {
        let cases: [(String, [String], String, Int, String?)] = [
            (Self.route, [ChatPeer.json], Self.hello, 401, nil),
            (Self.route, [ChatPeer.bearer], Self.hello, 415, nil),
            (Self.route, [ChatPeer.bearer, ChatPeer.json], "{}", 400, "model"),
            (
                Self.route, [ChatPeer.bearer, ChatPeer.json],
                #"{"model":"m","input":"x","previous_response_id":"resp_1"}"#, 400, "previous_response_id"
            ), ("GET /v1/responses", [ChatPeer.bearer], "", 405, nil),
            ("GET /v1/responses/resp_1", [ChatPeer.bearer], "", 404, nil),
            ("POST /v1/responses/compact", [ChatPeer.bearer, ChatPeer.json], "{}", 404, nil),
        ]
        try await ServerRig.run { rig in
            for (request, headers, body, status, parameter) in cases {
                let answer = try await ChatPeer.ask(rig, body, headers: headers, request: request)
                #expect(answer.status == status, "\(request) \(headers)")
                #expect(answer.error?["param"]?.string == parameter, "\(request)")
                #expect(answer.error?["message"]?.string?.isEmpty == false)
                #expect(!answer.text.contains(ServerRig.secret))
            }
            #expect(rig.operations.model.requests.isEmpty)
        }
    }

    @Test func hasABoundOfItsOwn() async throws {
        try await ServerRig.run({ $0.models.maximumResponsesBody = ByteCount(bytes: 100) }) { rig in
            let text = String(repeating: "x", count: 200)
            let long = #"{"model":"m","input":"\#(text)"}"#
            let refused = try await ChatPeer.ask(rig, long, request: Self.route)
            #expect(refused.status == 413)
            let chat = #"{"model":"m","messages":[{"role":"user","content":"\#(text)"}]}"#
            let answered = try await ChatPeer.ask(rig, chat)
            #expect(answered.status == 200)
        }
    }

    @Test func canBeSwitchedOff() async throws {
        try await ServerRig.run({ $0.models.offersResponses = false }) { rig in
            let answer = try await ChatPeer.ask(rig, Self.hello, request: Self.route)
            #expect(answer.status == 404)
            #expect(answer.error?["message"]?.string?.contains("responses.enabled") == true)
            let other = try await ChatPeer.ask(rig, ChatPeer.hello)
            #expect(other.status == 200)
        }
    }
}
