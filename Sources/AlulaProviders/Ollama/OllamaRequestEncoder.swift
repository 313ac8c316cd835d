import AlulaInference
import AlulaJSON
import AlulaModels

/// Writes requests for `ollama`.
///
/// - SeeAlso: Ollama API reference, "Generate a chat completion".
struct OllamaRequestEncoder {
    let model: String
    /// What is known of the model; `nil` for one that no list has.
    let known: CatalogModel?

    /// - Throws: ``AttemptFailure`` when the request holds what this dialect has no word for.
    func encode(_ request: InferenceRequest) throws(AttemptFailure) -> JSONValue {
        // No caller speaks this dialect.
        if let member = request.unsayableMember(in: nil) { throw .unsayable(member) }
        var body = JSONObject([("model", .string(model))])
        body["messages"] = .array(try OllamaConversation(request).messages)
        try tools(of: request, into: &body)
        switch request.format {
        case .text: break
        case .jsonObject: body["format"] = "json"
        case .jsonSchema(let schema): body["format"] = schema.schema
        }
        let options = options(request.sampling)
        if !options.isEmpty { body["options"] = .object(options) }
        body["think"] = thinking(request.reasoning)
        // Without the word the server streams.
        body["stream"] = .bool(request.isStreamed)
        return .object(body)
    }

    private func tools(of request: InferenceRequest, into body: inout JSONObject) throws(AttemptFailure) {
        guard !request.tools.isEmpty else { return }
        switch request.toolChoice {
        case .automatic?, nil: break
        // A model that knows of no tools calls none.
        case ToolChoice.none?: return
        case .required?, .tool?: throw .unsayable("tool_choice")
        }
        if request.allowsParallelToolCalls == false { throw .unsayable(request.parallelCallsMember) }
        body["tools"] = .array(
            request.tools.map { tool in
                var function = JSONObject([("name", .string(tool.name))])
                function["description"] = tool.description.map { .string($0) }
                function["parameters"] = tool.parameters ?? ["type": "object", "properties": [:]]
                return ["type": "function", "function": .object(function)]
            })
    }

    private func options(_ sampling: SamplingOptions) -> JSONObject {
        var options = JSONObject()
        // The server cuts what its window does not hold, in silence, and has a small one unless it is told.
        if let window = known.map({ $0.contextTokens ?? $0.contextWindow }),
            window != CatalogModel.standardContextWindow
        {
            options["num_ctx"] = .number(window)
        }
        options["num_predict"] = sampling.maximumOutputTokens.map { .number($0) }
        options["temperature"] = sampling.temperature.map { .number($0) }
        options["top_p"] = sampling.topP.map { .number($0) }
        options["top_k"] = sampling.topK.map { .number($0) }
        options["seed"] = sampling.seed.map { .number($0) }
        options["presence_penalty"] = sampling.presencePenalty.map { .number($0) }
        options["frequency_penalty"] = sampling.frequencyPenalty.map { .number($0) }
        if !sampling.stopSequences.isEmpty { options["stop"] = .array(sampling.stopSequences.map { .string($0) }) }
        return options
    }

    /// A wish, which the server refuses for models that do not think; to be kept from it any model can be told.
    private func thinking(_ options: ReasoningOptions?) -> JSONValue? {
        guard let options else { return nil }
        let isOff = options.effort.map { $0 == "none" } ?? (options.budgetTokens.map { $0 <= 0 } ?? false)
        let name = model.split(separator: "/").last.map(String.init) ?? model
        // Its models know words, and can't be kept from thinking.
        if name.hasPrefix("gpt-oss") { return .string(isOff ? "low" : level(options)) }
        if isOff { return false }
        return known?.isReasoning == true ? true : nil
    }

    private func level(_ options: ReasoningOptions) -> String {
        switch options.effort {
        case "minimal", "low": "low"
        case "high", "xhigh", "max": "high"
        default: "medium"
        }
    }
}
