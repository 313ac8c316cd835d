import AlulaInference
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import Testing

@testable import AlulaServer

/// `POST /v1/messages` and `POST /v1/messages/count_tokens`, byte by byte.
@Suite(.timeLimit(.minutes(5)))
struct MessagesTests {
    private static let hello = #"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]}"#
    private static let streamedHello =
        #"{"model":"m","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"Hi"}]}"#
    private static let route = "POST /v1/messages"
    private static let count = "POST /v1/messages/count_tokens"
    private static let key = "x-api-key: \(ServerRig.secret)"

    @Test func answersInOnePiece() async throws {
        try await ServerRig.run { rig in
            let answer = try await ChatPeer.ask(rig, Self.hello, request: Self.route)
            #expect(answer.status == 200)
            #expect(answer.head.contains("content-type: application/json; charset=utf-8"))
            #expect(answer.head.contains("x-alula-provider: fake"))
            #expect(answer.head.contains("request-id: req_"))
            let body = try JSONValue.parse(answer.body)
            #expect(body["type"] == "message")
            #expect(body["model"] == "m")
            #expect(body["content"] == [["type": "text", "text": "Hello"]])
            #expect(body["stop_reason"] == "end_turn")
            let request = rig.operations.model.requests.first
            #expect(request?.messages == [Message(.user, "Hi")])
            #expect(request?.dialect == .anthropicMessages)
            #expect(request?.sampling.maximumOutputTokens == 9)
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
            #expect(answer.head.contains("x-accel-buffering: no"))
            let events = try answer.events.map { try JSONValue.parse($0) }
            #expect(
                events.compactMap { $0["type"]?.string } == [
                    "message_start", "content_block_start", "content_block_delta", "content_block_delta",
                    "content_block_stop", "message_delta", "message_stop",
                ])
            #expect(events.compactMap { $0["delta"]?["text"]?.string } == ["Hel", "lo"])
            #expect(events.dropLast().last?["usage"]?["output_tokens"] == 2)
        }
    }

    @Test func trialFeaturesGoWithTheRequest() async throws {
        let headers = [
            ChatPeer.bearer, ChatPeer.json, "anthropic-beta: one-2025, two-2026,, b\u{FC}",
            "anthropic-version: 2023-06-01",
            "anthropic-beta: three",
        ]
        try await ServerRig.run { rig in
            _ = try await ChatPeer.ask(rig, Self.hello, headers: headers, request: Self.route + "?beta=true")
            #expect(rig.operations.model.requests.first?.features == ["one-2025", "two-2026", "three"])
        }
    }

    @Test func errorsHaveTheDialectsStatusAndShape() async throws {
        let cases: [(AnswerError.Kind, Int, String)] = [
            (.rateLimited, 429, "rate_limit_error"), (.overloaded, 529, "overloaded_error"),
            (.upstream, 502, "api_error"), (.timeout, 504, "timeout_error"), (.billing, 402, "billing_error"),
            (.notPermitted, 403, "permission_error"), (.modelNotFound, 404, "not_found_error"),
            (.contextOverflow, 400, "invalid_request_error"), (.internalError, 500, "api_error"),
        ]
        try await ServerRig.run { rig in
            for (kind, status, type) in cases {
                rig.operations.model.refuse(AnswerError(kind, "No.", retryAfter: .milliseconds(1500)))
                for (body, request) in [
                    (Self.hello, Self.route), (Self.streamedHello, Self.route), (Self.hello, Self.count),
                ] {
                    let answer = try await ChatPeer.ask(rig, body, request: request)
                    #expect(answer.status == status, "\(kind)")
                    #expect(answer.error?["type"]?.string == type)
                    #expect(answer.head.contains("retry-after: 2"))
                    let whole = try JSONValue.parse(answer.body)
                    #expect(whole["type"] == "error")
                    #expect(whole["request_id"]?.string.map { answer.head.contains("request-id: \($0)") } == true)
                }
            }
        }
    }

    @Test func anErrorAfterTheFirstPieceIsAnEvent() async throws {
        try await ServerRig.run { rig in
            rig.operations.model.say([.piece(.text("Hel")), .failure(AnswerError(.upstream, "It broke."))])
            let answer = try await ChatPeer.ask(rig, Self.streamedHello, request: Self.route)
            #expect(answer.status == 200)
            let last = try JSONValue.parse(try #require(answer.events.last))
            #expect(last["type"] == "error")
            #expect(last["error"]?["message"] == "It broke.")
            #expect(answer.text.contains("event: error\n"))
            #expect(!answer.text.contains("message_stop"))
            // The stream itself is well formed to its end.
            #expect(answer.text.hasSuffix("0\r\n\r\n"))
        }
    }

    @Test func anAnswerThatTheDialectCantSayIsTheProvidersFault() async throws {
        try await ServerRig.run { rig in
            rig.operations.model.say([
                .piece(.toolCallStarted(index: 0, id: "a", name: "f")), .piece(.toolCallArguments(index: 0, "no JSON")),
                .piece(.finished(.toolCalls)),
            ])
            let answer = try await ChatPeer.ask(rig, Self.hello, request: Self.route)
            #expect(answer.status == 502)
            #expect(answer.error?["type"] == "api_error")
        }
    }

    // MARK: Counting

    @Test func countsTokensWithoutALimit() async throws {
        let body = #"{"model":"m","system":"1234","messages":[{"role":"user","content":"12345678"}]}"#
        try await ServerRig.run { rig in
            let answer = try await ChatPeer.ask(rig, body, request: Self.count)
            #expect(answer.status == 200)
            #expect(try JSONValue.parse(answer.body) == ["input_tokens": 3])
            #expect(answer.head.contains("x-alula-estimate: true"))
            let wrong = try await ChatPeer.ask(rig, #"{"model":"m"}"#, request: Self.count)
            #expect(wrong.status == 400)
            #expect(wrong.error?["message"]?.string?.contains("`messages`") == true)
        }
    }

    // MARK: Who may ask, and how

    @Test(arguments: [
        [Self.key], [ChatPeer.bearer], [Self.key, ChatPeer.bearer], [Self.key, "Authorization: Bearer wrong"],
        ["x-api-key: wrong", ChatPeer.bearer], [Self.key, "Authorization: Basic x"],
    ])
    func theTokenComesEitherWay(headers: [String]) async throws {
        try await ServerRig.run { rig in
            for request in [Self.route, Self.count] {
                let answer = try await ChatPeer.ask(
                    rig, Self.hello, headers: headers + [ChatPeer.json], request: request)
                #expect(answer.status == 200)
            }
        }
    }

    @Test func refusalsAreInTheCallersDialect() async throws {
        let cases: [(String, [String], Int, String)] = [
            (Self.route, [ChatPeer.json], 401, "authentication_error"),
            (Self.count, [ChatPeer.json], 401, "authentication_error"),
            (Self.route, [ChatPeer.json, "x-api-key: wrong"], 401, "authentication_error"),
            (Self.route, [ChatPeer.json, "x-api-key: ", "Authorization: Bearer "], 401, "authentication_error"),
            (Self.route, [Self.key], 415, "invalid_request_error"),
            ("GET /v1/messages", [Self.key], 405, "invalid_request_error"),
            ("DELETE /v1/messages/count_tokens", [Self.key], 405, "invalid_request_error"),
            ("POST /v1/messages/batches", [Self.key, ChatPeer.json], 404, "not_found_error"),
            ("GET /v1/messages/batches/1", [Self.key], 404, "not_found_error"),
        ]
        try await ServerRig.run { rig in
            for (request, headers, status, type) in cases {
                let answer = try await ChatPeer.ask(rig, Self.hello, headers: headers, request: request)
                #expect(answer.status == status, "\(request) \(headers)")
                #expect(answer.error?["type"]?.string == type, "\(request): \(answer.text)")
                #expect(!answer.text.contains(ServerRig.secret))
            }
            #expect(rig.operations.model.requests.isEmpty)
            let other = try await ChatPeer.ask(rig, "", headers: [Self.key], request: "GET /v1/messages")
            #expect(other.head.contains("allow: post"))
        }
    }

    @Test func bodiesAreBoundedInTheDialect() async throws {
        try await ServerRig.run({
            $0.models.maximumBody = ByteCount(bytes: 100)
            $0.http.maximumBody = ByteCount(bytes: 100)
        }) { rig in
            for request in [Self.route, Self.count, "PUT /v1/messages", "POST /v1/messages/batches"] {
                let answer = try await ChatPeer.ask(
                    rig, String(repeating: " ", count: 200), headers: [Self.key, ChatPeer.json], request: request)
                #expect(answer.status == 413, "\(request)")
                #expect(answer.error?["type"] == "request_too_large")
            }
        }
    }

    /// Guesses count whichever header they come in, and one request is one guess.
    @Test func wrongKeysLockOut() async throws {
        try await ServerRig.run({ $0.access.failureLimit.exemptsLoopback = false }) { rig in
            var answer = try await ChatPeer.ask(
                rig, Self.hello, headers: [ChatPeer.json, "x-api-key: 0"], request: Self.route)
            for guess in 1..<50 where answer.status == 401 {
                answer = try await ChatPeer.ask(
                    rig, Self.hello, headers: [ChatPeer.json, "x-api-key: \(guess)", "Authorization: Bearer \(guess)"],
                    request: Self.route)
            }
            #expect(answer.status == 429)
            #expect(answer.error?["type"] == "rate_limit_error")
            #expect(answer.head.contains("retry-after: "))
        }
    }
}
