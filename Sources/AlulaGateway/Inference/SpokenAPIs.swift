import AlulaInference
import AlulaModels
import AlulaProviders

/// The kinds of API that models can be asked through.
enum SpokenAPIs {
    /// Also for whoever only says what would be asked.
    static let kinds: Set<APIKind> = [
        .alulaEcho, .anthropicMessages, .googleGenerativeAI, .ollama, .openAIChatGPTResponses, .openAICompletions,
        .openAIResponses,
    ]

    static func providers(
        client: UpstreamClient, logins: any LoginOpening, offloading: PoolComputing, clock: any Clock<Duration>
    ) -> [APIKind: any ModelProvider] {
        [
            .alulaEcho: EchoProvider(clock: clock, offloading: offloading),
            .anthropicMessages: AnthropicMessagesProvider(client: client, logins: logins, offloading: offloading),
            .googleGenerativeAI: GoogleGenerativeAIProvider(client: client, logins: logins, offloading: offloading),
            .ollama: OllamaProvider(client: client, logins: logins, offloading: offloading),
            .openAIChatGPTResponses: ChatGPTResponsesProvider(client: client, logins: logins, offloading: offloading),
            .openAICompletions: OpenAICompletionsProvider(client: client, logins: logins, offloading: offloading),
            .openAIResponses: OpenAIResponsesProvider(client: client, logins: logins, offloading: offloading),
        ]
    }
}
