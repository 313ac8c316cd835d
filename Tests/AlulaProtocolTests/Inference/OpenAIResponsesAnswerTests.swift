import AlulaInference
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import Testing

struct OpenAIResponsesAnswerTests {
    private let labels = AnswerLabels(id: "1", model: "alula/echo", createdAt: Timestamp(milliseconds: 1_000))
    private let request = InferenceRequest(
        model: "alula/echo", messages: [Message(.user, "Hi")], dialect: .openAIResponses)

    private func whole(_ answer: InferenceAnswer) -> JSONValue {
        OpenAIResponsesAnswerEncoder.encode(answer, to: request, labels)
    }

    private func stream(_ answer: [InferenceEvent]) throws -> OpenAIResponsesTranscript {
        var encoder = OpenAIResponsesStreamEncoder(labels, answering: request)
        var bytes: [UInt8] = []
        for event in answer { bytes += encoder.encode(event) }
        return try OpenAIResponsesTranscript(bytes + encoder.end())
    }

    // MARK: In one piece

    @Test func aWholeAnswerHasTheDialectsShape() throws {
        let answer = InferenceAnswer(
            parts: [
                .reasoning(Message.Reasoning(text: "hm")), .text("I look."), .refusal("No."),
                .toolCall(Message.ToolCall(id: "c", name: "look", arguments: #"{"n":1}"#)),
            ], finish: .toolCalls,
            usage: TokenUsage(input: 9, output: 3, cacheRead: 2, cacheWrite: 1, reasoning: 1))
        let payload = whole(answer)
        #expect(payload["id"] == "resp_1")
        #expect(payload["object"] == "response")
        #expect(payload["created_at"] == 1)
        #expect(payload["status"] == "completed")
        #expect(payload["model"] == "alula/echo")
        let output: JSONValue = [
            [
                "id": "rs_1_0", "type": "reasoning", "status": "completed",
                "summary": [["type": "summary_text", "text": "hm"]],
            ],
            [
                "id": "msg_1_1", "type": "message", "status": "completed", "role": "assistant",
                "content": [
                    ["type": "output_text", "text": "I look.", "annotations": [], "logprobs": []],
                    ["type": "refusal", "refusal": "No."],
                ],
            ],
            [
                "id": "fc_1_2", "type": "function_call", "status": "completed", "call_id": "c", "name": "look",
                "arguments": "{\"n\":1}",
            ],
        ]
        #expect(payload["output"] == output)
        let usage: JSONValue = [
            "input_tokens": 9, "input_tokens_details": ["cached_tokens": 2, "cache_write_tokens": 1],
            "output_tokens": 3, "output_tokens_details": ["reasoning_tokens": 1], "total_tokens": 12,
        ]
        #expect(payload["usage"] == usage)
        for key in ["error", "incomplete_details", "previous_response_id", "instructions", "user"] {
            #expect(payload[key] == .null, "\(key)")
        }
    }

    @Test func anAnswerRepeatsWhatWasAsked() throws {
        let request = try OpenAIResponsesRequestDecoder.decode(
            JSONValue.parse(
                #"""
                {"model": "m", "input": "x", "instructions": "Be brief.", "temperature": 0.5, "metadata": {"a": "b"},
                 "tools": [{"type": "function", "name": "f", "parameters": {"type": "object"}}],
                 "tool_choice": "required", "parallel_tool_calls": false, "max_output_tokens": 9, "store": true,
                 "text": {"format": {"type": "json_object"}, "verbosity": "low"}, "reasoning": {"effort": "low"}}
                """#))
        let payload = OpenAIResponsesAnswerEncoder.encode(
            InferenceAnswer(parts: [], finish: .stop), to: request, labels)
        let expected: [String: JSONValue] = [
            "instructions": "Be brief.", "temperature": 0.5, "metadata": ["a": "b"], "tool_choice": "required",
            "parallel_tool_calls": false, "max_output_tokens": 9, "store": false, "truncation": "disabled",
            "text": ["verbosity": "low", "format": ["type": "json_object"]],
            "reasoning": ["effort": "low", "summary": .null],
        ]
        for (key, value) in expected { #expect(payload[key] == value, "\(key)") }
        #expect(payload["tools"]?.array?.first?["name"] == "f")
        #expect(payload["output"] == [])
    }

    @Test(
        arguments: [
            (FinishReason.stop, "completed", nil), (.unknown("x"), "completed", nil),
            (.stopSequence("END"), "completed", nil), (.length, "incomplete", "max_output_tokens"),
            (.toolCalls, "completed", nil), (.contentFilter, "incomplete", "content_filter"),
            (.refusal, "incomplete", "content_filter"), (.paused, "completed", nil),
        ] as [(FinishReason, String, String?)])
    func saysHowItEnded(_ reason: FinishReason, _ status: String, _ details: String?) throws {
        let answer = InferenceAnswer(parts: [.text("x")], finish: reason)
        let payload = whole(answer)
        #expect(payload["status"]?.string == status)
        #expect(payload["incomplete_details"]?["reason"]?.string == details)
        #expect(payload["output"]?.array?.first?["status"]?.string == status)
        let transcript = try stream(answer.events)
        #expect(transcript.types.last == "response.\(status)")
        #expect(transcript.end?["response"]?["incomplete_details"]?["reason"]?.string == details)
        #expect(transcript.items.first?["status"]?.string == status)
    }

    /// Whoever refuses in words has answered.
    @Test func aRefusalIsAnAnswer() throws {
        let answer = InferenceAnswer(parts: [.refusal("I will not.")], finish: .refusal)
        #expect(whole(answer)["status"] == "completed")
        #expect(try stream(answer.events).types.contains("response.refusal.done"))
    }

    /// Callers send back what they got, and so the provider gets back what it wants.
    @Test func thoughtsAreSealedForTheWayBack() throws {
        let named = SealedThoughts.named(id: "rs_9", data: "dark").text
        let answer = InferenceAnswer(
            parts: [
                .reasoning(Message.Reasoning(text: "a", signature: "sig")),
                .reasoning(Message.Reasoning(encrypted: "other")), .reasoning(Message.Reasoning(text: "b")),
                .reasoning(Message.Reasoning(encrypted: named)), .reasoning(Message.Reasoning(encrypted: named)),
                .text("x"),
            ], finish: .stop)
        func thoughts(_ items: [JSONValue]?) -> [[String]] {
            (items ?? []).filter { $0["type"] == "reasoning" }.map { item in
                [
                    item["summary"]?.array?.first?["text"]?.string ?? "", item["encrypted_content"]?.string ?? "",
                ]
            }
        }
        let expected = [
            ["a", SealedThoughts.signature("sig").text], ["", SealedThoughts.unnamed(data: "other").text],
            ["b", named], ["", named],
        ]
        #expect(thoughts(whole(answer)["output"]?.array) == expected)
        #expect(try thoughts(stream(answer.events).items) == expected)
        // And read again as they were.
        var items = whole(answer)["output"]?.array ?? []
        items.append(["role": "user", "content": "And?"])
        let back = try OpenAIResponsesRequestDecoder.decode(["model": "m", "input": .array(items)])
        #expect(
            back.messages.first?.parts == [
                .reasoning(Message.Reasoning(text: "a", signature: "sig")),
                .reasoning(Message.Reasoning(encrypted: "other")),
                .reasoning(Message.Reasoning(text: "b", encrypted: named)),
                .reasoning(Message.Reasoning(encrypted: named)), .text("x"),
            ])
    }

    // MARK: Piece by piece

    @Test func itemsBeginAndEndOneAfterTheOther() throws {
        let transcript = try stream([
            .started(AnswerHead(id: "x", model: "y")), .usage(TokenUsage(input: 5)), .reasoning("h"), .reasoning("m"),
            .text(""), .text("I "), .text("look."), .toolCallStarted(index: 7, id: "c", name: "look"),
            .toolCallArguments(index: 7, "{\"a\""), .toolCallArguments(index: 7, ":1}"), .finished(.toolCalls),
            .usage(TokenUsage(input: 5, output: 4)),
        ])
        #expect(
            transcript.types == [
                "response.created", "response.in_progress", "response.output_item.added",
                "response.reasoning_summary_part.added", "response.reasoning_summary_text.delta",
                "response.reasoning_summary_text.delta", "response.reasoning_summary_text.done",
                "response.reasoning_summary_part.done", "response.output_item.done", "response.output_item.added",
                "response.content_part.added", "response.output_text.delta", "response.output_text.delta",
                "response.output_text.done", "response.content_part.done", "response.output_item.done",
                "response.output_item.added", "response.function_call_arguments.delta",
                "response.function_call_arguments.delta", "response.function_call_arguments.done",
                "response.output_item.done", "response.completed",
            ])
        #expect(transcript.items.map { $0["type"]?.string } == ["reasoning", "message", "function_call"])
        #expect(transcript.items[1]["content"]?.array?.first?["text"] == "I look.")
        #expect(transcript.items[2]["arguments"] == "{\"a\":1}")
        #expect(transcript.end?["response"]?["usage"]?["output_tokens"] == 4)
    }

    /// Whatever came, the last event says what an answer in one piece would have said.
    @Test func theLastEventIsTheWholeAnswer() throws {
        let answer = InferenceAnswer(
            parts: [
                .reasoning(Message.Reasoning(text: "hm", signature: "s")), .text("a"), .refusal("b"),
                .toolCall(Message.ToolCall(id: "c", name: "f", arguments: "{}")),
                .toolCall(Message.ToolCall(id: "d", name: "g", arguments: "")), .text("z"),
            ], finish: .length, usage: TokenUsage(input: 1, output: 2))
        #expect(try stream(answer.events).end?["response"] == whole(answer))
    }

    @Test func anEmptyAnswerIsWellFormedToo() throws {
        for events in [[], [.finished(.stop)], [.started(AnswerHead()), .text(""), .finished(.stop)]]
            as [[InferenceEvent]]
        {
            let transcript = try stream(events)
            #expect(transcript.types == ["response.created", "response.in_progress", "response.completed"])
        }
    }

    /// A provider may write several calls at a time, and this dialect has a place for each piece.
    @Test(.bug(id: "B93")) func piecesOfCallsMayAlternate() throws {
        let transcript = try stream([
            .toolCallStarted(index: 3, id: "a", name: "f"), .toolCallStarted(index: 9, id: "b", name: "g"),
            .toolCallArguments(index: 9, "{\"x\":"), .toolCallArguments(index: 3, "{\"s\":"), .text("So."),
            .toolCallArguments(index: 9, "[1]}"), .toolCallArguments(index: 3, "1}"),
            .toolCallArguments(index: 4, "lost"), .finished(.toolCalls),
        ])
        #expect(transcript.items.map { $0["arguments"]?.string } == ["{\"s\":1}", "{\"x\":[1]}", nil])
        #expect(transcript.items.map { $0["call_id"]?.string } == ["a", "b", nil])
        #expect(transcript.items[2]["content"]?.array?.first?["text"] == "So.")
    }

    /// Whoever streams writes what is much elsewhere, and so has to know before.
    @Test func whatIsSaidAgainWeighsMoreThanAPiece() {
        var encoder = OpenAIResponsesStreamEncoder(labels, answering: request)
        let text = String(repeating: "x", count: 1000)
        #expect(encoder.weight(of: .text(text)) == 0)
        #expect(encoder.weight(of: nil) == 0)
        _ = encoder.encode(.text(text))
        #expect(encoder.weight(of: .text(text)) == 0)
        #expect(encoder.weight(of: .usage(TokenUsage())) == 0)
        let call = InferenceEvent.toolCallStarted(index: 0, id: "c", name: "f")
        for (event, least) in [(call, 3000), (.reasoning("hm"), 3000), (nil, 4000)] as [(InferenceEvent?, Int)] {
            let weight = encoder.weight(of: event)
            var copy = encoder
            let bytes = event.map { copy.encode($0) } ?? copy.end()
            #expect(weight >= least && bytes.count >= least && weight >= bytes.count / 2, "\(weight) \(bytes.count)")
        }
        _ = encoder.encode(.reasoning(text))
        #expect(encoder.weight(of: .reasoning(text)) == 0)
        #expect(encoder.weight(of: .reasoningSignature("s")) == 0)
        _ = encoder.encode(call)
        #expect(encoder.weight(of: .toolCallArguments(index: 0, text)) == 0)
        #expect(encoder.weight(of: .text(text)) == 0)
    }

    @Test func aBrokenAnswerFailsInTheDialect() throws {
        var encoder = OpenAIResponsesStreamEncoder(labels, answering: request)
        var bytes = encoder.encode(.text("half"))
        let broken = encoder.fail(AnswerError(.rateLimited, "Too many."))
        bytes += broken
        let lines = String(decoding: broken, as: UTF8.self).split(separator: "\n")
        #expect(lines.first == "event: response.failed")
        let data = try JSONValue.parse(String(try #require(lines.last).dropFirst("data: ".count)))
        #expect(data["response"]?["status"] == "failed")
        #expect(data["response"]?["error"] == ["code": "rate_limit_exceeded", "message": "Too many."])
        #expect(data["response"]?["output"]?.array?.first?["status"] == "incomplete")
        // created, in_progress, added, part, delta came before.
        #expect(data["sequence_number"] == 5)
        #expect(!String(decoding: bytes, as: UTF8.self).contains("response.completed"))
    }

    @Test func anAnswerThatFailsBeforeItsBeginningBeginsAllTheSame() {
        var encoder = OpenAIResponsesStreamEncoder(labels, answering: request)
        let text = String(decoding: encoder.fail(AnswerError(.upstream, "No.")), as: UTF8.self)
        #expect(text.hasPrefix("event: response.created\n"))
        #expect(text.contains("event: response.failed\n"))
    }

    @Test(arguments: AnswerError.Kind.allCases) func everyKindOfErrorHasACodeThatClientsKnow(_ kind: AnswerError.Kind) {
        var encoder = OpenAIResponsesStreamEncoder(labels, answering: request)
        let text = String(decoding: encoder.fail(AnswerError(kind, "No.")), as: UTF8.self)
        #expect(["server_error", "rate_limit_exceeded", "invalid_prompt"].contains { text.contains("\"\($0)\"") })
        let payload = OpenAIResponsesDialect().payload(of: AnswerError(kind, "No."), labels)
        #expect(payload["error"]?["message"] == "No.")
    }
}
