import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import Testing

@testable import AlulaProviders

struct ResponsesRequestEncoderTests {
    private static func encode(_ request: InferenceRequest, isReasoning: Bool = false) throws -> JSONValue {
        try ResponsesRequestEncoder(model: "own-name", isReasoning: isReasoning).encode(request)
    }

    private static func request(
        _ dialect: Dialect = .openAIChat, _ messages: [Message] = [Message(.user, "Hi")],
        adjust: (inout InferenceRequest) -> Void = { _ in }
    ) -> InferenceRequest {
        var request = InferenceRequest(model: "m", messages: messages, dialect: dialect)
        adjust(&request)
        return request
    }

    @Test func leavesOutWhatNobodySaid() throws {
        let body: JSONValue = [
            "model": "own-name", "input": [["type": "message", "role": "user", "content": "Hi"]], "store": false,
        ]
        for dialect in Dialect.allCases { #expect(try Self.encode(Self.request(dialect)) == body, "\(dialect)") }
    }

    @Test func saysWhatTheCallerSaid() throws {
        let request = Self.request(
            .openAIChat,
            [
                Message(.system, "Be brief."), Message(.developer, "And kind."),
                Message(
                    .user,
                    [
                        .text("What is"), .image(Message.Media(.base64("AAAA"), mediaType: "image/png"), detail: "low"),
                        .image(Message.Media(.url("https://a.example/b.png"))),
                        .file(Message.Media(.base64("BBBB"), mediaType: "application/pdf")),
                        .file(Message.Media(.text("It rains."), name: "a.txt")),
                    ]),
                Message(
                    .assistant,
                    [
                        .text("I "), .text("look."),
                        .toolCall(Message.ToolCall(id: "1", name: "f", arguments: "{\"a\":1.50}")),
                        .toolCall(Message.ToolCall(id: "2", name: "g", arguments: "")),
                    ]),
                Message(
                    .tool,
                    [
                        .toolResult(Message.ToolResult(callID: "1", parts: [.text("r"), .text("s")])),
                        .toolResult(
                            Message.ToolResult(
                                callID: "2", parts: [.image(Message.Media(.base64("CCCC"), mediaType: "image/gif"))])),
                    ]),
                Message(.assistant, [.text("So."), .refusal("No.")]),
            ]
        ) {
            $0.tools = [ToolDefinition(name: "f", description: "d", parameters: ["type": "object"])]
            $0.toolChoice = .tool("f")
            $0.allowsParallelToolCalls = false
            $0.sampling = SamplingOptions(temperature: 0.5, topP: 0.25, maximumOutputTokens: 5)
            $0.format = .jsonSchema(ResponseFormat.Schema(name: "plan", schema: ["type": "object"], isStrict: true))
            $0.reasoning = ReasoningOptions(effort: "max", summary: "auto")
            $0.user = "ann"
            $0.isStreamed = true
        }
        let body: JSONValue = [
            "model": "own-name",
            "input": [
                ["type": "message", "role": "system", "content": "Be brief."],
                ["type": "message", "role": "developer", "content": "And kind."],
                [
                    "type": "message", "role": "user",
                    "content": [
                        ["type": "input_text", "text": "What is"],
                        ["type": "input_image", "detail": "low", "image_url": "data:image/png;base64,AAAA"],
                        ["type": "input_image", "detail": "auto", "image_url": "https://a.example/b.png"],
                        [
                            "type": "input_file", "file_data": "data:application/pdf;base64,BBBB",
                            "filename": "document.pdf",
                        ],
                        ["type": "input_text", "text": "a.txt\n\nIt rains."],
                    ],
                ],
                ["type": "message", "role": "assistant", "content": "I look."],
                ["type": "function_call", "call_id": "1", "name": "f", "arguments": "{\"a\":1.50}"],
                ["type": "function_call", "call_id": "2", "name": "g", "arguments": "{}"],
                ["type": "function_call_output", "call_id": "1", "output": "rs"],
                [
                    "type": "function_call_output", "call_id": "2",
                    "output": [["type": "input_image", "detail": "auto", "image_url": "data:image/gif;base64,CCCC"]],
                ],
                [
                    "type": "message", "role": "assistant",
                    "content": [
                        ["type": "output_text", "text": "So."], ["type": "refusal", "refusal": "No."],
                    ],
                ],
            ],
            "tools": [
                [
                    "type": "function", "name": "f", "description": "d", "parameters": ["type": "object"],
                    "strict": false,
                ]
            ],
            "tool_choice": ["type": "function", "name": "f"], "parallel_tool_calls": false, "temperature": 0.5,
            "top_p": 0.25, "max_output_tokens": 5,
            "text": [
                "format": ["type": "json_schema", "name": "plan", "schema": ["type": "object"], "strict": true]
            ],
            "reasoning": ["effort": "xhigh", "summary": "auto"], "include": ["reasoning.encrypted_content"],
            "user": "ann", "store": false, "stream": true,
        ]
        #expect(try Self.encode(request) == body)
    }

    @Test(arguments: [
        (Dialect.openAIChat, "top_k", SamplingOptions(topK: 3)), (.openAIChat, "seed", SamplingOptions(seed: 7)),
        (.openAIChat, "frequency_penalty", SamplingOptions(frequencyPenalty: 0.5)),
        (.openAIChat, "presence_penalty", SamplingOptions(presencePenalty: -1)),
        (.openAIChat, "stop", SamplingOptions(stopSequences: ["a"])),
        (.anthropicMessages, "stop_sequences", SamplingOptions(stopSequences: ["a"])),
    ])
    func whatThisDialectHasNoWordForIsRefusedByName(
        _ dialect: Dialect, _ name: String, _ options: SamplingOptions
    ) {
        let failure = #expect(throws: AttemptFailure.self) {
            try Self.encode(Self.request(dialect) { $0.sampling = options })
        }
        #expect(failure?.parameter == name)
        #expect(failure?.judgement == .refusedInput)
        #expect(failure?.status == 400)
    }

