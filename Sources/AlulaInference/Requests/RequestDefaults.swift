import AlulaJSON
package import AlulaModels
import AlulaPrimitives

/// What a request says where its caller says nothing.
package struct RequestDefaults: Hashable, Sendable {
    package var temperature: Double?
    package var topP: Double?
    package var topK: Int?
    package var maximumOutputTokens: Int?

    /// Nothing.
    package init() {}
}

extension InferenceRequest {
    /// The request with the defaults that its caller leaves room for.
    ///
    /// What nobody asked for must not make a request fail: what the kind of API has no word for, or is known to refuse, is
    /// left out and not refused.
    ///
    /// - Parameters:
    ///   - model: Who is asked.
    ///   - api: What it speaks.
    ///   - thinks: Whether the model is known to think before it answers.
    package func filled(
        with defaults: RequestDefaults, for model: ModelReference, api: APIKind, thinks: Bool
    ) -> InferenceRequest {
        var request = self
        // ChatGPT's back end takes neither.
        guard api != .openAIChatGPTResponses else { return request }
        request.sampling.maximumOutputTokens = sampling.maximumOutputTokens ?? defaults.maximumOutputTokens
        switch api {
        case .openAIResponses: request.chooseFreely(defaults, isOpenAI: true, thinks: thinks)
        case .anthropicMessages: request.chooseAsAnthropicDoes(defaults)
        default: request.chooseFreely(defaults, isOpenAI: model.provider == "openai", thinks: thinks)
        }
        return request
    }

    /// - Parameter isOpenAI: Whether it is OpenAI's own, whose models refuse these words when they think, and one always.
    private mutating func chooseFreely(_ defaults: RequestDefaults, isOpenAI: Bool, thinks: Bool) {
        if isOpenAI, thinks { return }
        sampling.temperature = sampling.temperature ?? defaults.temperature
        sampling.topP = sampling.topP ?? defaults.topP
        if !isOpenAI { sampling.topK = sampling.topK ?? defaults.topK }
    }

    /// Temperatures end at 1 there, newer models take a temperature or a top P, and who thinks takes none of the three.
    private mutating func chooseAsAnthropicDoes(_ defaults: RequestDefaults) {
        guard reasoning == nil, extras["thinking"] == nil else { return }
        if sampling.topP == nil, let temperature = defaults.temperature, temperature <= 1 {
            sampling.temperature = sampling.temperature ?? temperature
        }
        if sampling.temperature == nil { sampling.topP = sampling.topP ?? defaults.topP }
        sampling.topK = sampling.topK ?? defaults.topK
    }
}
