import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import Testing

@testable import AlulaProviders

struct OllamaRequestEncoderTests {
    private static func encode(
        _ request: InferenceRequest, model: String = "qwen3", known: CatalogModel? = nil
    ) throws -> JSONValue {
        try OllamaRequestEncoder(model: model, known: known).encode(request)
    }

    private static func request(
        _ messages: [Message] = [Message(.user, "Hi")], adjust: (inout InferenceRequest) -> Void = { _ in }
    ) -> InferenceRequest {
        var request = InferenceRequest(model: "alias", messages: messages, dialect: .openAIChat)
        adjust(&request)
        return request
    }

    private static func model(_ adjust: (inout CatalogModel) -> Void) -> CatalogModel {
        var model = CatalogModel(provider: "ollama", id: "qwen3", origin: .configured)
        adjust(&model)
        return model
    }

    @Test func leavesOutWhatNobodySaid() throws {
        #expect(
            try Self.encode(Self.request()) == [
                "model": "qwen3", "messages": [["role": "user", "content": "Hi"]], "stream": false,
            ])
        #expect(try Self.encode(Self.request { $0.isStreamed = true })["stream"] == true)
    }

    @Test func conversationsAreTextsWithImagesBeside() throws {
        let look = Message.ToolCall(id: "1", name: "look", arguments: #"{"a":1.5}"#)
        let broken = Message.ToolCall(id: "2", name: "wait", arguments: "{\"a\":")
        let body = try Self.encode(
            Self.request([
                Message(.developer, "Be brief."),
                Message(
                    .user,
                    [
                        .text("What is "), .image(Message.Media(.base64("AAAA"), mediaType: "image/png")),
                        .text("this?"),
                        .file(Message.Media(.text("t"), name: "a.txt")), .cachePoint(Message.CachePoint()),
                    ]),
                Message(.assistant, [.reasoning(Message.Reasoning(text: "hm")), .toolCall(look), .toolCall(broken)]),
                Message(
                    .tool,
                    [
                        .toolResult(
                            Message.ToolResult(
                                callID: "1", parts: [.text("a cat"), .image(Message.Media(.base64("BBBB")))]))
                    ]),
                Message(.assistant, [.refusal("No.")]), Message(.assistant, []),
            ]))
        let turns = try #require(body["messages"]?.array)
        #expect(turns.map { $0["role"]?.string } == ["system", "user", "assistant", "tool", "user", "assistant"])
        #expect(turns[1] == ["role": "user", "content": "What is this?a.txt\n\nt", "images": ["AAAA"]])
        #expect(
            turns[2] == [
                "role": "assistant", "content": "", "thinking": "hm",
                "tool_calls": [
                    ["id": "1", "function": ["name": "look", "arguments": ["a": 1.5]]],
                    ["id": "2", "function": ["name": "wait", "arguments": ["arguments": "{\"a\":"]]],
                ],
            ])
        #expect(turns[3] == ["role": "tool", "content": "a cat", "tool_name": "look", "tool_call_id": "1"])
        #expect(turns[4] == ["role": "user", "content": "", "images": ["BBBB"]])
        #expect(turns[5] == ["role": "assistant", "content": "No."])
    }

    @Test func optionsHaveTheirNames() throws {
        let request = Self.request { request in
            request.sampling = SamplingOptions(
                temperature: 1.5, topP: 0.5, topK: 3, frequencyPenalty: 1, presencePenalty: -1, seed: 7,
                stopSequences: ["a"], maximumOutputTokens: 9)
            request.format = .jsonSchema(ResponseFormat.Schema(name: "x", schema: ["type": "object"]))
            request.tools = [ToolDefinition(name: "f")]
        }
        let body = try Self.encode(request, known: Self.model { $0.contextWindow = 32_768 })
        #expect(
            body["options"] == [
                "num_ctx": 32_768, "num_predict": 9, "temperature": 1.5, "top_p": 0.5, "top_k": 3, "seed": 7,
                "presence_penalty": -1, "frequency_penalty": 1, "stop": ["a"],
            ])
        #expect(body["format"] == ["type": "object"])
        let parameters: JSONValue = ["type": "object", "properties": [:]]
        #expect(body["tools"] == [["type": "function", "function": ["name": "f", "parameters": parameters]]])
        #expect(try Self.encode(Self.request { $0.format = .jsonObject })["format"] == "json")
    }

    /// A window that nobody stated may be larger than the machine.
    @Test func theWindowIsSaidWhereSomebodyStatedIt() throws {
        #expect(try Self.encode(Self.request(), known: Self.model { _ in })["options"] == nil)
        let part = Self.model {
            $0.contextWindow = 131_072
            $0.contextTokens = 8192
        }
        #expect(try Self.encode(Self.request(), known: part)["options"] == ["num_ctx": 8192])
    }

    @Test(
        arguments: [
            ("qwen3", false, "high", nil), ("qwen3", true, "high", true), ("qwen3", false, "none", false),
            ("gpt-oss:20b", false, "high", "high"), ("openai/gpt-oss", false, "minimal", "low"),
            ("gpt-oss", false, "none", "low"), ("gpt-oss", false, "odd", "medium"),
        ] as [(String, Bool, String, JSONValue?)])
    func anEffortIsSaidAsTheModelTakesIt(
        _ model: String, _ isReasoning: Bool, _ effort: String, _ word: JSONValue?
    ) throws {
        let request = Self.request { $0.reasoning = ReasoningOptions(effort: effort) }
        #expect(
            try Self.encode(request, model: model, known: Self.model { $0.isReasoning = isReasoning })["think"] == word)
    }

    @Test func whoMustNotCallToolsKnowsOfNone() throws {
        let request = Self.request { request in
            request.tools = [ToolDefinition(name: "f")]
            request.toolChoice = ToolChoice.none
        }
        #expect(try Self.encode(request)["tools"] == nil)
    }

    @Test func basesMayHaveThePathOrTheOtherAPIs() {
        for base in [
            "http://a:11434", " http://a:11434/ ", "http://a:11434/v1", "http://a:11434/v1/", "http://a:11434/api",
            "http://a:11434/api/chat",
        ] {
            #expect(OllamaProvider.url(base, "chat") == "http://a:11434/api/chat", "\(base)")
        }
        #expect(OllamaProvider.url("https://h/ollama", "embed") == "https://h/ollama/api/embed")
    }

    @Test func whatCantBeSaidIsRefusedByItsName() {
        let tools = [ToolDefinition(name: "f")]
        let cases: [(String, (inout InferenceRequest) -> Void)] = [
            ("logit_bias", { $0.extras["logit_bias"] = ["1": 2] }),
            ("messages", { $0.messages = [Message(.assistant, [])] }),
            (
                "messages[0].content",
                { $0.messages = [Message(.user, [.image(Message.Media(.url("https://a.example/b.png")))])] }
            ),
            ("messages[0].content", { $0.messages = [Message(.user, [.file(Message.Media(.base64("A")))])] }),
            ("messages[0].content", { $0.messages = [Message(.user, [.audio(Message.Media(.base64("A")))])] }),
            (
                "tool_choice",
                {
                    $0.tools = tools
                    $0.toolChoice = .required
                }
            ),
            (
                "tool_choice",
                {
                    $0.tools = tools
                    $0.toolChoice = .tool("f")
                }
            ),
            (
                "parallel_tool_calls",
                {
                    $0.tools = tools
                    $0.allowsParallelToolCalls = false
                }
            ),
        ]
        for (place, adjust) in cases {
            let failure = #expect(throws: AttemptFailure.self, "\(place)") {
                try Self.encode(Self.request(adjust: adjust))
            }
            #expect(failure?.parameter == place)
            #expect(failure?.judgement == .refusedInput)
        }
    }
}
