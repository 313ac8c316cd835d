import AlulaPrimitives

/// The wire protocol that a provider's endpoint speaks. Raw values are the configuration's spellings.
package enum APIKind: Hashable, Sendable, CustomStringConvertible {
    case openAICompletions
    case openAIResponses
    /// The ChatGPT back end of a Codex login. `openai-codex-responses` is its older spelling.
    case openAIChatGPTResponses
    case azureOpenAIResponses
    case anthropicMessages
    case googleGenerativeAI
    case googleVertex
    case githubCopilot
    case bedrockConverseStream
    case ollama
    /// The gateway's own test model; no endpoint.
    case alulaEcho
    /// A kind that this version does not speak; the spelling is kept.
    case unknown(String)

    /// Every kind that this version knows, in the order in which people are shown them.
    package static let known: [APIKind] = [
        .openAICompletions, .openAIResponses, .openAIChatGPTResponses, .azureOpenAIResponses, .anthropicMessages,
        .googleGenerativeAI, .googleVertex, .githubCopilot, .bedrockConverseStream, .ollama, .alulaEcho,
    ]

    /// Reads a configuration's spelling, in any case and with white space around it.
    package init(_ spelling: String) {
        let text = spelling.trimmed().lowercased()
        if text == "openai-codex-responses" {
            self = .openAIChatGPTResponses
        } else {
            self = Self.known.first { $0.rawValue == text } ?? .unknown(spelling)
        }
    }

    /// The configuration's spelling.
    package var rawValue: String {
        switch self {
        case .openAICompletions: "openai-completions"
        case .openAIResponses: "openai-responses"
        case .openAIChatGPTResponses: "openai-chatgpt-responses"
        case .azureOpenAIResponses: "azure-openai-responses"
        case .anthropicMessages: "anthropic-messages"
        case .googleGenerativeAI: "google-generative-ai"
        case .googleVertex: "google-vertex"
        case .githubCopilot: "github-copilot"
        case .bedrockConverseStream: "bedrock-converse-stream"
        case .ollama: "ollama"
        case .alulaEcho: "alula-echo"
        case .unknown(let spelling): spelling
        }
    }

    package var description: String { rawValue }
}
