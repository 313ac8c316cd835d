import AlulaInference
import AlulaJSON
import AlulaModels
import Testing

@testable import AlulaProviders

/// `compat` of a model: how requests are written for servers that differ.
struct ChatQuirksTests {
    private static func encode(
        _ compatibility: JSONValue, isOpenAI: Bool = false, _ change: (inout InferenceRequest) -> Void = { _ in }
    ) throws -> JSONValue {
        var request = InferenceRequest(
            model: "m",
            messages: [
                Message(.developer, "Be brief."), Message(.user, "Hi"),
                Message(
                    .assistant,
                    [
                        .reasoning(Message.Reasoning(text: "hm")),
                        .toolCall(Message.ToolCall(id: "call_long-id-1", name: "look", arguments: "{}")),
                    ]),
                Message(.tool, [.toolResult(Message.ToolResult(callID: "call_long-id-1", parts: [.text("r")]))]),
                Message(.user, "And?"),
            ],
            dialect: .openAIChat)
        request.sampling.maximumOutputTokens = 5
        request.isStreamed = true
        change(&request)
        let quirks = ChatQuirks(isOpenAI: isOpenAI, compatibility: ModelCompatibility(compatibility))
        return try ChatRequestEncoder(model: "m", quirks: quirks).encode(request)
    }

    private static func roles(_ body: JSONValue) -> [String] {
        body["messages"]?.array?.compactMap { $0["role"]?.string } ?? []
    }

    @Test func whatIsNotSaidFollowsFromTheAddress() throws {
        let openAI = ChatQuirks(base: "https://API.openai.com:443/v1", nil)
        #expect(openAI.knowsDevelopers && openAI.limitMember == "max_completion_tokens")
        let other = ChatQuirks(base: "https://api.openai.com.example/v1", nil)
        #expect(!other.knowsDevelopers && other.limitMember == "max_tokens")
        let told = ModelCompatibility(["supportsDeveloperRole": true, "maxTokensField": "max_completion_tokens"])
        let lab = ChatQuirks(base: "http://127.0.0.1:9/v1", told)
        #expect(lab.knowsDevelopers && lab.limitMember == "max_completion_tokens")
    }

    @Test(
        arguments: [["maxTokensField": 5], ["maxTokensField": "other"], ["supportsTools": "no"], [], .null, 7]
            as [JSONValue])
    func whatMakesNoSenseIsNotSaid(_ document: JSONValue) {
        #expect(ModelCompatibility(document) == ModelCompatibility())
    }

    @Test func rolesAndLimitsAreTheServers() throws {
        let body = try Self.encode(["supportsDeveloperRole": false, "maxTokensField": "max_tokens"], isOpenAI: true)
        #expect(Self.roles(body) == ["system", "user", "assistant", "tool", "user"])
        #expect(body["max_tokens"] == 5)
        #expect(body["max_completion_tokens"] == nil)
    }

    @Test func aServerThatTellsNoUsageIsNotAskedForIt() throws {
        let body = try Self.encode(["supportsUsageInStreaming": false]) { $0.extras["stream_options"] = [:] }
        #expect(body["stream"] == true)
        #expect(body["stream_options"] == nil)
    }

    @Test func storeIsLeftOutWhereItIsUnknown() throws {
        #expect(try Self.encode([:]) { $0.extras["store"] = true }["store"] == true)
        #expect(try Self.encode(["supportsStore": false]) { $0.extras["store"] = true }["store"] == nil)
    }

