import AlulaInference
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import Testing

struct AnthropicAnswerTests {
    private let labels = AnswerLabels(id: "1", model: "alula/echo", createdAt: Timestamp(milliseconds: 1_000))

    private func stream(_ answer: [InferenceEvent]) throws -> AnthropicTranscript {
        var encoder = AnthropicStreamEncoder(labels)
        var bytes: [UInt8] = []
        for event in answer { bytes += encoder.encode(event) }
        return try AnthropicTranscript(bytes + encoder.end())
    }

    // MARK: In one piece

    @Test func aWholeAnswerHasTheDialectsShape() throws {
        let answer = InferenceAnswer(
            parts: [
                .reasoning(Message.Reasoning(text: "hm", signature: "sig")),
                .reasoning(Message.Reasoning(encrypted: "dark")), .text("I look."),
                .toolCall(Message.ToolCall(id: "c", name: "look", arguments: #"{"n":1}"#)),
            ], finish: .toolCalls,
            usage: TokenUsage(input: 9, output: 3, cacheRead: 2, cacheWrite: 1, reasoning: 1))
        let payload: JSONValue = [
            "id": "msg_1", "type": "message", "role": "assistant", "model": "alula/echo",
            "content": [
                ["type": "thinking", "thinking": "hm", "signature": "sig"],
                ["type": "redacted_thinking", "data": "dark"], ["type": "text", "text": "I look."],
                ["type": "tool_use", "id": "c", "name": "look", "input": ["n": 1]],
            ], "stop_reason": "tool_use", "stop_sequence": .null,
            "usage": [
                "input_tokens": 6, "cache_creation_input_tokens": 1, "cache_read_input_tokens": 2, "output_tokens": 3,
                "output_tokens_details": ["thinking_tokens": 1],
            ],
        ]
        #expect(try AnthropicAnswerEncoder.encode(answer, labels) == payload)
    }

    @Test(
        arguments: [
            (FinishReason.stop, "end_turn", nil), (.unknown("x"), "end_turn", nil),
            (.stopSequence("END"), "stop_sequence", "END"),
            (.stopSequence(nil), "stop_sequence", nil), (.length, "max_tokens", nil), (.toolCalls, "tool_use", nil),
            (.contentFilter, "refusal", nil), (.refusal, "refusal", nil), (.paused, "pause_turn", nil),
        ] as [(FinishReason, String, String?)])
    func saysWhyItEnded(_ reason: FinishReason, _ word: String, _ sequence: String?) throws {
        let answer = InferenceAnswer(parts: [.text("x")], finish: reason)
        let whole = try AnthropicAnswerEncoder.encode(answer, labels)
        #expect(whole["stop_reason"]?.string == word)
        #expect(whole["stop_sequence"]?.string == sequence)
        let end = try stream(answer.events).end
        #expect(end?["delta"]?["stop_reason"]?.string == word)
        #expect(end?["delta"]?["stop_sequence"]?.string == sequence)
    }

    @Test func aRefusalIsTextWithAnEndThatSaysSo() throws {
        let answer = InferenceAnswer(parts: [.refusal("I will not.")], finish: .stop)
        let whole = try AnthropicAnswerEncoder.encode(answer, labels)
        #expect(whole["content"] == [["type": "text", "text": "I will not."]])
        #expect(whole["stop_reason"] == "refusal")
        #expect(whole["stop_details"]?["explanation"] == "I will not.")
        let end = try stream(answer.events).end
        #expect(end?["delta"]?["stop_reason"] == "refusal")
        #expect(end?["delta"]?["stop_details"]?["explanation"] == "I will not.")
    }

    @Test(.bug(id: "B94")) func argumentsThatAreNoObjectAreNoAnswer() throws {
        func encoded(_ arguments: String, _ finish: FinishReason = .toolCalls) throws -> JSONValue? {
            let call = Message.ToolCall(id: "c", name: "f", arguments: arguments)
            let answer = InferenceAnswer(parts: [.toolCall(call)], finish: finish)
            return try AnthropicAnswerEncoder.encode(answer, labels)["content"]?.array?.first?["input"]
        }
        #expect(try encoded("") == [:])
        #expect(try encoded(" \n") == [:])
        for broken in ["{", "[]", "4", "{} {}"] {
            #expect(throws: InferenceError.self, "\(broken)") { try encoded(broken) }
        }
        // The limit of tokens cut it: the end says so.
        #expect(try encoded("{\"a", .length) == [:])
    }

    // MARK: Piece by piece

    @Test func blocksBeginAndEndOneAfterTheOther() throws {
        let transcript = try stream([
            .started(AnswerHead(id: "x", model: "y")), .usage(TokenUsage(input: 5, cacheRead: 2)), .reasoning("h"),
            .reasoning("m"), .reasoningSignature("si"), .reasoningSignature("g"), .encryptedReasoning("dark"),
            .text(""), .text("I "), .text("look."), .toolCallStarted(index: 7, id: "c", name: "look"),
            .toolCallArguments(index: 7, "{\"a\""), .toolCallArguments(index: 7, ":1}"), .finished(.toolCalls),
            .usage(TokenUsage(input: 5, output: 4, cacheRead: 2)),
        ])
        #expect(
            transcript.blocks == [
                ["type": "thinking", "thinking": "hm", "signature": "sig"],
                ["type": "redacted_thinking", "data": "dark"], ["type": "text", "text": "I look."],
                ["type": "tool_use", "id": "c", "name": "look", "input": "{\"a\":1}"],
            ])
        #expect(transcript.start?["message"]?["usage"]?["input_tokens"] == 3)
        #expect(transcript.start?["message"]?["usage"]?["output_tokens"] == 0)
        #expect(transcript.start?["message"]?["content"] == [])
        #expect(transcript.start?["message"]?["stop_reason"] == .null)
        #expect(transcript.end?["usage"]?["output_tokens"] == 4)
    }

    @Test func anEmptyAnswerIsWellFormedToo() throws {
        for events in [[], [.finished(.stop)], [.started(AnswerHead()), .text(""), .finished(.stop)]]
            as [[InferenceEvent]]
        {
            let transcript = try stream(events)
            #expect(transcript.blocks.isEmpty)
            #expect(transcript.end?["delta"]?["stop_reason"] == "end_turn")
        }
    }

    /// A provider may write several calls at a time; in this dialect they come one after the other.
    @Test(.bug(id: "B93")) func callsThatAlternateComeOneAfterTheOther() throws {
        let transcript = try stream([
            .toolCallStarted(index: 3, id: "a", name: "f"), .toolCallStarted(index: 9, id: "b", name: "g"),
            .toolCallArguments(index: 9, "{\"x\":"), .toolCallArguments(index: 3, "{\"s\":\"}{\\\""), .text("So."),
            .toolCallArguments(index: 9, "[1]}"), .toolCallArguments(index: 3, "\"}"),
            .toolCallStarted(index: 1, id: "c", name: "h"), .finished(.toolCalls),
        ])
        #expect(
            transcript.blocks == [
                ["type": "tool_use", "id": "a", "name": "f", "input": "{\"s\":\"}{\\\"\"}"],
                ["type": "tool_use", "id": "b", "name": "g", "input": "{\"x\":[1]}"], ["type": "text", "text": "So."],
                ["type": "tool_use", "id": "c", "name": "h", "input": ""],
            ])
    }

