import AlulaInference
import AlulaJSON
import AlulaModels

/// Writes requests for `anthropic-messages`.
///
/// - SeeAlso: Anthropic API reference, "Create a message".
struct MessagesRequestEncoder {
    /// The longest answer of a model of which nothing is known, in tokens.
    static let standardMaximumOutput = CatalogModel.standardMaximumOutput

    let model: String
    /// The longest answer that the model gives, in tokens; `nil` when nobody knows.
    let maximumOutput: Int?

    /// - Throws: ``AttemptFailure`` when the request holds what this dialect has no word for.
    func encode(_ request: InferenceRequest) throws(AttemptFailure) -> JSONValue {
        var body = JSONObject()
        // What the caller said in this dialect and nobody here knows, as it was said; what is known comes over it.
        if request.dialect == .anthropicMessages { body = request.extras }
        if let member = request.unsayableMember(in: .anthropicMessages) { throw .unsayable(member) }
        body["model"] = .string(model)
        let limit = request.sampling.maximumOutputTokens ?? maximumOutput ?? Self.standardMaximumOutput
        body["max_tokens"] = .number(limit)
        let conversation = try MessagesConversation(request)
        body["system"] = conversation.system
        body["messages"] = .array(conversation.messages)
        tools(of: request, into: &body)
        try sampling(of: request, into: &body)
        try format(request.format, into: &body)
        MessagesThinking(model: model, limit: limit).write(request, into: &body)
        if let user = request.user { body["metadata"] = Self.adding("user_id", .string(user), to: body["metadata"]) }
        if request.isStreamed { body["stream"] = true }
        return .object(body)
    }

    /// The part of a request that its tokens are counted of.
    func encodeForCount(_ request: InferenceRequest) throws(AttemptFailure) -> JSONValue {
        guard case .object(var body) = try encode(request) else { return [:] }
        let kept: Set<String> = [
            "cache_control", "context_management", "mcp_servers", "messages", "model", "output_config", "speed",
            "system", "thinking", "tool_choice", "tools",
        ]
        body.removeAll { !kept.contains($0.key) }
        return .object(body)
    }

    /// An object with one member more.
    static func adding(_ key: String, _ value: JSONValue, to object: JSONValue?) -> JSONValue {
        var object = object?.object ?? JSONObject()
        object[key] = value
        return .object(object)
    }

    private func tools(of request: InferenceRequest, into body: inout JSONObject) {
        guard !request.tools.isEmpty else { return }
        body["tools"] = .array(
            request.tools.map { tool in
                var object = request.dialect == .anthropicMessages ? tool.extras : JSONObject()
                object["name"] = .string(tool.name)
                object["description"] = tool.description.map { .string($0) }
                object["input_schema"] = Self.schema(tool.parameters)
                object["strict"] = tool.isStrict.map { .bool($0) }
                return .object(object)
            })
        var choice = JSONObject()
        switch request.toolChoice {
        case ToolChoice.none?:
            body["tool_choice"] = ["type": "none"]
            return
        case .required?: choice["type"] = "any"
        case .tool(let name)?:
            choice["type"] = "tool"
            choice["name"] = .string(name)
        case .automatic?: choice["type"] = "auto"
        case nil: if request.allowsParallelToolCalls != nil { choice["type"] = "auto" }
        }
        choice["disable_parallel_tool_use"] = request.allowsParallelToolCalls.map { .bool(!$0) }
        if !choice.isEmpty { body["tool_choice"] = .object(choice) }
    }

    /// The API wants an object's schema, and one for tools without arguments too.
    private static func schema(_ parameters: JSONValue?) -> JSONValue {
        guard let parameters, parameters.object?["type"] == nil else { return parameters ?? ["type": "object"] }
        return adding("type", "object", to: parameters)
    }

    private func sampling(of request: InferenceRequest, into body: inout JSONObject) throws(AttemptFailure) {
        let options = request.sampling
        if let temperature = options.temperature, temperature > 1 { throw .unsayable("temperature") }
        if let penalty = options.frequencyPenalty, penalty != 0 { throw .unsayable("frequency_penalty") }
        if let penalty = options.presencePenalty, penalty != 0 { throw .unsayable("presence_penalty") }
        if options.seed != nil { throw .unsayable("seed") }
        body["temperature"] = options.temperature.map { .number($0) }
        body["top_p"] = options.topP.map { .number($0) }
        body["top_k"] = options.topK.map { .number($0) }
        if !options.stopSequences.isEmpty {
            body["stop_sequences"] = .array(options.stopSequences.map { .string($0) })
        }
    }

    private func format(_ format: ResponseFormat, into body: inout JSONObject) throws(AttemptFailure) {
        switch format {
        case .text: break
        // The dialect knows schemas only, and no schema says "any object" in it.
        case .jsonObject: throw .unsayable("response_format")
        case .jsonSchema(let schema):
            body["output_config"] = Self.adding(
                "format", ["type": "json_schema", "schema": schema.schema], to: body["output_config"])
        }
    }
}