    @Test func aServersCompatibilityCounts() throws {
        let compatibility = ModelCompatibility([
            "supportsStore": false, "supportsDeveloperRole": false, "supportsStrictMode": false,
            "supportedReasoningEfforts": ["low", "high"], "unsupportedToolSchemaKeywords": ["format"],
        ])
        let request = Self.request(.openAIChat, [Message(.developer, "Be brief."), Message(.user, "Hi")]) {
            $0.tools = [ToolDefinition(name: "f", parameters: ["type": "object", "format": "x"], isStrict: true)]
            $0.reasoning = ReasoningOptions(effort: "medium")
        }
        let body = try ResponsesRequestEncoder(model: "m", isReasoning: false, compatibility: compatibility)
            .encode(request)
        #expect(body["store"] == nil)
        #expect(body["input"]?.array?.first?["role"] == "system")
        #expect(body["tools"] == [["type": "function", "name": "f", "parameters": ["type": "object"]]])
        #expect(body["reasoning"]?["effort"] == "low")
        let without = ModelCompatibility(["supportsTools": false, "supportsReasoningEffort": false])
        let failure = #expect(throws: AttemptFailure.self) {
            try ResponsesRequestEncoder(model: "m", isReasoning: false, compatibility: without).encode(request)
        }
        #expect(failure?.parameter == "tools")
        let plain = Self.request { $0.reasoning = ReasoningOptions(effort: "low") }
        let quiet = try ResponsesRequestEncoder(model: "m", isReasoning: false, compatibility: without).encode(plain)
        #expect(quiet["reasoning"] == nil)
    }

    @Test func penaltiesOfNothingAreNothing() throws {
        let request = Self.request {
            $0.sampling.frequencyPenalty = 0
            $0.sampling.presencePenalty = 0
        }
        #expect(try Self.encode(request) == Self.encode(Self.request()))
    }

    @Test func partsWithoutAWordAreRefusedWithTheirPlace() {
        let native = Message.NativeBlock(["type": "document"], of: .anthropicMessages, at: "messages[0].content[1]")
        let cases: [(Message, String)] = [
            (Message(.user, [.audio(Message.Media(.base64("A"), mediaType: "audio/wav"))]), "messages[0].content"),
            (Message(.user, [.native(native)]), "messages[0].content[1]"),
            (Message(.assistant, [.native(native)]), "messages[0].content[1]"),
            (Message(.tool, [.native(native)]), "messages[0].content[1]"),
            (Message(.assistant, [.image(Message.Media(.base64("A")))]), "messages[0].content"),
            (Message(.user, [.file(Message.Media(.providerFile("file_1")))]), "messages[0].content"),
        ]
        for (message, place) in cases {
            let failure = #expect(throws: AttemptFailure.self, "\(message)") {
                try Self.encode(Self.request(.anthropicMessages, [message]))
            }
            #expect(failure?.parameter == place, "\(message)")
        }
        let extras = #expect(throws: AttemptFailure.self) {
            try Self.encode(Self.request { $0.extras["logit_bias"] = ["1": 2] })
        }
        #expect(extras?.parameter == "logit_bias")
        let empty = #expect(throws: AttemptFailure.self) {
            try Self.encode(
                Self.request(.openAIChat, [Message(.assistant, [.reasoning(Message.Reasoning(text: "x"))])]))
        }
        #expect(empty?.parameter == "messages")
    }

    @Test func aCallerOfTheSameDialectIsPassedOnAsItIs() throws {
        let search: JSONValue = ["type": "web_search_call", "id": "ws_1"]
        let request = Self.request(
            .openAIResponses,
            [
                Message(
                    .user,
                    [
                        .text("a"), .cachePoint(Message.CachePoint(lifetime: "30m")),
                        .file(Message.Media(.providerFile("file_1"))),
                        .audio(Message.Media(.base64("A"), mediaType: "audio/mp3")),
                    ]),
                Message(.assistant, [.native(Message.NativeBlock(search, of: .openAIResponses, at: "input[1]"))]),
            ]
        ) {
            $0.tools = [ToolDefinition(name: "f", extras: JSONObject([("defer_loading", true)]))]
            $0.messages.insert(Message(.system, "Be brief."), at: 0)
            $0.extras["instructions"] = "Be brief."
            $0.extras["metadata"] = ["a": "b"]
            $0.extras["store"] = true
            $0.extras["text"] = ["verbosity": "low"]
            $0.extras["tool_choice"] = ["type": "allowed_tools", "mode": "auto"]
            $0.extras["reasoning"] = ["context": "all_turns"]
            $0.format = .jsonObject
            $0.reasoning = ReasoningOptions(effort: "low")
        }
        let body = try Self.encode(request)
        let content: JSONValue = [
            [
                "type": "input_text", "text": "a",
                "prompt_cache_breakpoint": ["mode": "explicit", "ttl": "30m"],
            ],
            ["type": "input_file", "file_id": "file_1"],
            ["type": "input_audio", "input_audio": ["data": "A", "format": "mp3"]],
        ]
        #expect(body["input"]?.array?.first?["content"] == content)
        #expect(body["input"]?.array?.last == search)
        #expect(body["input"]?.array?.count == 2)
        #expect(body["instructions"] == "Be brief.")
        #expect(body["store"] == true)
        // Whose answers are kept has no use for encrypted thoughts, unless it says so.
        #expect(body["include"] == nil)
        #expect(body["metadata"] == ["a": "b"])
        #expect(body["text"] == ["verbosity": "low", "format": ["type": "json_object"]])
        #expect(body["reasoning"] == ["context": "all_turns", "effort": "low"])
        #expect(body["tool_choice"]?["type"] == "allowed_tools")
        let tool: JSONValue = [
            "defer_loading": true, "type": "function", "name": "f",
            "parameters": ["type": "object", "properties": [:]],
        ]
        #expect(body["tools"] == [tool])
    }

    // MARK: Thoughts

    /// Each provider gets back what it gave, under its own name for it, and nothing of another one's.
    @Test func onlyItsOwnThoughtsGoBack() throws {
        let named = SealedThoughts.named(id: "rs_9", data: "dark").text
        let request = Self.request(
            .openAIResponses,
            [
                Message(.user, "Hi"),
                Message(
                    .assistant,
                    [
                        .reasoning(Message.Reasoning(text: "a", signature: "anthropic")),
                        .reasoning(Message.Reasoning(encrypted: "anthropic")),
                        .reasoning(Message.Reasoning(text: "plain")),
                        .reasoning(Message.Reasoning(text: "hm", encrypted: named)),
                        .reasoning(Message.Reasoning(encrypted: "direct", id: "rs_1")),
                        .reasoning(Message.Reasoning(encrypted: "nameless", id: "")), .text("x"),
                    ]),
            ])
        let items = try #require(try Self.encode(request)["input"]?.array)
        let expected: [JSONValue] = [
            [
                "type": "reasoning", "id": "rs_9", "summary": [["type": "summary_text", "text": "hm"]],
                "encrypted_content": "dark",
            ],
            ["type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "direct"],
            ["type": "reasoning", "summary": [], "encrypted_content": "nameless"],
        ]
        #expect(items.filter { $0["type"] == "reasoning" } == expected)
        #expect(items.count == 5)
        let there = try MessagesConversation(request).messages
        #expect(there.last?["content"]?.array?.map { $0["type"]?.string } == ["thinking", "redacted_thinking", "text"])
    }

    @Test func whoThinksIsAskedForThoughtsThatCanGoBack() throws {
        let wanted: JSONValue = ["reasoning.encrypted_content"]
        #expect(try Self.encode(Self.request(), isReasoning: true)["include"] == wanted)
        #expect(try Self.encode(Self.request())["include"] == nil)
        let effort = Self.request { $0.reasoning = ReasoningOptions(effort: "low") }
        #expect(try Self.encode(effort)["include"] == wanted)
        let none = Self.request { $0.reasoning = ReasoningOptions(effort: "none") }
        #expect(try Self.encode(none)["include"] == nil)
        let hidden = Self.request(.anthropicMessages) { $0.reasoning = ReasoningOptions(summary: "omitted") }
        #expect(try Self.encode(hidden)["reasoning"] == nil)
    }

    @Test(arguments: [
        ("gpt-5", true), ("openai/gpt-5.5-codex", true), ("GPT-6-mini", true), ("o3", true), ("o4-mini", true),
        ("gpt-5-chat-latest", false), ("gpt-4.1", false), ("gpt-oss-120b", false), ("gpt-", false), ("omni", false),
        ("", false),
    ])
    func theNameSaysWhetherAModelThinks(_ model: String, _ thinks: Bool) throws {
        let body = try ResponsesRequestEncoder(model: model, isReasoning: false).encode(Self.request())
        #expect((body["include"] != nil) == thinks)
    }

    @Test func aBudgetIsAnEffortForWhoThinks() throws {
        for (budget, effort) in [(0, nil), (1024, "low"), (8192, "medium"), (30_000, "high")] as [(Int, String?)] {
            let request = Self.request(.anthropicMessages) { $0.reasoning = ReasoningOptions(budgetTokens: budget) }
            #expect(try Self.encode(request, isReasoning: true)["reasoning"]?["effort"]?.string == effort)
            #expect(try Self.encode(request)["reasoning"] == nil)
        }
    }

    @Test(arguments: [
        ("https://a.example/v1", "https://a.example/v1/responses"),
        (" https://a.example/v1// ", "https://a.example/v1/responses"),
        ("https://a.example/v1/responses", "https://a.example/v1/responses"),
    ])
    func theAddressIsBelowTheBase(_ base: String, _ url: String) {
        #expect(OpenAIResponsesProvider.url(base) == url)
    }
}
