import AlulaInference
import AlulaJSON
import Testing

@testable import AlulaProviders

struct MessagesRequestEncoderTests {
    private static func encode(
        _ request: InferenceRequest, model: String = "claude-opus-5", limit: Int? = 64_000
    ) throws -> JSONValue {
        try MessagesRequestEncoder(model: model, maximumOutput: limit).encode(request)
    }

    private static func request(
        _ messages: [Message] = [Message(.user, "Hi")], _ dialect: Dialect = .openAIChat,
        adjust: (inout InferenceRequest) -> Void = { _ in }
    ) -> InferenceRequest {
        var request = InferenceRequest(model: "alias", messages: messages, dialect: dialect)
        adjust(&request)
        return request
    }

    @Test func leavesOutWhatNobodySaid() throws {
        #expect(
            try Self.encode(Self.request()) == [
                "model": "claude-opus-5", "max_tokens": 64_000, "messages": [["role": "user", "content": "Hi"]],
            ])
        // The API insists on a limit.
        #expect(try Self.encode(Self.request(), limit: nil)["max_tokens"] == 8192)
        let own = Self.request { $0.sampling.maximumOutputTokens = 5 }
        #expect(try Self.encode(own)["max_tokens"] == 5)
    }

    @Test func instructionsStandApartAndTurnsAlternate() throws {
        let look = Message.ToolCall(id: "functions.look:0", name: "look", arguments: #"{"a":1.5}"#)
        let body = try Self.encode(
            Self.request([
                Message(.system, "Be brief."), Message(.user, "What is"), Message(.user, ""),
                Message(
                    .user,
                    [
                        .image(Message.Media(.base64("AAAA")), detail: "low"),
                        .file(Message.Media(.base64("CCCC"), mediaType: "application/pdf", name: "a.pdf")),
                    ]),
                Message(
                    .assistant, [.reasoning(Message.Reasoning(text: "hm")), .text("I look."), .toolCall(look)]),
                Message(.developer, "Hurry."),
                Message(.tool, [.toolResult(Message.ToolResult(callID: look.id, parts: [.text("a cat")]))]),
                Message(.tool, [.toolResult(Message.ToolResult(callID: "2", parts: [], isFailure: true))]),
                Message(.user, "And?"), Message(.assistant, [.refusal("No.")]),
            ]))
        #expect(body["system"] == [["type": "text", "text": "Be brief."], ["type": "text", "text": "Hurry."]])
        let turns = try #require(body["messages"]?.array)
        #expect(turns.map { $0["role"]?.string } == ["user", "assistant", "user", "assistant"])
        #expect(
            turns[0]["content"] == [
                ["type": "text", "text": "What is"],
                ["type": "image", "source": ["type": "base64", "media_type": "image/png", "data": "AAAA"]],
                [
                    "type": "document",
                    "source": ["type": "base64", "media_type": "application/pdf", "data": "CCCC"], "title": "a.pdf",
                ],
            ])
        // Thoughts without their provider's proof stay behind, and names of calls have the signs that are allowed.
        #expect(
            turns[1]["content"] == [
                ["type": "text", "text": "I look."],
                ["type": "tool_use", "id": "functions_look_0", "name": "look", "input": ["a": 1.5]],
            ])
        #expect(
            turns[2]["content"] == [
                ["type": "tool_result", "tool_use_id": "functions_look_0", "content": "a cat"],
                ["type": "tool_result", "tool_use_id": "2", "is_error": true], ["type": "text", "text": "And?"],
            ])
        #expect(turns[3]["content"] == "No.")
    }

    @Test func aCallersOwnDialectComesBackAsItWas() throws {
        let block: JSONValue = ["type": "search_result", "source": "s"]
        let mark: JSONValue = ["type": "ephemeral", "ttl": "1h"]
        let request = Self.request(
            [
                Message(.system, [.text("Be brief."), .cachePoint(Message.CachePoint(lifetime: "1h"))]),
                Message(
                    .user,
                    [
                        .native(Message.NativeBlock(block, of: .anthropicMessages, at: "x")),
                        .image(Message.Media(.providerFile("f"))), .file(Message.Media(.text("t"))),
                    ]),
                Message(
                    .assistant,
                    [
                        .reasoning(Message.Reasoning(text: "", signature: "s")),
                        .reasoning(Message.Reasoning(encrypted: "dark")), .text("So."),
                    ]),
                Message(.system, "Hurry."), Message(.user, "Go."),
            ], .anthropicMessages
        ) { request in
            request.tools = [ToolDefinition(name: "f", isStrict: true, extras: JSONObject([("cache_control", mark)]))]
            request.reasoning = ReasoningOptions(effort: "max", summary: "omitted", isAdaptive: true)
            request.user = "ann"
            request.extras["service_tier"] = "auto"
            request.extras["metadata"] = ["more": 1]
            request.isStreamed = true
        }
        let body = try Self.encode(request)
        #expect(body["system"] == [["type": "text", "text": "Be brief.", "cache_control": mark]])
        let turns = try #require(body["messages"]?.array)
        #expect(turns.map { $0["role"]?.string } == ["user", "assistant", "system", "user"])
        #expect(turns[0]["content"]?.array?.first == block)
        #expect(turns[0]["content"]?.array?[1]["source"] == ["type": "file", "file_id": "f"])
        #expect(
            turns[0]["content"]?.array?[2]["source"] == ["type": "text", "media_type": "text/plain", "data": "t"])
        #expect(turns[1]["content"]?.array?.first == ["type": "thinking", "thinking": "", "signature": "s"])
        #expect(turns[1]["content"]?.array?[1] == ["type": "redacted_thinking", "data": "dark"])
        let tool: JSONValue = [
            "name": "f", "input_schema": ["type": "object"], "strict": true, "cache_control": mark,
        ]
        #expect(Set(body["tools"]?.array?.first?.object?.keys ?? []) == Set(tool.object?.keys ?? []))
        #expect(body["tools"]?.array?.first?["cache_control"] == mark)
        #expect(body["thinking"] == ["type": "adaptive", "display": "omitted"])
        #expect(body["output_config"] == ["effort": "max"])
        #expect(body["metadata"] == ["more": 1, "user_id": "ann"])
        #expect(body["service_tier"] == "auto")
        #expect(body["stream"] == true)
    }

    @Test(
        arguments: [
            (nil, nil, nil), (.automatic, nil, ["type": "auto"]), (ToolChoice.none, true, ["type": "none"]),
            (.required, false, ["type": "any", "disable_parallel_tool_use": true]),
            (.tool("f"), nil, ["type": "tool", "name": "f"]),
            (nil, false, ["type": "auto", "disable_parallel_tool_use": true]),
        ] as [(ToolChoice?, Bool?, JSONValue?)])
    func saysWhichToolsMayBeCalled(_ choice: ToolChoice?, _ isParallel: Bool?, _ word: JSONValue?) throws {
        let request = Self.request { request in
            request.tools = [ToolDefinition(name: "f", parameters: ["properties": [:]])]
            request.toolChoice = choice
            request.allowsParallelToolCalls = isParallel
        }
        let body = try Self.encode(request)
        #expect(body["tool_choice"] == word)
        #expect(body["tools"] == [["name": "f", "input_schema": ["properties": [:], "type": "object"]]])
    }

    @Test func formatsAreSchemas() throws {
        let request = Self.request {
            $0.format = .jsonSchema(ResponseFormat.Schema(name: "x", schema: ["type": "object"]))
        }
        #expect(
            try Self.encode(request)["output_config"]
                == ["format": ["type": "json_schema", "schema": ["type": "object"]]])
    }

    // MARK: Thinking

    @Test(
        arguments: [
            ("claude-opus-5", "high", ["type": "adaptive"], "high"),
            ("claude-opus-4-6", "minimal", ["type": "adaptive"], "low"),
            ("claude-sonnet-5@20270101", "low", ["type": "adaptive"], "low"),
            ("claude-opus-4-20250514", "low", ["type": "enabled", "budget_tokens": 2048], nil),
            ("claude-haiku-4-5-20251001", "high", ["type": "enabled", "budget_tokens": 16_384], nil),
            ("claude-3-7-sonnet-20250219", "xhigh", ["type": "enabled", "budget_tokens": 24_576], nil),
            ("claude-3-5-sonnet-20241022", "high", nil, nil), ("claude-opus-5", "none", nil, nil),
            ("MiniMax-M3", "medium", ["type": "enabled", "budget_tokens": 8192], nil),
        ] as [(String, String, JSONValue?, String?)])
    func anEffortIsSaidAsTheModelTakesIt(
        _ model: String, _ effort: String, _ thinking: JSONValue?, _ word: String?
    ) throws {
        let request = Self.request { $0.reasoning = ReasoningOptions(effort: effort) }
        let body = try Self.encode(request, model: model)
        #expect(body["thinking"] == thinking)
        #expect(body["output_config"]?["effort"]?.string == word)
    }

    /// An effort is a wish, and the API refuses thoughts beside these.
    @Test func anEffortNeverMakesARequestThatIsRefused() throws {
        let old = "claude-haiku-4-5"
        func thinking(_ adjust: (inout InferenceRequest) -> Void) throws -> JSONValue? {
            let request = Self.request { request in
                request.reasoning = ReasoningOptions(effort: "high")
                request.tools = [ToolDefinition(name: "f")]
                adjust(&request)
            }
            return try Self.encode(request, model: old)["thinking"]
        }
        #expect(try thinking { $0.sampling.maximumOutputTokens = 4096 }?["budget_tokens"] == 2048)
        #expect(try thinking { $0.sampling.maximumOutputTokens = 2000 } == nil)
        #expect(try thinking { $0.toolChoice = .required } == nil)
        #expect(try thinking { $0.sampling.temperature = 0.2 } == nil)
        #expect(try thinking { $0.sampling.temperature = 1 } != nil)
        #expect(try thinking { $0.sampling.topK = 3 } == nil)
        #expect(
            try thinking {
                $0.messages.append(
                    Message(.tool, [.toolResult(Message.ToolResult(callID: "1", parts: [.text("x")]))]))
            } == nil)
    }

    // MARK: What can't be said

    @Test func whatCantBeSaidIsRefusedByItsName() {
        let cases: [(String, (inout InferenceRequest) -> Void)] = [
            ("temperature", { $0.sampling.temperature = 1.5 }),
            ("frequency_penalty", { $0.sampling.frequencyPenalty = 1 }),
            ("presence_penalty", { $0.sampling.presencePenalty = -1 }), ("seed", { $0.sampling.seed = 0 }),
            ("response_format", { $0.format = .jsonObject }), ("logit_bias", { $0.extras["logit_bias"] = ["1": 2] }),
            ("messages[0].content", { $0.messages = [Message(.user, [.audio(Message.Media(.base64("A")))])] }),
            (
                "messages[1].content",
                { $0.messages.append(Message(.user, [.image(Message.Media(.providerFile("f")))])) }
            ),
            (
                "messages[0].content",
                { $0.messages = [Message(.user, [.file(Message.Media(.base64("A"), mediaType: "text/csv"))])] }
            ),
            ("messages", { $0.messages = [Message(.system, "Be brief.")] }),
        ]
        for (place, adjust) in cases {
            let failure = #expect(throws: AttemptFailure.self, "\(place)") {
                try Self.encode(Self.request(adjust: adjust))
            }
            #expect(failure?.parameter == place)
            #expect(failure?.judgement == .refusedInput)
        }
    }

    @Test func whatClientsSpellOutAndDoNotWantIsNoObstacle() throws {
        let request = Self.request { request in
            request.sampling.frequencyPenalty = 0
            request.sampling.presencePenalty = 0
            let spelledOut: JSONValue = ["logprobs": false, "store": true, "modalities": ["text"], "logit_bias": [:]]
            request.extras = spelledOut.object ?? JSONObject()
        }
        #expect(try Self.encode(request).object?.count == 3)
    }

    /// A model may have written arguments that are no JSON; its conversation goes on.
    @Test func brokenArgumentsOfAnEarlierTurnAreKeptAsText() throws {
        let cases: [(String, JSONValue)] = [
            ("", [:]), (" ", [:]), ("{\"a\":", ["arguments": "{\"a\":"]), ("[1]", ["arguments": "[1]"]),
        ]
        for (arguments, input) in cases {
            let call = Message.ToolCall(id: "", name: "f", arguments: arguments)
            let body = try Self.encode(Self.request([Message(.assistant, [.toolCall(call)])]))
            let block = body["messages"]?.array?.first?["content"]?.array?.first
            #expect(block?["input"] == input)
            #expect(block?["id"] == "call")
        }
    }
}
