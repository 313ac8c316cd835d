import AlulaInference
import AlulaJSON
import Testing

@testable import AlulaProviders

struct GoogleRequestEncoderTests {
    private static func encode(_ request: InferenceRequest, model: String = "gemini-2.5-flash") throws -> JSONValue {
        try GoogleRequestEncoder(model: GoogleModelName(model)).encode(request)
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
        let said: JSONValue = ["contents": [["role": "user", "parts": [["text": "Hi"]]]]]
        #expect(try Self.encode(Self.request()) == said)
        let spelledOut = Self.request { request in
            request.sampling.frequencyPenalty = 0
            request.sampling.presencePenalty = 0
            request.user = "ann"
            let extras: JSONValue = ["logprobs": false, "store": true, "logit_bias": [:]]
            request.extras = extras.object ?? JSONObject()
        }
        #expect(try Self.encode(spelledOut)["contents"] == said["contents"])
        #expect(try Self.encode(spelledOut)["generationConfig"] == nil)
    }

    // MARK: Conversations

    @Test func instructionsStandApartAndTurnsAlternate() throws {
        let look = Message.ToolCall(id: "1", name: "look", arguments: #"{"a":1.5}"#)
        let body = try Self.encode(
            Self.request([
                Message(.system, "Be brief."), Message(.user, "What is"),
                Message(
                    .user,
                    [
                        .image(Message.Media(.base64("AAAA"), mediaType: "image/webp"), detail: "low"),
                        .image(Message.Media(.url("https://a.example/b.jpg?c=d.png"))),
                        .audio(Message.Media(.base64("BBBB"), mediaType: "audio/mp3")),
                        .file(Message.Media(.base64("CCCC"), name: "a.pdf")),
                        .file(Message.Media(.text("t"), name: "a.txt")), .cachePoint(Message.CachePoint()), .text(""),
                    ]),
                Message(.assistant, [.reasoning(Message.Reasoning(text: "hm")), .text("I look."), .toolCall(look)]),
                Message(.developer, "Hurry."),
                Message(
                    .tool,
                    [
                        .toolResult(
                            Message.ToolResult(
                                callID: "1", parts: [.text("a cat"), .image(Message.Media(.base64("DDDD")))]))
                    ]),
                Message(
                    .tool,
                    [.toolResult(Message.ToolResult(callID: "2", name: "wait", parts: [.text("x")], isFailure: true))]),
                Message(.user, "And?"), Message(.assistant, [.refusal("No.")]),
            ]))
        #expect(body["systemInstruction"] == ["parts": [["text": "Be brief."], ["text": "Hurry."]]])
        let turns = try #require(body["contents"]?.array)
        #expect(turns.map { $0["role"]?.string } == ["user", "model", "user", "model"])
        #expect(
            turns[0]["parts"] == [
                ["text": "What is"], ["inlineData": ["mimeType": "image/webp", "data": "AAAA"]],
                ["fileData": ["mimeType": "image/jpeg", "fileUri": "https://a.example/b.jpg?c=d.png"]],
                ["inlineData": ["mimeType": "audio/mp3", "data": "BBBB"]],
                ["inlineData": ["mimeType": "application/pdf", "data": "CCCC"]], ["text": "a.txt\n\nt"],
            ])
        #expect(
            turns[1]["parts"] == [
                ["text": "I look."], ["functionCall": ["id": "1", "name": "look", "args": ["a": 1.5]]],
            ])
        #expect(
            turns[2]["parts"] == [
                ["functionResponse": ["id": "1", "name": "look", "response": ["output": "a cat"]]],
                ["inlineData": ["mimeType": "image/png", "data": "DDDD"]],
                ["functionResponse": ["id": "2", "name": "wait", "response": ["error": "x"]]], ["text": "And?"],
            ])
        #expect(turns[3]["parts"] == [["text": "No."]])
    }

    @Test func proofsGoBackWithThePartThatTheyCameWith() throws {
        func thought(_ signature: String) -> Message.Part {
            .reasoning(Message.Reasoning(text: "hm", signature: signature))
        }
        let (first, second) = (
            Message.ToolCall(id: "1", name: "f", arguments: "{}"), Message.ToolCall(id: "2", name: "g", arguments: "{}")
        )
        let messages = [
            Message(.user, "Hi"), Message(.assistant, [thought("google:A"), .toolCall(first), .toolCall(second)]),
            Message(.tool, [.toolResult(Message.ToolResult(callID: "1", parts: [.text("x")]))]),
            Message(.assistant, [thought("anthropics"), .toolCall(second)]),
            Message(.tool, [.toolResult(Message.ToolResult(callID: "2", parts: [.text("x")]))]),
            Message(.assistant, [.text("Done."), thought("google:B")]),
        ]
        func proofs(_ model: String) throws -> [[String?]] {
            let turns =
                try Self.encode(Self.request(messages, .anthropicMessages), model: model)["contents"]?.array ?? []
            return turns.filter { $0["role"] == "model" }.map { turn in
                (turn["parts"]?.array ?? []).map { $0["thoughtSignature"]?.string }
            }
        }
        #expect(try proofs("gemini-2.5-flash") == [["A", nil], [nil], [nil, "B"]])
        // Newer models refuse a call without one, and take this word for one that they did not make.
        #expect(try proofs("gemini-3-pro-preview") == [["A", nil], ["skip_thought_signature_validator"], [nil, "B"]])
    }

    /// Anthropic's API would refuse the whole request.
    @Test func proofsAreNotShownToOtherProviders() throws {
        let request = Self.request(
            [Message(.assistant, [.reasoning(Message.Reasoning(text: "hm", signature: "google:A")), .text("Hi")])],
            .anthropicMessages)
        let body = try MessagesRequestEncoder(model: "claude-opus-5", maximumOutput: nil).encode(request)
        #expect(body["messages"]?.array?.first?["content"] == "Hi")
    }

    // MARK: Options

    @Test(
        arguments: [
            (nil, false, nil), (.automatic, false, ["mode": "AUTO"]), (ToolChoice.none, true, ["mode": "NONE"]),
            (.required, false, ["mode": "ANY"]), (.tool("f"), true, ["mode": "ANY", "allowedFunctionNames": ["f"]]),
            (nil, true, ["mode": "VALIDATED"]), (.automatic, true, ["mode": "VALIDATED"]),
        ] as [(ToolChoice?, Bool, JSONValue?)])
    func saysWhichToolsMayBeCalled(_ choice: ToolChoice?, _ isStrict: Bool, _ word: JSONValue?) throws {
        let request = Self.request { request in
            request.tools = [
                ToolDefinition(name: "f", description: "d", parameters: ["type": "object"], isStrict: isStrict),
                ToolDefinition(name: "g"),
            ]
            request.toolChoice = choice
            request.allowsParallelToolCalls = true
        }
        let body = try Self.encode(request)
        #expect(body["toolConfig"]?["functionCallingConfig"] == word)
        #expect(
            body["tools"] == [
                [
                    "functionDeclarations": [
                        ["name": "f", "description": "d", "parametersJsonSchema": ["type": "object"]], ["name": "g"],
                    ]
                ]
            ])
    }

    @Test func optionsHaveTheirNames() throws {
        let request = Self.request { request in
            request.sampling = SamplingOptions(
                temperature: 1.5, topP: 0.5, topK: 3, frequencyPenalty: 1, presencePenalty: -1, seed: 7,
                stopSequences: ["a"], maximumOutputTokens: 9)
            request.format = .jsonSchema(ResponseFormat.Schema(name: "x", schema: ["type": "object"]))
        }
        let wanted: JSONValue = [
            "temperature": 1.5, "topP": 0.5, "topK": 3, "maxOutputTokens": 9, "seed": 7, "presencePenalty": -1,
            "frequencyPenalty": 1, "stopSequences": ["a"], "responseMimeType": "application/json",
            "responseJsonSchema": ["type": "object"],
        ]
        #expect(try Self.encode(request)["generationConfig"] == wanted)
        let object = Self.request { $0.format = .jsonObject }
        #expect(try Self.encode(object)["generationConfig"] == ["responseMimeType": "application/json"])
    }

    @Test(
        arguments: [
            ("gemini-2.5-flash", "low", ["thinkingBudget": 1024, "includeThoughts": true]),
            ("gemini-2.5-flash", "none", ["thinkingBudget": 0]), ("gemini-2.5-pro", "none", ["thinkingBudget": 128]),
            ("models/gemini-2.5-pro", "max", ["thinkingBudget": 24_576, "includeThoughts": true]),
            ("gemini-flash-latest", "odd", ["thinkingBudget": 8192, "includeThoughts": true]),
            ("gemini-3-flash-preview", "minimal", ["thinkingLevel": "minimal", "includeThoughts": true]),
            ("gemini-3-flash-preview", "none", ["thinkingLevel": "minimal"]),
            ("gemini-3-pro-preview", "medium", ["thinkingLevel": "high", "includeThoughts": true]),
            ("gemini-3.1-pro-preview", "medium", ["thinkingLevel": "medium", "includeThoughts": true]),
            ("gemini-3.1-pro-preview", "none", ["thinkingLevel": "low"]),
            ("gemini-2.0-flash", "high", nil), ("gemma-3-27b-it", "high", nil),
        ] as [(String, String, JSONValue?)])
    func anEffortIsSaidAsTheModelTakesIt(_ model: String, _ effort: String, _ word: JSONValue?) throws {
        let request = Self.request { $0.reasoning = ReasoningOptions(effort: effort) }
        #expect(try Self.encode(request, model: model)["generationConfig"]?["thinkingConfig"] == word)
    }

    @Test(
        arguments: [
            (0, false, ["thinkingBudget": 0], ["thinkingLevel": "minimal"]),
            (64, false, ["thinkingBudget": 128], ["thinkingLevel": "low"]),
            (4096, false, ["thinkingBudget": 4096], ["thinkingLevel": "medium"]),
            (99_999, false, ["thinkingBudget": 24_576], ["thinkingLevel": "high"]),
            (nil, true, ["thinkingBudget": -1], nil),
        ] as [(Int?, Bool, JSONValue, JSONValue?)])
    func aBudgetIsSaidAsTheModelTakesIt(
        _ budget: Int?, _ isAdaptive: Bool, _ old: JSONValue, _ new: JSONValue?
    ) throws {
        let request = Self.request([Message(.user, "Hi")], .anthropicMessages) {
            $0.reasoning = ReasoningOptions(budgetTokens: budget, summary: "omitted", isAdaptive: isAdaptive)
        }
        #expect(try Self.encode(request)["generationConfig"]?["thinkingConfig"] == old)
        #expect(
            try Self.encode(request, model: "gemini-3-flash")["generationConfig"]?["thinkingConfig"] == new)
    }

    // MARK: Names

    @Test(
        arguments: [
            ("gemini-3-pro", "models/gemini-3-pro"), ("models/gemini-3-pro", "models/gemini-3-pro"),
            ("tunedModels/mine-1", "tunedModels/mine-1"), ("a/../../b?key=c#d", "models/a%2F..%2F..%2Fb%3Fkey%3Dc%23d"),
            ("models/..", "models/.."), ("models/a:b", "models/a%3Ab"), ("", "models/"), ("ü\n", "models/%C3%BC%0A"),
        ])
    func aModelsNameIsNothingElseInAnAddress(_ id: String, _ path: String) {
        #expect(GoogleModelName(id).path == path)
    }

    @Test func basesMayEndInASlashOrLackTheVersion() {
        for base in ["https://g.example", "https://g.example/", " https://g.example/v1beta/ "] {
            #expect(GoogleGenerativeAIProvider.url(base, "models/x:y") == "https://g.example/v1beta/models/x:y")
        }
        #expect(GoogleGenerativeAIProvider.url("http://p:1/google/v1", "m") == "http://p:1/google/v1/m")
    }

    // MARK: What can't be said

    @Test func whatCantBeSaidIsRefusedByItsName() {
        let tools = [ToolDefinition(name: "f")]
        let native = Message.NativeBlock(["type": "x"], of: .anthropicMessages, at: "messages[0].content[1]")
        let cases: [(String, Dialect, (inout InferenceRequest) -> Void)] = [
            ("logit_bias", .openAIChat, { $0.extras["logit_bias"] = ["1": 2] }),
            ("messages", .openAIChat, { $0.messages = [Message(.system, "Be brief.")] }),
            (
                "messages[0].content", .openAIChat,
                { $0.messages = [Message(.user, [.file(Message.Media(.providerFile("f")))])] }
            ),
            ("messages[0].content[1]", .anthropicMessages, { $0.messages = [Message(.user, [.native(native)])] }),
            (
                "parallel_tool_calls", .openAIChat,
                {
                    $0.tools = tools
                    $0.allowsParallelToolCalls = false
                }
            ),
            (
                "tool_choice.disable_parallel_tool_use", .anthropicMessages,
                {
                    $0.tools = tools
                    $0.allowsParallelToolCalls = false
                }
            ),
        ]
        for (place, dialect, adjust) in cases {
            let failure = #expect(throws: AttemptFailure.self, "\(place)") {
                try Self.encode(Self.request([Message(.user, "Hi")], dialect, adjust: adjust))
            }
            #expect(failure?.parameter == place)
            #expect(failure?.judgement == .refusedInput)
        }
    }
}