    @Test func whatCanGoOutGoesOutAtOnce() throws {
        var encoder = AnthropicStreamEncoder(labels)
        #expect(encoder.encode(.started(AnswerHead())).isEmpty)
        #expect(String(decoding: encoder.encode(.text("Hel")), as: UTF8.self).contains("message_start"))
        #expect(String(decoding: encoder.encode(.text("lo")), as: UTF8.self).contains(#""text":"lo""#))
        _ = encoder.encode(.toolCallStarted(index: 0, id: "a", name: "f"))
        #expect(
            String(decoding: encoder.encode(.toolCallArguments(index: 0, "{")), as: UTF8.self)
                .contains(#""partial_json":"{""#))
        _ = encoder.encode(.toolCallArguments(index: 0, "}"))
        let next = String(decoding: encoder.encode(.toolCallStarted(index: 1, id: "b", name: "g")), as: UTF8.self)
        #expect(next.contains("content_block_stop") && next.contains(#""id":"b""#))
    }

    @Test func aBrokenAnswerIsAnErrorInTheDialect() {
        var encoder = AnthropicStreamEncoder(labels)
        _ = encoder.encode(.text("half"))
        let text = String(decoding: encoder.fail(AnswerError(.overloaded, "Too busy.")), as: UTF8.self)
        #expect(
            text
                == "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Too busy.\"}}\n\n"
        )
    }

    // MARK: Errors

    @Test(arguments: AnswerError.Kind.allCases) func everyKindHasAStatusAndAPayload(_ kind: AnswerError.Kind) {
        let error = AnswerError(kind, "Something.")
        let payload = AnthropicMessagesDialect().payload(of: error, labels)
        #expect((400...599).contains(error.anthropicStatus))
        #expect(payload["type"] == "error")
        #expect(payload["request_id"] == "req_1")
        #expect(payload["error"]?["message"]?.string?.hasSuffix("Something.") == true)
        let type =
            switch error.anthropicStatus {
            case 401: "authentication_error"
            case 402: "billing_error"
            case 403: "permission_error"
            case 404: "not_found_error"
            case 408, 504: "timeout_error"
            case 413: "request_too_large"
            case 429: "rate_limit_error"
            case 500, 502: "api_error"
            case 529: "overloaded_error"
            default: "invalid_request_error"
            }
        #expect(payload["error"]?["type"]?.string == type, "\(kind)")
    }

    @Test func programsSeeThatAConversationIsTooLong() {
        let other = AnswerError(.contextOverflow, "maximum context length is 8 tokens").anthropicPayload()
        #expect(other["error"]?["message"] == "prompt is too long: maximum context length is 8 tokens")
        let own = AnswerError(.contextOverflow, "Prompt is too long: 9 > 8").anthropicPayload()
        #expect(own["error"]?["message"] == "Prompt is too long: 9 > 8")
    }
}
