import AlulaPrimitives

/// What the models of ``BuiltInModels`` cost where their vendors charge for each token: the plain prices of their lists,
/// 2026-11, without discounts for batches or patience.
///
/// What is not here is not known: logins that are paid by the month, routers that charge what others charge, and models whose
/// vendors' lists could not be checked. `models.providers.<id>.models[].cost` says it, and counts more than this table.
package enum BuiltInPrices {
    package static let all: [ModelReference: ModelPrice] = Dictionary(
        uniqueKeysWithValues: rows.map { row in
            (ModelReference(provider: row.provider, model: ModelID(row.id)), row.price)
        })

    private struct Row {
        let provider: ProviderID
        let id: String
        let price: ModelPrice

        /// - Parameters:
        ///   - input: US dollars for a million tokens, as all of these.
        ///   - read: Of tokens that come from a cache; `nil` where the list does not say.
        ///   - write: Of tokens that go into a cache.
        ///   - long: Prices of requests that read more than so many thousand tokens.
        init(
            _ provider: ProviderID, _ id: String, _ input: Double, _ output: Double, read: Double? = nil,
            write: Double? = nil,
            long: (above: Int, input: Double, output: Double, read: Double?)? = nil
        ) {
            self.provider = provider
            self.id = id
            price = ModelPrice(
                ModelPrice.Rates(dollarsForInput: input, output: output, cacheRead: read, cacheWrite: write),
                longInput: long.map { long in
                    ModelPrice.LongInput(
                        above: long.above * 1000,
                        rates: ModelPrice.Rates(
                            dollarsForInput: long.input, output: long.output, cacheRead: long.read))
                })
        }
    }

    private static let rows: [Row] = [
        Row(ProviderTable.testProvider, "echo", 0, 0, read: 0, write: 0),

        Row("openai", "gpt-5.5", 5, 30, read: 0.5, long: (272, 10, 45, 1)),
        Row("openai", "gpt-5.5-pro", 30, 180, long: (272, 60, 270, nil)),
        Row("openai", "gpt-5.4", 2.5, 15, read: 0.25, long: (272, 5, 22.5, 0.5)),
        Row("openai", "gpt-5.4-pro", 30, 180, long: (272, 60, 270, nil)),
        Row("openai", "gpt-5.4-mini", 0.75, 4.5, read: 0.075),
        Row("openai", "gpt-5.4-nano", 0.2, 1.25, read: 0.02),

        // Writes into a cache of five minutes; an hour costs more, and answers don't say which it was.
        Row("anthropic", "claude-opus-5", 5, 25, read: 0.5, write: 6.25),
        Row("anthropic", "claude-sonnet-5", 2, 10, read: 0.2, write: 2.5),
        Row("anthropic", "claude-opus-4-8", 5, 25, read: 0.5, write: 6.25),
        Row("anthropic", "claude-sonnet-4-6", 3, 15, read: 0.3, write: 3.75),
        Row("anthropic", "claude-haiku-4-5", 1, 5, read: 0.1, write: 1.25),

        Row("google", "gemini-3.1-pro-preview", 2, 12, read: 0.2, long: (200, 4, 18, 0.4)),
        Row("google", "gemini-3.5-flash", 1.5, 9, read: 0.15),
        Row("google", "gemini-3-flash-preview", 0.5, 3, read: 0.05),
        Row("google", "gemini-2.5-pro", 1.25, 10, read: 0.125, long: (200, 2.5, 15, 0.25)),
        Row("google", "gemini-2.5-flash", 0.3, 2.5, read: 0.03),

        Row("groq", "openai/gpt-oss-120b", 0.15, 0.6, read: 0.075),
        Row("groq", "openai/gpt-oss-20b", 0.075, 0.3, read: 0.0375),

        Row("mistral", "mistral-large-latest", 0.5, 1.5, read: 0.05),
        Row("mistral", "mistral-medium-latest", 1.5, 7.5, read: 0.15),
        Row("mistral", "mistral-small-latest", 0.15, 0.6, read: 0.015),
        Row("mistral", "codestral-latest", 0.3, 0.9, read: 0.03),

        Row("xai", "grok-4.5", 2, 6, read: 0.3, long: (200, 4, 12, 0.6)),

        Row("deepseek", "deepseek-v4-pro", 1.32, 3.96, read: 0.044, write: 0),
        Row("deepseek", "deepseek-v4-flash", 0.3, 1.2, read: 0.006, write: 0),

        Row("moonshot", "kimi-k3", 3, 15, read: 0.3),
        Row("moonshot", "kimi-k2.6", 0.95, 4, read: 0.16),

        Row("zai", "glm-5.2", 1.4, 4.4, read: 0.26, write: 0),
        Row("zai", "glm-5.1", 1.4, 4.4, read: 0.26, write: 0),
        Row("zai", "glm-5", 1, 3.2, read: 0.2, write: 0),

        Row("minimax", "MiniMax-M3", 0.3, 1.2, read: 0.06, long: (512, 0.6, 2.4, 0.12)),

        Row("qwen", "qwen3.7-max", 2.5, 7.5, read: 0.5, write: 3.125),

        Row("together", "moonshotai/Kimi-K2.6", 1.2, 4.5, read: 0.2),
        Row("together", "meta-llama/Llama-3.3-70B-Instruct-Turbo", 1.04, 1.04),

        Row("fireworks", "accounts/fireworks/models/glm-5p1", 1.4, 4.4, read: 0.26),
        Row("fireworks", "accounts/fireworks/models/kimi-k2p6", 0.95, 4, read: 0.16),

        Row("cerebras", "gpt-oss-120b", 0.35, 0.75),
        Row("cerebras", "llama3.1-8b", 0.1, 0.1),

        Row("amazon-bedrock", "global.anthropic.claude-opus-4-8", 5, 25, read: 0.5, write: 6.25),
        Row("amazon-bedrock", "global.anthropic.claude-sonnet-4-6", 3, 15, read: 0.3, write: 3.75),
        Row("amazon-bedrock", "us.amazon.nova-pro-v1:0", 0.8, 3.2, read: 0.2),
    ]
}