    /// An answer without the tools would be another one.
    @Test func toolsAreRefusedWhereThereAreNone() throws {
        let failure = #expect(throws: AttemptFailure.self) {
            try Self.encode(["supportsTools": false]) { $0.tools = [ToolDefinition(name: "f")] }
        }
        #expect(failure?.judgement == .refusedInput)
        #expect(failure?.parameter == "tools")
        _ = try Self.encode(["supportsTools": false])
    }

    @Test func schemasLoseTheWordsThatTheServerDoesNotKnow() throws {
        let schema: JSONValue = [
            "type": "object", "additionalProperties": false,
            "properties": ["format": ["type": "string", "format": "date"], "list": ["items": [["format": "x"]]]],
        ]
        let compatibility: JSONValue = [
            "unsupportedToolSchemaKeywords": ["format", "additionalProperties"], "supportsStrictMode": false,
        ]
        let body = try Self.encode(compatibility) {
            $0.tools = [ToolDefinition(name: "f", parameters: schema, isStrict: true)]
        }
        let function = body["tools"]?.array?.first?["function"]
        #expect(
            function?["parameters"] == [
                "type": "object", "properties": ["format": ["type": "string"], "list": ["items": [[:]]]],
            ])
        #expect(function?["strict"] == nil)
    }

    @Test func contentIsATextWhereItHasToBe() throws {
        let failure = #expect(throws: AttemptFailure.self) {
            try Self.encode(["requiresStringContent": true]) {
                $0.messages.append(Message(.user, [.image(Message.Media(.base64("AAAA")), detail: nil)]))
            }
        }
        #expect(failure?.judgement == .refusedInput)
        let body = try Self.encode(["requiresStringContent": true]) {
            $0.messages.append(Message(.user, [.text("a"), .text("b")]))
        }
        #expect(body["messages"]?.array?.last?["content"] == "ab")
    }

    @Test(
        arguments: [
            ("openai", "high", "reasoning_effort", "high"), ("openai", "max", "reasoning_effort", "xhigh"),
            ("openrouter", "low", "reasoning", ["effort": "low"]), ("together", "low", "reasoning", ["enabled": true]),
            ("together", "none", "reasoning", ["enabled": false]), ("zai", "low", "thinking", ["type": "enabled"]),
            ("zai", "none", "thinking", ["type": "disabled"]), ("qwen", "low", "enable_thinking", true),
            ("qwen", "none", "enable_thinking", false),
            ("qwen-chat-template", "low", "chat_template_kwargs", ["enable_thinking": true]),
        ] as [(JSONValue, String, String, JSONValue)])
    func thoughtsAreAskedForInTheServersWay(
        _ format: JSONValue, _ effort: String, _ member: String, _ value: JSONValue
    ) throws {
        let body = try Self.encode(["thinkingFormat": format]) { $0.reasoning = ReasoningOptions(effort: effort) }
        #expect(body[member] == value)
        let members = ["reasoning_effort", "reasoning", "thinking", "enable_thinking", "chat_template_kwargs"]
        #expect(members.count { body[$0] != nil } == 1)
    }

    @Test func aBudgetSwitchesThinkingOnAndOff() throws {
        for (budget, isOn) in [(0, false), (2_000, true)] {
            let body = try Self.encode(["thinkingFormat": "qwen"]) {
                $0.reasoning = ReasoningOptions(budgetTokens: budget)
            }
            #expect(body["enable_thinking"] == .bool(isOn))
        }
        let untold = try Self.encode(["thinkingFormat": "qwen"]) { $0.reasoning = ReasoningOptions(summary: "auto") }
        #expect(untold["enable_thinking"] == nil)
    }

    @Test func effortsAreOnesThatTheServerKnows() {
        func effort(_ wanted: String, _ compatibility: JSONValue) -> String? {
            ChatQuirks(compatibility: ModelCompatibility(compatibility)).effort(wanted)
        }
        #expect(effort("high", ["supportsReasoningEffort": false]) == nil)
        let some: JSONValue = ["supportedReasoningEfforts": ["low", "high"]]
        #expect(effort("medium", some) == "low")
        #expect(effort("minimal", some) == "low")
        #expect(effort("max", some) == "high")
        #expect(effort("high", some) == "high")
        #expect(effort("high", ["reasoningEffortMap": ["high": "strong"]]) == "strong")
        #expect(effort("low", ["reasoningEffortMap": ["high": "strong"]]) == "low")
    }

    @Test func callsAndResultsAreWrittenAsTheServerNeedsThem() throws {
        let body = try Self.encode([
            "requiresToolResultName": true, "requiresAssistantAfterToolResult": true, "requiresThinkingAsText": true,
            "requiresMistralToolIds": true,
        ])
        #expect(Self.roles(body) == ["system", "user", "assistant", "tool", "assistant", "user"])
        let messages = body["messages"]?.array ?? []
        let call = messages[2]["tool_calls"]?.array?.first?["id"]?.string
        #expect(call?.utf8.count == 9)
        #expect(call?.allSatisfy { $0.isLetter || $0.isNumber } == true)
        #expect(messages[3]["tool_call_id"]?.string == call)
        #expect(messages[3]["name"] == "look")
        #expect(messages[2]["content"]?.string?.contains("hm") == true)
        #expect(messages[2]["reasoning_content"] == nil)
        // One that is right already stays, since the server gave it.
        #expect(
            ChatQuirks(compatibility: ModelCompatibility(["requiresMistralToolIds": true])).callID("aB3dE6gH9")
                == "aB3dE6gH9")
    }
}
