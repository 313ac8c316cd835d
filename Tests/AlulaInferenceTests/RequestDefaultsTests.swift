import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import Testing

struct RequestDefaultsTests {
    private static let request = InferenceRequest(model: "m", messages: [Message(.user, "Hi")], dialect: .openAIChat)

    private static func filled(
        _ change: (inout InferenceRequest) -> Void = { _ in }, temperature: Double? = 0.5,
        for provider: ProviderID = "lab",
        _ api: APIKind, thinks: Bool = false
    ) -> SamplingOptions {
        var defaults = RequestDefaults()
        defaults.temperature = temperature
        defaults.topP = 0.9
        defaults.topK = 40
        defaults.maximumOutputTokens = 100
        var request = request
        change(&request)
        return request.filled(
            with: defaults, for: ModelReference(provider: provider, model: "m"), api: api, thinks: thinks
        ).sampling
    }

    private static func options(_ temperature: Double?, _ topP: Double?, _ topK: Int?, _ limit: Int?) -> SamplingOptions
    {
        SamplingOptions(temperature: temperature, topP: topP, topK: topK, maximumOutputTokens: limit)
    }

    /// What each kind of API is told, of a temperature, a top P, a top K and a limit.
    @Test(
        arguments: [
            ("lab", .openAICompletions, true, options(0.5, 0.9, 40, 100)),
            ("openai", .openAICompletions, false, options(0.5, 0.9, nil, 100)),
            ("openai", .openAICompletions, true, options(nil, nil, nil, 100)),
            ("openai", .openAIResponses, false, options(0.5, 0.9, nil, 100)),
            ("lab", .openAIResponses, true, options(nil, nil, nil, 100)),
            ("lab", .openAIChatGPTResponses, false, options(nil, nil, nil, nil)),
            ("lab", .anthropicMessages, true, options(0.5, nil, 40, 100)),
            ("google", .googleGenerativeAI, true, options(0.5, 0.9, 40, 100)),
            ("ollama", .ollama, false, options(0.5, 0.9, 40, 100)),
            ("alula", .alulaEcho, false, options(0.5, 0.9, 40, 100)),
        ] as [(ProviderID, APIKind, Bool, SamplingOptions)])
    func eachKindIsToldWhatItTakes(provider: ProviderID, api: APIKind, thinks: Bool, expected: SamplingOptions) {
        #expect(Self.filled(for: provider, api, thinks: thinks) == expected)
    }

    @Test(arguments: APIKind.known) func whatTheCallerSaidStays(api: APIKind) {
        let said = Self.options(0, 0.1, 1, 7)
        #expect(Self.filled({ $0.sampling = said }, api) == said)
    }

    @Test func anthropicIsToldNothingThatItWouldRefuse() {
        let api = APIKind.anthropicMessages
        #expect(Self.filled(temperature: 1.5, api) == Self.options(nil, 0.9, 40, 100))
        #expect(Self.filled({ $0.sampling.topP = 0.3 }, api) == Self.options(nil, 0.3, 40, 100))
        #expect(Self.filled({ $0.sampling.temperature = 0.3 }, api) == Self.options(0.3, nil, 40, 100))
        #expect(
            Self.filled({ $0.reasoning = ReasoningOptions(effort: "low") }, api) == Self.options(nil, nil, nil, 100))
        #expect(Self.filled({ $0.extras["thinking"] = ["type": "new"] }, api) == Self.options(nil, nil, nil, 100))
    }

    @Test func withoutDefaultsARequestStaysAsItIs() {
        let reference = ModelReference(provider: "lab", model: "m")
        for api in APIKind.known {
            #expect(
                Self.request.filled(with: RequestDefaults(), for: reference, api: api, thinks: false) == Self.request)
        }
    }
}
