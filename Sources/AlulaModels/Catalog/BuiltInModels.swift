import AlulaPrimitives

/// A few current models of the main providers, for a first choice before anything is configured or discovered.
///
/// Windows are what the vendors publish, rounded down to thousands of tokens. Whatever is missing or has moved on can be listed under
/// `models.providers.<id>.models`.
package enum BuiltInModels {
    package static let all: [CatalogModel] = rows.map { row in
        CatalogModel(
            provider: row.provider, id: ModelID(row.id), name: row.name, api: row.api,
            contextWindow: row.window * 1000, maximumOutput: row.output.map { $0 * 1000 },
            isReasoning: row.isReasoning, input: row.seesImages ? [.text, .image] : [.text], origin: .builtIn,
            price: BuiltInPrices.all[ModelReference(provider: row.provider, model: ModelID(row.id))])
    }

    /// The model that is always there and only repeats what it is told.
    package static let test = ModelReference(provider: ProviderTable.testProvider, model: "echo")

    /// `model` without the options that the test model takes behind a question mark of its name.
    package static func withoutOptions(_ model: ModelReference) -> ModelReference {
        guard model.provider == test.provider else { return model.unpinned }
        return ModelReference(
            provider: model.provider, model: ModelID(String(model.model.rawValue.prefix { $0 != "?" })))
    }

    private struct Row {
        let provider: ProviderID
        let id: String
        let name: String
        /// In thousands of tokens.
        let window: Int
        /// In thousands of tokens; `nil` for the standard.
        let output: Int?
        let isReasoning: Bool
        let seesImages: Bool
        let api: APIKind?

        init(
            _ provider: ProviderID, _ id: String, _ name: String, _ window: Int, out output: Int? = nil,
            reasons: Bool = true, sees: Bool = false, api: APIKind? = nil
        ) {
            self.provider = provider
            self.id = id
            self.name = name
            self.window = window
            self.output = output
            isReasoning = reasons
            seesImages = sees
            self.api = api
        }
    }

    private static let rows: [Row] = [
        Row(
            ProviderTable.testProvider, "echo", "Alula echo (test model)", 128, reasons: false, sees: true,
            api: .alulaEcho),

        Row("openai", "gpt-5.5", "GPT-5.5", 1050, out: 128, sees: true),
        Row("openai", "gpt-5.5-pro", "GPT-5.5 pro", 1050, out: 128, sees: true),
        Row("openai", "gpt-5.4", "GPT-5.4", 1050, out: 128, sees: true),
        Row("openai", "gpt-5.4-pro", "GPT-5.4 pro", 1050, out: 128, sees: true),
        Row("openai", "gpt-5.4-mini", "GPT-5.4 mini", 400, out: 128, sees: true),
        Row("openai", "gpt-5.4-nano", "GPT-5.4 nano", 400, out: 128, sees: true),

        Row("anthropic", "claude-opus-5", "Claude Opus 5", 1000, out: 128, sees: true),
        Row("anthropic", "claude-sonnet-5", "Claude Sonnet 5", 1000, out: 64, sees: true),
        Row("anthropic", "claude-opus-4-8", "Claude Opus 4.8", 1000, out: 128, sees: true),
        Row("anthropic", "claude-sonnet-4-6", "Claude Sonnet 4.6", 200, out: 64, sees: true),
        Row("anthropic", "claude-haiku-4-5", "Claude Haiku 4.5", 200, out: 64, sees: true),
        Row("claude-cli", "claude-opus-5", "Claude Opus 5", 1000, out: 128, sees: true),
        Row("claude-cli", "claude-sonnet-5", "Claude Sonnet 5", 1000, out: 64, sees: true),
        Row("claude-cli", "claude-haiku-4-5", "Claude Haiku 4.5", 200, out: 64, sees: true),

        Row("google", "gemini-3.1-pro-preview", "Gemini 3.1 Pro", 1048, out: 65, sees: true),
        Row("google", "gemini-3.5-flash", "Gemini 3.5 Flash", 1048, out: 65, sees: true),
        Row("google", "gemini-3-flash-preview", "Gemini 3 Flash", 1048, out: 65, sees: true),
        Row("google", "gemini-2.5-pro", "Gemini 2.5 Pro", 1048, out: 65, sees: true),
        Row("google", "gemini-2.5-flash", "Gemini 2.5 Flash", 1048, out: 65, sees: true),

        Row("openrouter", "auto", "OpenRouter Auto", 200, sees: true),
        Row("openrouter", "anthropic/claude-sonnet-5", "Claude Sonnet 5", 1000, out: 64, sees: true),
        Row("openrouter", "openai/gpt-5.5", "GPT-5.5", 1050, out: 128, sees: true),
        Row("openrouter", "moonshotai/kimi-k2.6", "Kimi K2.6", 262, out: 64, sees: true),

        Row("groq", "openai/gpt-oss-120b", "GPT-OSS 120B", 131, out: 65),
        Row("groq", "openai/gpt-oss-20b", "GPT-OSS 20B", 131, out: 65),
        Row("groq", "llama-3.3-70b-versatile", "Llama 3.3 70B", 131, out: 32, reasons: false),
        Row("groq", "llama-3.1-8b-instant", "Llama 3.1 8B", 131, out: 131, reasons: false),

        Row("mistral", "mistral-large-latest", "Mistral Large", 262, reasons: false, sees: true),
        Row("mistral", "mistral-medium-latest", "Mistral Medium", 131, reasons: false, sees: true),
        Row("mistral", "mistral-small-latest", "Mistral Small", 131, reasons: false, sees: true),
        Row("mistral", "codestral-latest", "Codestral", 256, reasons: false),

        Row("xai", "grok-4.5", "Grok 4.5", 500, out: 64, sees: true),
        Row("xai", "grok-4-1-fast", "Grok 4.1 Fast", 2000, out: 30, sees: true),
        Row("xai", "grok-4", "Grok 4", 256, out: 64, sees: true),

        Row("deepseek", "deepseek-v4-pro", "DeepSeek V4 Pro", 1000, out: 384),
        Row("deepseek", "deepseek-v4-flash", "DeepSeek V4 Flash", 1000, out: 384),

        Row("moonshot", "kimi-k3", "Kimi K3", 262, out: 64, sees: true),
        Row("moonshot", "kimi-k2.6", "Kimi K2.6", 262, out: 64, sees: true),
        Row("kimi", "kimi-for-coding", "Kimi for Coding", 262, out: 32, sees: true),

        Row("zai", "glm-5.2", "GLM-5.2", 1000, out: 128),
        Row("zai", "glm-5.1", "GLM-5.1", 200, out: 128),
        Row("zai", "glm-5", "GLM-5", 200, out: 128),

        Row("minimax", "MiniMax-M3", "MiniMax M3", 200, out: 128),
        Row("minimax", "MiniMax-M2.7", "MiniMax M2.7", 200, out: 128),
        Row("minimax-portal", "MiniMax-M3", "MiniMax M3", 200, out: 128),
        Row("minimax-portal", "MiniMax-M2.7", "MiniMax M2.7", 200, out: 128),

        Row("qwen", "qwen3.7-max", "Qwen3.7 Max", 1000, out: 65),
        Row("qwen", "qwen3.7-plus", "Qwen3.7 Plus", 1000, out: 65, sees: true),
        Row("qwen", "qwen3-coder-plus", "Qwen3 Coder Plus", 1000, out: 65, reasons: false),

        Row("together", "moonshotai/Kimi-K2.6", "Kimi K2.6", 262, out: 64),
        Row("together", "deepseek-ai/DeepSeek-V4-Pro", "DeepSeek V4 Pro", 512, out: 64),
        Row(
            "together", "meta-llama/Llama-3.3-70B-Instruct-Turbo", "Llama 3.3 70B", 131, reasons: false),

        Row("fireworks", "accounts/fireworks/models/glm-5p1", "GLM-5.1", 200, out: 64),
        Row("fireworks", "accounts/fireworks/models/kimi-k2p6", "Kimi K2.6", 262, out: 16, sees: true),
        Row("fireworks", "accounts/fireworks/models/deepseek-v4-pro", "DeepSeek V4 Pro", 1000, out: 64),

        Row("cerebras", "gpt-oss-120b", "GPT-OSS 120B", 131, out: 40),
        Row("cerebras", "zai-glm-4.7", "GLM-4.7", 131, out: 40),
        Row("cerebras", "llama3.1-8b", "Llama 3.1 8B", 32, reasons: false),

        Row("github-copilot", "gpt-5.5", "GPT-5.5", 400, out: 128, sees: true),
        Row("github-copilot", "gpt-5.4", "GPT-5.4", 400, out: 128, sees: true),
        Row("github-copilot", "claude-sonnet-4.6", "Claude Sonnet 4.6", 200, out: 32, sees: true),
        Row("github-copilot", "claude-haiku-4.5", "Claude Haiku 4.5", 200, out: 32, sees: true),

        Row("amazon-bedrock", "global.anthropic.claude-opus-4-8", "Claude Opus 4.8", 1000, out: 128, sees: true),
        Row("amazon-bedrock", "global.anthropic.claude-sonnet-4-6", "Claude Sonnet 4.6", 200, out: 64, sees: true),
        Row("amazon-bedrock", "us.amazon.nova-pro-v1:0", "Nova Pro", 300, out: 10, reasons: false, sees: true),
    ]
}
