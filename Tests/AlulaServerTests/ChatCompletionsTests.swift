import AlulaInference
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import Testing

@testable import AlulaServer

/// `POST /v1/chat/completions`, byte by byte.
@Suite(.timeLimit(.minutes(5)))
struct ChatCompletionsTests {
    @Test func answersInOnePiece() async throws {
        try await ServerRig.run { rig in
            let answer = try await ChatPeer.ask(rig, ChatPeer.hello)
            #expect(answer.status == 200)
            #expect(answer.head.contains("content-type: application/json; charset=utf-8"))
            #expect(answer.head.contains("x-alula-provider: fake"))
            // A space would be no good neighbour in a header.
            #expect(answer.head.contains("x-alula-model: fake/m_1"))
            #expect(answer.head.contains("x-alula-attempts: 2"))
            #expect(answer.head.contains("x-content-type-options: nosniff"))
            let body = try JSONValue.parse(answer.body)
            #expect(body["model"] == "m")
            #expect(body["choices"]?.array?.first?["message"]?["content"] == "Hello")
            #expect(rig.operations.model.requests.first?.messages == [Message(.user, "Hi")])
        }
    }

    @Test func answersPieceByPiece() async throws {
        let body =
            #"{"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"Hi"}]}"#
        try await ServerRig.run { rig in
            rig.operations.model.say([
                .piece(.text("Hel")), .piece(.text("lo")), .piece(.usage(TokenUsage(input: 3, output: 2))),
                .piece(.finished(.stop)),
            ])
            let answer = try await ChatPeer.ask(rig, body)
            #expect(answer.status == 200)
            #expect(answer.head.contains("content-type: text/event-stream; charset=utf-8"))
            #expect(answer.head.contains("x-alula-attempts: 2"))
            #expect(answer.head.contains("x-accel-buffering: no"))
            #expect(answer.events.last == "[DONE]")
            let chunks = try answer.events.dropLast().map { try JSONValue.parse($0) }
            let texts = chunks.compactMap { $0["choices"]?.array?.first?["delta"]?["content"]?.string }
            #expect(texts == ["", "Hel", "lo"])
            #expect(chunks.last?["usage"]?["total_tokens"] == 5)
        }
    }

    @Test func anErrorBeforeTheFirstPieceIsAStatus() async throws {
        try await ServerRig.run { rig in
            rig.operations.model.refuse(
                AnswerError(.rateLimited, "Slow down.", retryAfter: .milliseconds(1500)))
            for body in [ChatPeer.hello, ChatPeer.streamedHello] {
                let answer = try await ChatPeer.ask(rig, body)
                #expect(answer.status == 429)
                #expect(answer.error?["message"] == "Slow down.")
                #expect(answer.error?["type"] == "rate_limit_error")
                #expect(answer.head.contains("retry-after: 2"))
                #expect(answer.head.contains("retry-after-ms: 1500"))
            }
            #expect(rig.log.texts.filter { $0.hasPrefix("A request to a model failed") }.count == 2)
        }
    }

