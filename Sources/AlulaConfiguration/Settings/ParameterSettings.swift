package import AlulaJSON

/// `params`: what requests to a model say where their callers say nothing. Everything takes effect with the next request.
///
/// The object is open: what has no field here belongs to other parts of OpenClaw and is kept as it is.
package struct ParameterSettings: Hashable, Sendable {
    /// `temperature`, from 0 to 2.
    package var temperature: Double?
    /// `topP`, from 0 to 1.
    package var topP: Double?
    /// `topK`, from 1 on.
    package var topK: Int?
    /// `maxTokens`: most tokens an answer may have.
    package var maximumTokens: Int?
    /// `extra_body` or `extraBody`: further members of bodies of `openai-completions`. They may hold secrets.
    package var body: JSONObject?
    /// `chat_template_kwargs`: what such bodies tell the server's chat template.
    package var templateArguments: JSONObject?
    /// `provider`: which providers OpenRouter may choose.
    package var routing: JSONObject?

    /// Says nothing.
    package init() {}

    /// Whether nothing is said that has an effect here.
    package var isEmpty: Bool { self == ParameterSettings() }

    /// These, and what `earlier` says of all that these leave open.
    package func laid(over earlier: ParameterSettings) -> ParameterSettings {
        var laid = self
        laid.temperature = temperature ?? earlier.temperature
        laid.topP = topP ?? earlier.topP
        laid.topK = topK ?? earlier.topK
        laid.maximumTokens = maximumTokens ?? earlier.maximumTokens
        laid.body = body ?? earlier.body
        laid.templateArguments = templateArguments ?? earlier.templateArguments
        laid.routing = routing ?? earlier.routing
        return laid
    }
}
