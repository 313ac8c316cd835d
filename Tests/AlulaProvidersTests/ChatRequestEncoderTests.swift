import AlulaInference
import AlulaJSON
import AlulaModels
import Testing

@testable import AlulaProviders

struct ChatRequestEncoderTests {
    private static func encode(_ request: InferenceRequest, _ quirks: ChatQuirks = ChatQuirks()) throws -> JSONValue {
        try ChatRequestEncoder(model: "own-name", quirks: quirks).encode(request)
    }

    /// What the owner adds, and what then is in the body.
    @Test(
        arguments: [
            (["min_p": 0.1], "min_p", 0.1), (["temperature": 0.1], "temperature", 0.5),
            (["logit_bias": ["1": 9, "2": 3]], "logit_bias", ["1": 2, "2": 3]),
            (["logit_bias": 7], "logit_bias", ["1": 2]),
            (["model": "other"], "model", "own-name"), (["stream": true], "stream", nil), (["n": 3], "n", nil),
            (["stream_options": ["include_usage": false]], "stream_options", nil),
            (["messages": []], "messages", [["role": "user", "content": "Hi"]]), (["store": true], "store", nil),
        ] as [(JSONValue, String, JSONValue?)])
    func theOwnerAddsWhatNobodySaid(members: JSONValue, name: String, value: JSONValue?) throws {
        var request = InferenceRequest(model: "alias", messages: [Message(.user, "Hi")], dialect: .openAIChat)
        request.sampling.temperature = 0.5
        request.extras["logit_bias"] = ["1": 2]
        var compatibility = ModelCompatibility()
        compatibility.supportsStore = false
        let encoder = ChatRequestEncoder(
            model: "own-name", quirks: ChatQuirks(base: "http://127.0.0.1:1", compatibility),
            members: try #require(members.object))
        #expect(try encoder.encode(request)[name] == value)
    }

    @Test func keepsWhatTheCallerSaid() throws {
        var request = InferenceRequest(
            model: "alias",
            messages: [
                Message(.developer, "Be brief."),
                Message(
                    .user,
                    [.text("What is"), .image(Message.Media(.base64("AAAA"), mediaType: "image/png"), detail: "low")]),
                Message(
                    .assistant,
                    [
                        .reasoning(Message.Reasoning(text: "hm")),
                        .toolCall(Message.ToolCall(id: "1", name: "f", arguments: "{}")),
                    ]),
                Message(.tool, [.toolResult(Message.ToolResult(callID: "1", parts: [.text("r")]))]),
            ],
            tools: [ToolDefinition(name: "f", parameters: ["type": "object"])], toolChoice: .tool("f"),
            dialect: .openAIChat)
        request.sampling.maximumOutputTokens = 5
        request.sampling.stopSequences = ["a"]
        request.sampling.temperature = 0.5
        request.extras["logit_bias"] = ["1": 2]
        request.isStreamed = true
        let body = try Self.encode(request)
        #expect(body["model"] == "own-name")
        #expect(body["logit_bias"] == ["1": 2])
        #expect(body["max_tokens"] == 5)
        #expect(body["stop"] == ["a"])
        #expect(body["stream_options"] == ["include_usage": true])
        #expect(body["tool_choice"] == ["type": "function", "function": ["name": "f"]])
        let messages = try #require(body["messages"]?.array)
        #expect(messages[0] == ["role": "system", "content": "Be brief."])
        #expect(messages[1]["content"]?.array?.last?["image_url"]?["url"] == "data:image/png;base64,AAAA")
        #expect(messages[2]["content"] == .null)
        #expect(messages[2]["reasoning_content"] == "hm")
        #expect(messages[3] == ["role": "tool", "tool_call_id": "1", "content": "r"])
        let openAI = try Self.encode(request, ChatQuirks(isOpenAI: true))
        #expect(openAI["max_completion_tokens"] == 5)
        #expect(openAI["max_tokens"] == nil)
        #expect(openAI["messages"]?.array?.first?["role"] == "developer")
    }

    @Test func leavesOutWhatNobodySaid() throws {
        let request = InferenceRequest(model: "m", messages: [Message(.user, "Hi")], dialect: .openAIChat)
        #expect(
            try Self.encode(request) == ["model": "own-name", "messages": [["role": "user", "content": "Hi"]]])
    }

