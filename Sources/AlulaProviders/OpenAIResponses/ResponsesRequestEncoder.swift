import AlulaInference
import AlulaJSON
import AlulaModels

/// Writes requests for `openai-responses`.
///
/// Nothing is kept at the provider unless the caller says so in this dialect: thoughts come back encrypted in its place.
///
/// - SeeAlso: OpenAI API reference, "Create a model response".
struct ResponsesRequestEncoder {
    private static let encryptedThoughts = "reasoning.encrypted_content"

    let model: String
    /// Whether the model is known to think before it answers. Others refuse to be asked about thoughts.
    private let isReasoning: Bool
    private let compatibility: ModelCompatibility

    /// - Parameter isReasoning: Whether a list says that the model thinks.
    init(model: String, isReasoning: Bool, compatibility: ModelCompatibility? = nil) {
        self.model = model
        self.isReasoning = isReasoning || Self.thinks(model)
        self.compatibility = compatibility ?? ModelCompatibility()
    }

    /// - Throws: ``AttemptFailure`` when the request holds what this dialect has no word for.
    func encode(_ request: InferenceRequest) throws(AttemptFailure) -> JSONValue {
        var body = JSONObject()
        // What the caller said in this dialect and nobody here knows, as it was said; what is known comes over it.
        if request.dialect == .openAIResponses { body = request.extras }
        if let member = request.unsayableMember(in: .openAIResponses) { throw .unsayable(member) }
        body["model"] = .string(model)
        let conversation = try ResponsesConversation(
            request, knowsDevelopers: compatibility.supportsDeveloperRole ?? true)
        body["instructions"] = conversation.instructions.map { .string($0) }
        body["input"] = .array(conversation.items)
        try tools(of: request, into: &body)
        try sampling(of: request, into: &body)
        if let format = Self.format(request.format) { body["text"] = Self.adding("format", format, to: body["text"]) }
        thinking(of: request, into: &body)
        body["user"] = request.user.map { .string($0) }
        body["store"] = compatibility.supportsStore == false ? nil : body["store"] ?? false
        if request.isStreamed { body["stream"] = true }
        return .object(body)
    }

    /// An object with one member more.
    private static func adding(_ key: String, _ value: JSONValue, to object: JSONValue?) -> JSONValue {
        var object = object?.object ?? JSONObject()
        object[key] = value
        return .object(object)
    }

    private func tools(of request: InferenceRequest, into body: inout JSONObject) throws(AttemptFailure) {
        let isOwn = request.dialect == .openAIResponses
        if !request.tools.isEmpty {
            guard compatibility.supportsTools != false else { throw .unsayable("tools") }
            body["tools"] = .array(
                request.tools.map { tool in
                    var object = isOwn ? tool.extras : JSONObject()
                    object["type"] = "function"
                    object["name"] = .string(tool.name)
                    object["description"] = tool.description.map { .string($0) }
                    object["parameters"] = schema(tool.parameters)
                    // What nobody says means yes in this dialect, and no in the others.
                    let isStrict = tool.isStrict ?? (isOwn ? nil : false)
                    object["strict"] =
                        compatibility.supportsStrictMode == false ? nil : isStrict.map { .bool($0) }
                    return .object(object)
                })
        }
        switch request.toolChoice {
        case .automatic?: body["tool_choice"] = "auto"
        case ToolChoice.none?: body["tool_choice"] = "none"
        case .required?: body["tool_choice"] = "required"
        case .tool(let name)?: body["tool_choice"] = ["type": "function", "name": .string(name)]
        case nil: break
        }
        body["parallel_tool_calls"] = request.allowsParallelToolCalls.map { .bool($0) }
    }

    /// The schema of a tool's arguments, without the words that the server stumbles over.
    private func schema(_ parameters: JSONValue?) -> JSONValue {
        guard let parameters else { return ["type": "object", "properties": [:]] }
        let words = Set(compatibility.unsupportedSchemaKeywords)
        return words.isEmpty ? parameters : parameters.withoutMembers(words)
    }

    private func sampling(of request: InferenceRequest, into body: inout JSONObject) throws(AttemptFailure) {
        let options = request.sampling
        if options.topK != nil { throw .unsayable("top_k") }
        if let penalty = options.frequencyPenalty, penalty != 0 { throw .unsayable("frequency_penalty") }
        if let penalty = options.presencePenalty, penalty != 0 { throw .unsayable("presence_penalty") }
        if options.seed != nil { throw .unsayable("seed") }
        if !options.stopSequences.isEmpty {
            throw .unsayable(request.dialect == .anthropicMessages ? "stop_sequences" : "stop")
        }
        body["temperature"] = options.temperature.map { .number($0) }
        body["top_p"] = options.topP.map { .number($0) }
        body["max_output_tokens"] = options.maximumOutputTokens.map { .number($0) }
    }

    private static func format(_ format: ResponseFormat) -> JSONValue? {
        switch format {
        case .text: return nil
        case .jsonObject: return ["type": "json_object"]
        case .jsonSchema(let schema):
            var object = JSONObject([("type", "json_schema"), ("name", .string(schema.name))])
            object["description"] = schema.description.map { .string($0) }
            object["schema"] = schema.schema
            object["strict"] = schema.isStrict.map { .bool($0) }
            return .object(object)
        }
    }

    // MARK: Thoughts

    private func thinking(of request: InferenceRequest, into body: inout JSONObject) {
        var reasoning = body["reasoning"]?.object ?? JSONObject()
        if let effort = effort(of: request) { reasoning["effort"] = .string(effort) }
        // Thoughts that a caller does not want to see are not told at all in this dialect.
        if let summary = request.reasoning?.summary, summary != "omitted" { reasoning["summary"] = .string(summary) }
        if !reasoning.isEmpty { body["reasoning"] = .object(reasoning) }
        let effort = reasoning["effort"]?.string
        guard isReasoning || effort.map({ $0 != "none" }) == true, body["store"] != true else { return }
        body["include"] = [.string(Self.encryptedThoughts)]
    }

    /// OpenAI's models think since `o1` and `gpt-5`, but for those that are made for chatting.
    private static func thinks(_ model: String) -> Bool {
        guard let name = model.split(separator: "/").last.map({ $0.lowercased() }), !name.contains("chat") else {
            return false
        }
        if name.first == "o", name.dropFirst().first?.isNumber == true { return true }
        guard name.hasPrefix("gpt-") else { return false }
        return (Int(name.dropFirst("gpt-".count).prefix { $0.isNumber }) ?? 0) >= 5
    }

    private func effort(of request: InferenceRequest) -> String? {
        guard let options = request.reasoning else { return nil }
        let words = ChatQuirks(compatibility: compatibility)
        if let effort = options.effort { return words.effort(effort) }
        // A budget is a wish, which only who thinks can hear.
        guard isReasoning, let budget = options.budgetTokens, budget > 0 else { return nil }
        return words.effort(budget <= 2048 ? "low" : budget <= 8192 ? "medium" : "high")
    }
}
