package import AlulaJSON

/// One call to a model, in no provider's dialect.
///
/// Whatever a caller said that has no field here is kept in ``extras``, so that a provider of the same dialect gets it
/// unchanged, and any other one is not asked something else than what the caller meant without anybody noticing.
package struct InferenceRequest: Hashable, Sendable {
    /// The model as the caller spelled it.
    package var model: String
    /// What was said so far, oldest first. Instructions are messages with the role ``Message/Role/system`` or
    /// ``Message/Role/developer``.
    package var messages: [Message]
    package var tools: [ToolDefinition]
    package var toolChoice: ToolChoice?
    /// Whether several tools may be called in one turn; `nil` leaves it to the provider.
    package var allowsParallelToolCalls: Bool?
    package var sampling: SamplingOptions
    package var format: ResponseFormat
    package var reasoning: ReasoningOptions?
    /// Whether the answer is wanted piece by piece.
    package var isStreamed: Bool
    /// Whether a stream tells the usage too. Answers in one piece always do.
    package var wantsUsageInStream: Bool
    /// The caller's own name for whoever asks.
    package var user: String?
    /// Members of the caller's request that have no field of their own, by their names in ``dialect``.
    package var extras: JSONObject
    /// Trial features of its dialect that the caller has switched on, by their names there.
    package var features: [String]
    /// What the caller speaks.
    package var dialect: Dialect
    /// Who asks.
    package var caller = RequestCaller.owner
    /// The caller's own name for the conversation, besides what the request itself says.
    package var sessionKey: String?

    package init(
        model: String, messages: [Message], tools: [ToolDefinition] = [], toolChoice: ToolChoice? = nil,
        allowsParallelToolCalls: Bool? = nil, sampling: SamplingOptions = SamplingOptions(),
        format: ResponseFormat = .text, reasoning: ReasoningOptions? = nil, isStreamed: Bool = false,
        wantsUsageInStream: Bool = false, user: String? = nil, extras: JSONObject = JSONObject(),
        features: [String] = [], dialect: Dialect
    ) {
        self.model = model
        self.messages = messages
        self.tools = tools
        self.toolChoice = toolChoice
        self.allowsParallelToolCalls = allowsParallelToolCalls
        self.sampling = sampling
        self.format = format
        self.reasoning = reasoning
        self.isStreamed = isStreamed
        self.wantsUsageInStream = wantsUsageInStream
        self.user = user
        self.extras = extras
        self.features = features
        self.dialect = dialect
    }

    /// Longest name of a conversation, in bytes; a longer one is none.
    private static let maximumConversation = 512

    /// What tells this conversation from others, if the caller says so: it gets the same login as long as that answers.
    package var conversation: String? {
        let names = [sessionKey, extras["prompt_cache_key"]?.string, user]
        return names.lazy.compactMap(\.self).first { (1...Self.maximumConversation).contains($0.utf8.count) }
    }
}

/// What a caller speaks. Raw values are for logs and metrics.
package enum Dialect: String, CaseIterable, Sendable {
    /// `POST /v1/chat/completions`
    case openAIChat = "openai-chat"
    /// `POST /v1/responses`
    case openAIResponses = "openai-responses"
    /// `POST /v1/messages`
    case anthropicMessages = "anthropic-messages"
}
