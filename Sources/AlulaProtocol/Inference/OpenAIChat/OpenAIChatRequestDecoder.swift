package import AlulaInference
package import AlulaJSON

/// Reads the body of `POST /v1/chat/completions`.
///
/// - SeeAlso: OpenAI API reference, "Create chat completion".
package struct OpenAIChatRequestDecoder {
    /// How many stop sequences a request may name.
    static let maximumStopSequences = 16

    /// - Throws: ``InferenceError/Code/malformedRequest`` with the member that is wrong.
    package static func decode(_ body: JSONValue) throws(InferenceError) -> InferenceRequest {
        guard let object = body.object else {
            throw InferenceError(.malformedRequest, "The body must be a JSON object, not \(body.words).")
        }
        var fields = RequestFields(object)
        let model = try fields.requiredString("model")
        guard !model.allSatisfy(\.isWhitespace) else { throw fields.mistake("model", "must not be empty") }
        let list = try fields.requiredArray("messages")
        guard !list.isEmpty else { throw fields.mistake("messages", "must not be empty") }
        var messages: [Message] = []
        for (index, value) in list.enumerated() {
            messages.append(try OpenAIChatMessageDecoder.decode(value, at: "messages[\(index)]"))
        }
        var request = InferenceRequest(model: model, messages: messages, dialect: .openAIChat)
        try tools(&fields, into: &request)
        request.sampling = try sampling(&fields)
        request.format = try format(&fields)
        request.reasoning = try fields.string("reasoning_effort").map { ReasoningOptions(effort: $0) }
        request.isStreamed = try fields.bool("stream") ?? false
        if var options = try fields.fields("stream_options") {
            request.wantsUsageInStream = try options.bool("include_usage") ?? false
        }
        request.user = try fields.string("user")
        request.extras = fields.rest
        return request
    }

    private static func tools(
        _ fields: inout RequestFields, into request: inout InferenceRequest
    ) throws(InferenceError) {
        for (index, value) in (try fields.array("tools") ?? []).enumerated() {
            let place = "tools[\(index)]"
            var tool = try RequestFields(value, at: place)
            let type = try tool.string("type") ?? "function"
            guard type == "function" else {
                throw InferenceError(
                    .unsupportedParameter, "`\(place).type` is a kind of tool that this gateway can't pass on.",
                    parameter: "\(place).type")
            }
            let function = try tool.requiredFields("function")
            request.tools.append(try Self.tool(function))
        }
        // The names of an older version of the dialect.
        for (index, value) in (try fields.array("functions") ?? []).enumerated() {
            request.tools.append(try tool(try RequestFields(value, at: "functions[\(index)]")))
        }
        let choice = try choice(&fields, "tool_choice", nestsName: true)
        let olderChoice = try Self.choice(&fields, "function_call", nestsName: false)
        request.toolChoice = choice ?? olderChoice
        request.allowsParallelToolCalls = try fields.bool("parallel_tool_calls")
    }

    private static func tool(_ function: RequestFields) throws(InferenceError) -> ToolDefinition {
        var function = function
        let name = try function.requiredString("name")
        guard !name.isEmpty else { throw function.mistake("name", "must not be empty") }
        let parameters = function.value("parameters")
        if let parameters, parameters.object == nil {
            throw function.mistake("parameters", "must be an object, not \(parameters.words)")
        }
        return ToolDefinition(
            name: name, description: try function.string("description"), parameters: parameters,
            isStrict: try function.bool("strict"))
    }

    /// - Parameter nestsName: Whether the name of a tool stands in a `function` of its own.
    private static func choice(
        _ fields: inout RequestFields, _ key: String, nestsName: Bool
    ) throws(InferenceError) -> ToolChoice? {
        guard let value = fields.value(key) else { return nil }
        switch value.string {
        case "auto": return .automatic
        case "none": return ToolChoice.none
        case "required", "any": return .required
        case .some: throw fields.mistake(key, "must be auto, none, required or a tool")
        case nil: break
        }
        var choice = try RequestFields(value, at: fields.place(of: key))
        if nestsName {
            choice = try choice.requiredFields("function")
        }
        return .tool(try choice.requiredString("name"))
    }

    private static func sampling(_ fields: inout RequestFields) throws(InferenceError) -> SamplingOptions {
        let longest = try fields.integer("max_completion_tokens", atLeast: 1)
        let longestOlder = try fields.integer("max_tokens", atLeast: 1)
        let stops = try fields.strings("stop") ?? []
        guard stops.count <= maximumStopSequences else {
            throw fields.mistake("stop", "may name at most \(maximumStopSequences) texts")
        }
        return SamplingOptions(
            temperature: try fields.number("temperature", in: 0...2), topP: try fields.number("top_p", in: 0...1),
            topK: try fields.integer("top_k", atLeast: 0).map { Int($0) },
            frequencyPenalty: try fields.number("frequency_penalty", in: -2...2),
            presencePenalty: try fields.number("presence_penalty", in: -2...2), seed: try fields.integer("seed"),
            stopSequences: stops, maximumOutputTokens: (longest ?? longestOlder).map { Int($0) },
            choiceCount: try fields.integer("n", atLeast: 1).map { Int($0) })
    }

    private static func format(_ fields: inout RequestFields) throws(InferenceError) -> ResponseFormat {
        guard var format = try fields.fields("response_format") else { return .text }
        switch try format.string("type") {
        case "text", nil: return .text
        case "json_object": return .jsonObject
        case "json_schema":
            var schema = try format.requiredFields("json_schema")
            return .jsonSchema(
                ResponseFormat.Schema(
                    name: try schema.string("name") ?? "answer", description: try schema.string("description"),
                    schema: schema.value("schema") ?? ["type": "object"], isStrict: try schema.bool("strict")))
        case .some: throw format.mistake("type", "must be text, json_object or json_schema")
        }
    }
}
