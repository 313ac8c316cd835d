package import AlulaJSON

/// `compat` of a model: what the server behind it does differently from others that speak its API. Whatever is not said is
/// `nil`, and then the address of the server decides.
package struct ModelCompatibility: Hashable, Sendable {
    /// The member that bounds an answer. Raw values are the API's.
    package enum LimitMember: String, CaseIterable, Sendable {
        case maximumTokens = "max_tokens"
        case maximumCompletionTokens = "max_completion_tokens"
    }

    /// How a model is told to think. Raw values are the configuration's.
    package enum ThinkingFormat: String, CaseIterable, Sendable {
        /// `reasoning_effort`
        case openAI = "openai"
        /// `reasoning: {effort}`
        case openRouter = "openrouter"
        /// `reasoning: {enabled}`
        case together
        /// `thinking: {type}`
        case zai
        /// `enable_thinking`
        case qwen
        /// `chat_template_kwargs: {enable_thinking}`
        case qwenChatTemplate = "qwen-chat-template"
    }

    /// Whether the member `store` is known.
    package var supportsStore: Bool?
    /// Whether the role `developer` is known; else it is `system`.
    package var supportsDeveloperRole: Bool?
    package var supportsReasoningEffort: Bool?
    /// Whether a stream may be asked for its usage.
    package var supportsUsageInStreaming: Bool?
    package var supportsTools: Bool?
    /// Whether the member `strict` of tools is known.
    package var supportsStrictMode: Bool?
    /// Whether the content of a message has to be a text.
    package var requiresStringContent: Bool?
    package var limitMember: LimitMember?
    package var thinkingFormat: ThinkingFormat?
    /// Whether a tool's result has to name the tool.
    package var requiresToolResultName: Bool?
    /// Whether the model has to speak between a tool's result and a person.
    package var requiresAssistantAfterToolResult: Bool?
    /// Whether thoughts of earlier turns are sent back as texts.
    package var requiresThinkingAsText: Bool?
    /// Whether ids of calls have to be nine letters and digits.
    package var requiresMistralToolIDs: Bool?
    /// Members of schemas that the server stumbles over.
    package var unsupportedSchemaKeywords: [String] = []
    /// The efforts that are known, least first; empty for any.
    package var reasoningEfforts: [String] = []
    /// The server's words for efforts.
    package var reasoningEffortWords: [String: String] = [:]

    /// Nothing is different.
    package init() {}

    /// - Parameter document: As it stands in the configuration or in a generated list. A member of another kind counts as
    ///   not said.
    package init(_ document: JSONValue?) {
        guard let document else { return }
        supportsStore = document["supportsStore"]?.bool
        supportsDeveloperRole = document["supportsDeveloperRole"]?.bool
        supportsReasoningEffort = document["supportsReasoningEffort"]?.bool
        supportsUsageInStreaming = document["supportsUsageInStreaming"]?.bool
        supportsTools = document["supportsTools"]?.bool
        supportsStrictMode = document["supportsStrictMode"]?.bool
        requiresStringContent = document["requiresStringContent"]?.bool
        limitMember = document["maxTokensField"]?.string.flatMap(LimitMember.init)
        thinkingFormat = document["thinkingFormat"]?.string.flatMap(ThinkingFormat.init)
        requiresToolResultName = document["requiresToolResultName"]?.bool
        requiresAssistantAfterToolResult = document["requiresAssistantAfterToolResult"]?.bool
        requiresThinkingAsText = document["requiresThinkingAsText"]?.bool
        requiresMistralToolIDs = document["requiresMistralToolIds"]?.bool
        unsupportedSchemaKeywords = document["unsupportedToolSchemaKeywords"]?.array?.compactMap(\.string) ?? []
        reasoningEfforts = document["supportedReasoningEfforts"]?.array?.compactMap(\.string) ?? []
        for (effort, word) in document["reasoningEffortMap"]?.object ?? JSONObject() {
            reasoningEffortWords[effort] = word.string
        }
    }
}
