package import AlulaInference
package import AlulaJSON

/// Reads the bodies of `POST /v1/messages` and `POST /v1/messages/count_tokens`.
///
/// - SeeAlso: Anthropic API reference, "Create a message".
package enum AnthropicRequestDecoder {
    /// How many stop sequences a request may name.
    static let maximumStopSequences = 64

    /// - Parameter isCounted: Whether nothing but the number of tokens is wanted: then nobody says how many more may come.
    /// - Throws: ``InferenceError/Code/malformedRequest`` and ``InferenceError/Code/unsupportedParameter``, with the
    ///   member that is to blame.
    package static func decode(
        _ body: JSONValue, isCounted: Bool = false
    ) throws(InferenceError) -> InferenceRequest {
        guard let object = body.object else {
            throw InferenceError(.malformedRequest, "The body must be a JSON object, not \(body.words).")
        }
        var fields = RequestFields(object)
        let model = try fields.requiredString("model")
        guard !model.allSatisfy(\.isWhitespace) else { throw fields.mistake("model", "must not be empty") }
        let list = try fields.requiredArray("messages")
        guard !list.isEmpty else { throw fields.mistake("messages", "must not be empty") }
        var messages: [Message] = []
        if let instructions = fields.value("system") {
            messages.append(Message(.system, try AnthropicContentDecoder.texts(instructions, at: "system")))
        }
        for (index, value) in list.enumerated() {
            messages += try message(value, at: "messages[\(index)]")
        }
        var request = InferenceRequest(model: model, messages: messages, dialect: .anthropicMessages)
        let limit = try fields.integer("max_tokens", atLeast: 1)
        if limit == nil, !isCounted { throw fields.mistake("max_tokens", "is missing") }
        try tools(&fields, into: &request)
        request.sampling = try sampling(&fields)
        request.sampling.maximumOutputTokens = limit.map { Int($0) }
        try thinking(&fields, into: &request)
        try format(&fields, into: &request)
        request.isStreamed = try fields.bool("stream") ?? false
        request.wantsUsageInStream = true
        var extras = JSONObject()
        if var metadata = try fields.fields("metadata") {
            request.user = try metadata.string("user_id")
            extras["metadata"] = metadata.left
        }
        for (key, value) in fields.rest { extras[key] = value }
        if let left = request.extras["thinking"] { extras["thinking"] = left }
        if let left = request.extras["output_config"] { extras["output_config"] = left }
        request.extras = extras
        return request
    }

    /// One element of `messages`. Results of tools come as messages of their own.
    private static func message(_ value: JSONValue, at path: String) throws(InferenceError) -> [Message] {
        var fields = try RequestFields(value, at: path)
        let role = try fields.requiredString("role")
        guard let content = fields.value("content") else { throw fields.mistake("content", "is missing") }
        let place = fields.place(of: "content")
        switch role {
        case "system": return [Message(.system, try AnthropicContentDecoder.texts(content, at: place))]
        case "user": return try AnthropicContentDecoder.question(content, at: place)
        case "assistant": return [Message(.assistant, try AnthropicContentDecoder.answer(content, at: place))]
        default: throw fields.mistake("role", "must be user, assistant or system")
        }
    }

    private static func tools(
        _ fields: inout RequestFields, into request: inout InferenceRequest
    ) throws(InferenceError) {
        for (index, value) in (try fields.array("tools") ?? []).enumerated() {
            let place = "tools[\(index)]"
            var tool = try RequestFields(value, at: place)
            if let type = try tool.string("type"), type != "custom" {
                throw InferenceError(
                    .unsupportedParameter, "`\(place).type` is a kind of tool that this gateway can't pass on.",
                    parameter: "\(place).type")
            }
            let name = try tool.requiredString("name")
            guard !name.isEmpty else { throw tool.mistake("name", "must not be empty") }
            let schema = try tool.requiredFields("input_schema").object
            let description = try tool.string("description")
            let isStrict = try tool.bool("strict")
            request.tools.append(
                ToolDefinition(
                    name: name, description: description, parameters: .object(schema), isStrict: isStrict,
                    extras: tool.rest))
        }
        guard var choice = try fields.fields("tool_choice") else { return }
        switch try choice.requiredString("type") {
        case "auto": request.toolChoice = .automatic
        case "any": request.toolChoice = .required
        case "none": request.toolChoice = ToolChoice.none
        case "tool": request.toolChoice = .tool(try choice.requiredString("name"))
        default: throw choice.mistake("type", "must be auto, any, tool or none")
        }
        request.allowsParallelToolCalls = try choice.bool("disable_parallel_tool_use").map { !$0 }
    }

    private static func sampling(_ fields: inout RequestFields) throws(InferenceError) -> SamplingOptions {
        var stops: [String] = []
        for (index, value) in (try fields.array("stop_sequences") ?? []).enumerated() {
            guard let stop = value.string else {
                throw fields.mistake("stop_sequences[\(index)]", "must be a string, not \(value.words)")
            }
            stops.append(stop)
        }
        guard stops.count <= maximumStopSequences else {
            throw fields.mistake("stop_sequences", "may name at most \(maximumStopSequences) texts")
        }
        return SamplingOptions(
            temperature: try fields.number("temperature", in: 0...1), topP: try fields.number("top_p", in: 0...1),
            topK: try fields.integer("top_k", atLeast: 0).map { Int($0) }, stopSequences: stops)
    }

    private static func thinking(
        _ fields: inout RequestFields, into request: inout InferenceRequest
    ) throws(InferenceError) {
        guard var thinking = try fields.fields("thinking") else { return }
        var options = ReasoningOptions()
        switch try thinking.requiredString("type") {
        case "enabled":
            guard let budget = try thinking.integer("budget_tokens", atLeast: 1) else {
                throw thinking.mistake("budget_tokens", "is missing")
            }
            options.budgetTokens = Int(budget)
        case "adaptive": options.isAdaptive = true
        case "disabled": options.budgetTokens = 0
        // A kind that only this dialect has.
        default:
            request.extras["thinking"] = .object(thinking.object)
            return
        }
        switch try thinking.string("display") {
        case "omitted": options.summary = "omitted"
        case "summarized": options.summary = "auto"
        case nil: break
        case .some: throw thinking.mistake("display", "must be summarized or omitted")
        }
        if let left = thinking.left {
            request.extras["thinking"] = left
        }
        request.reasoning = options
    }

    /// The wanted format, under its name and under the one that it had first, and the effort, which stands beside it.
    private static func format(
        _ fields: inout RequestFields, into request: inout InferenceRequest
    ) throws(InferenceError) {
        if let format = try fields.fields("output_format") { request.format = try Self.format(format) }
        guard var config = try fields.fields("output_config") else { return }
        if let format = try config.fields("format") { request.format = try Self.format(format) }
        if let effort = try config.string("effort") {
            request.reasoning = request.reasoning ?? ReasoningOptions()
            request.reasoning?.effort = effort
        }
        request.extras["output_config"] = config.left
    }

    private static func format(_ format: RequestFields) throws(InferenceError) -> ResponseFormat {
        var format = format
        guard try format.requiredString("type") == "json_schema" else {
            throw format.mistake("type", "must be json_schema")
        }
        let schema = try format.requiredFields("schema").object
        return .jsonSchema(ResponseFormat.Schema(name: "answer", schema: .object(schema), isStrict: true))
    }
}

extension RequestFields {
    /// Members that nobody asked for, or `nil` where there are none.
    var left: JSONValue? { rest.isEmpty ? nil : .object(rest) }
}