    @Test func membersOfAnotherDialectStayBehind() throws {
        var request = InferenceRequest(model: "m", messages: [Message(.user, "Hi")], dialect: .anthropicMessages)
        request.extras["service_tier"] = "auto"
        request.extras["mcp_servers"] = []
        #expect(try Self.encode(request)["service_tier"] == nil)
        request.extras["container"] = "x"
        let failure = #expect(throws: AttemptFailure.self) { try Self.encode(request) }
        #expect(failure?.parameter == "container")
        #expect(failure?.judgement == .refusedInput)
    }

    @Test func blocksOfAnotherDialectAreRefusedByTheirPlace() {
        let block = Message.NativeBlock(["type": "search_result"], of: .anthropicMessages, at: "messages[0].content[1]")
        let request = InferenceRequest(
            model: "m", messages: [Message(.user, [.text("Hi"), .native(block)])], dialect: .anthropicMessages)
        let failure = #expect(throws: AttemptFailure.self) { try Self.encode(request) }
        #expect(failure?.parameter == "messages[0].content[1]")
    }

    @Test func blocksOfAnotherDialectAreRefusedInAnswersAndResultsToo() {
        let block = Message.NativeBlock(["type": "x"], of: .anthropicMessages, at: "messages[1].content[0]")
        let result = Message.ToolResult(callID: "1", parts: [.native(block)])
        for message in [Message(.assistant, [.text("So."), .native(block)]), Message(.tool, [.toolResult(result)])] {
            let request = InferenceRequest(
                model: "m", messages: [Message(.user, "Hi"), message], dialect: .anthropicMessages)
            let failure = #expect(throws: AttemptFailure.self) { try Self.encode(request) }
            #expect(failure?.parameter == "messages[1].content[0]")
        }
    }

    /// Servers of this dialect take texts alone as results of tools.
    @Test func picturesThatToolsReturnAreSaidByTheUser() throws {
        let picture = Message.Part.image(Message.Media(.base64("AAAA"), mediaType: "image/png"))
        let results = Message(
            .tool,
            [
                .toolResult(Message.ToolResult(callID: "1", parts: [.text("a cat"), picture])),
                .cachePoint(Message.CachePoint()),
                .toolResult(Message.ToolResult(callID: "2", parts: [picture, .cachePoint(Message.CachePoint())])),
            ])
        var request = InferenceRequest(model: "m", messages: [results], dialect: .anthropicMessages)
        let image: JSONValue = ["type": "image_url", "image_url": ["url": "data:image/png;base64,AAAA"]]
        #expect(
            try Self.encode(request)["messages"] == [
                ["role": "tool", "tool_call_id": "1", "content": "a cat"],
                ["role": "tool", "tool_call_id": "2", "content": "(see the next message)"],
                ["role": "user", "content": [image, image]],
            ])
        request.dialect = .openAIChat
        #expect(
            try Self.encode(request)["messages"]?.array?.first?["content"] == [
                ["type": "text", "text": "a cat"], image,
            ])
    }

    @Test func textsAsFilesAndMarksOfTheCacheAreText() throws {
        let file = Message.Media(.text("It rains."), mediaType: "text/plain", name: "Weather")
        let request = InferenceRequest(
            model: "m",
            messages: [
                Message(.system, [.text("Be brief."), .cachePoint(Message.CachePoint())]),
                Message(.user, [.text("Hi"), .file(file)]),
            ], dialect: .anthropicMessages)
        let messages = try #require(try Self.encode(request)["messages"]?.array)
        #expect(messages[0]["content"] == "Be brief.")
        #expect(messages[1]["content"]?.array?.last == ["type": "text", "text": "Weather\n\nIt rains."])
    }

    @Test func whatCantBeSaidIsRefused() {
        let file = Message.Media(.providerFile("f"))
        for part in [Message.Part.image(file), .audio(Message.Media(.url("https://a.example/x.wav")))] {
            let request = InferenceRequest(model: "m", messages: [Message(.user, [part])], dialect: .openAIChat)
            #expect(throws: AttemptFailure.self) { try Self.encode(request) }
        }
    }

    @Test func basesMayEndInASlashOrHaveThePath() {
        for base in ["http://a/v1", "http://a/v1/", " http://a/v1// ", "http://a/v1/chat/completions"] {
            #expect(OpenAICompletionsProvider.url(base) == "http://a/v1/chat/completions")
        }
    }
}