    @Test func anErrorAfterTheFirstPieceIsAnEvent() async throws {
        try await ServerRig.run { rig in
            rig.operations.model.say([.piece(.text("Hel")), .failure(AnswerError(.upstream, "It broke."))])
            let answer = try await ChatPeer.ask(rig, ChatPeer.streamedHello)
            #expect(answer.status == 200)
            let last = try JSONValue.parse(try #require(answer.events.last))
            #expect(last["error"]?["message"] == "It broke.")
            // The stream itself is well formed to its end.
            #expect(answer.text.hasSuffix("0\r\n\r\n"))
            let whole = try await ChatPeer.ask(rig, ChatPeer.hello)
            #expect(whole.status == 502)
            #expect(whole.error?["message"] == "It broke.")
        }
    }

    @Test func anAnswerWithoutAnEndIsNoAnswer() async throws {
        try await ServerRig.run { rig in
            rig.operations.model.say([.piece(.text("Hel"))])
            let answer = try await ChatPeer.ask(rig, ChatPeer.streamedHello)
            #expect(answer.events.last?.contains("broke off") == true)
            #expect(!answer.events.contains("[DONE]"))
            let last = try await ChatPeer.ask(rig, ChatPeer.hello)
            #expect(last.status == 502)
        }
    }

    @Test func aConnectionIsGoodForSeveralRequests() async throws {
        try await ServerRig.run { rig in
            let connection = try await ChatPeer.open(rig, ChatPeer.streamedHello)
            await rig.operations.model.taken(3)
            try await connection.write(
                """
                POST /v1/chat/completions HTTP/1.1\r
                Host: 127.0.0.1\r
                Connection: close\r
                \(ChatPeer.bearer)\r
                \(ChatPeer.json)\r
                Content-Length: \(ChatPeer.hello.utf8.count)\r
                \r
                \(ChatPeer.hello)
                """)
            let text = await connection.rest()
            #expect(text.contains("data: [DONE]"))
            #expect(text.contains(#""object":"chat.completion","#))
        }
    }

    // MARK: Who may ask, and how

    @Test func refusalsAreInTheCallersDialect() async throws {
        let cases: [(String, [String], Int, String)] = [
            ("POST /v1/chat/completions", [ChatPeer.json], 401, "authentication_error"),
            ("POST /v1/chat/completions", [ChatPeer.json, "Authorization: Bearer wrong"], 401, "authentication_error"),
            ("POST /v1/chat/completions", [ChatPeer.bearer], 415, "invalid_request_error"),
            ("POST /v1/chat/completions", [ChatPeer.bearer, "Content-Type: text/plain"], 415, "invalid_request_error"),
            (
                "POST /v1/chat/completions", [ChatPeer.bearer, ChatPeer.json, "Content-Encoding: gzip"], 415,
                "invalid_request_error"
            ),
            ("GET /v1/chat/completions", [ChatPeer.bearer], 405, "invalid_request_error"),
            ("PUT /v1/chat/completions", [ChatPeer.bearer], 405, "invalid_request_error"),
            ("POST /v1/moderations", [ChatPeer.bearer, ChatPeer.json], 404, "invalid_request_error"),
            ("GET /v1/nothing/at/all", [ChatPeer.bearer], 404, "invalid_request_error"),
        ]
        try await ServerRig.run { rig in
            for (request, headers, status, type) in cases {
                let answer = try await ChatPeer.ask(rig, ChatPeer.hello, headers: headers, request: request)
                #expect(answer.status == status, "\(request) \(headers)")
                #expect(answer.error?["type"]?.string == type, "\(request): \(answer.text)")
                #expect(!answer.text.contains(ServerRig.secret))
            }
            #expect(rig.operations.model.requests.isEmpty)
            let other = try await ChatPeer.ask(rig, "", headers: [ChatPeer.bearer], request: "GET /v1/chat/completions")
            #expect(other.head.contains("allow: post"))
        }
    }

    @Test func wrongSecretsLockOut() async throws {
        try await ServerRig.run({ $0.access.failureLimit.exemptsLoopback = false }) { rig in
            var answer = try await ChatPeer.ask(
                rig, ChatPeer.hello, headers: [ChatPeer.json, "Authorization: Bearer 0"])
            for guess in 1..<50 where answer.status == 401 {
                answer = try await ChatPeer.ask(
                    rig, ChatPeer.hello, headers: [ChatPeer.json, "Authorization: Bearer \(guess)"])
            }
            #expect(answer.status == 429)
            #expect(answer.error?["type"] == "rate_limit_error")
        }
    }

    @Test func isNotServedWhereTheConfigurationSaysSo() async throws {
        try await ServerRig.run({ $0.models.offersChatCompletions = false }) { rig in
            let answer = try await ChatPeer.ask(rig, ChatPeer.hello)
            #expect(answer.status == 404)
            #expect(answer.error?["message"]?.string?.contains("chatCompletions.enabled") == true)
            #expect(rig.operations.model.requests.isEmpty)
        }
    }
}
