import AlulaJSON

extension InferenceRequest {
    /// Members that a caller may send in its dialect and that change no answer where they are missing: what it is paid and
    /// kept by, where and how fast it is made, and what the test model alone reads.
    private static let harmless: [Dialect: Set<String>] = [
        .openAIChat: [
            "echo", "metadata", "prediction", "prompt_cache_key", "prompt_cache_retention", "safety_identifier",
            "service_tier", "store",
        ],
        // Tools that a provider runs itself are not asked for, so their number and what is told of them are nothing.
        .openAIResponses: [
            "background_options", "echo", "include", "instructions", "max_tool_calls", "metadata", "prompt_cache_key",
            "prompt_cache_options",
            "prompt_cache_retention", "safety_identifier", "service_tier", "store", "truncation",
        ],
        .anthropicMessages: [
            "cache_control", "context_management", "diagnostics", "echo", "inference_geo", "metadata", "service_tier",
            "speed", "thinking", "user_profile_id", "workspace_id",
        ],
    ]

    /// The first of ``extras`` that a provider can't be sent, although it may change the answer; `nil` when there is none.
    ///
    /// - Parameter dialect: What the provider speaks; `nil` for what no caller does.
    package func unsayableMember(in dialect: Dialect?) -> String? {
        guard dialect != self.dialect else { return nil }
        let harmless = Self.harmless[self.dialect] ?? []
        // Clients spell out what they do not want.
        return extras.first { name, value in
            !harmless.contains(name) && ![false, 0, [], [:], ["text"]].contains(value)
        }?.key
    }
}
