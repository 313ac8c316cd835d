package import AlulaInference
package import AlulaJSON

/// Reads the body of `POST /v1/responses`.
///
/// The gateway keeps no answers: whoever refers to an earlier one, or wants one to be made later, is refused. `store` is a
/// wish that only a provider of the same dialect is told.
///
/// - SeeAlso: OpenAI API reference, "Create a model response".
package enum OpenAIResponsesRequestDecoder {
    /// - Throws: ``InferenceError/Code/malformedRequest`` and ``InferenceError/Code/unsupportedParameter``, with the
    ///   member that is to blame.
    package static func decode(_ body: JSONValue) throws(InferenceError) -> InferenceRequest {
        guard let object = body.object else {
            throw InferenceError(.malformedRequest, "The body must be a JSON object, not \(body.words).")
        }
        var fields = RequestFields(object)
        let model = try fields.requiredString("model")
        guard !model.allSatisfy(\.isWhitespace) else { throw fields.mistake("model", "must not be empty") }
        try refuseState(&fields)
        let instructions = try fields.string("instructions").flatMap { $0.isEmpty ? nil : $0 }
        let messages = (instructions.map { [Message(.system, $0)] } ?? []) + (try input(&fields))
        var request = InferenceRequest(model: model, messages: messages, dialect: .openAIResponses)
        try tools(&fields, into: &request)
        request.sampling = SamplingOptions(
            temperature: try fields.number("temperature", in: 0...2), topP: try fields.number("top_p", in: 0...1),
            maximumOutputTokens: try fields.integer("max_output_tokens", atLeast: 1).map { Int(clamping: $0) })
        let text = try format(&fields, into: &request)
        let reasoning = try reasoning(&fields, into: &request)
        let extent = try extent(&fields)
        request.isStreamed = try fields.bool("stream") ?? false
        request.wantsUsageInStream = true
        request.user = try fields.string("user")
        request.extras = fields.rest
        request.extras["include"] = extent
        // Where they stood, for a provider of the same dialect: some have no place for them, some no other one.
        request.extras["instructions"] = instructions.map { .string($0) }
        request.extras["text"] = text
        request.extras["reasoning"] = reasoning
        return request
    }

    /// Members that speak of what a server keeps.
    private static func refuseState(_ fields: inout RequestFields) throws(InferenceError) {
        for key in ["previous_response_id", "conversation", "prompt"] where fields.value(key) != nil {
            throw InferenceError(
                .unsupportedParameter,
                "`\(key)` refers to what this gateway does not keep: send the whole conversation as `input`.",
                parameter: key)
        }
        if try fields.bool("background") == true {
            throw InferenceError(
                .unsupportedParameter, "`background` needs answers to be kept, and this gateway keeps none.",
                parameter: "background")
        }
    }

    private static func input(_ fields: inout RequestFields) throws(InferenceError) -> [Message] {
        guard let value = fields.value("input") else { throw fields.mistake("input", "is missing") }
        if let text = value.string { return [Message(.user, text)] }
        guard let list = value.array else {
            throw fields.mistake("input", "must be a string or an array of items, not \(value.words)")
        }
        guard !list.isEmpty else { throw fields.mistake("input", "must not be empty") }
        var items = OpenAIResponsesItemDecoder()
        for (index, value) in list.enumerated() { try items.take(value, at: "input[\(index)]") }
        // Thoughts that nobody can use are nothing.
        guard !items.messages.isEmpty else { throw fields.mistake("input", "must not be empty") }
        return items.messages
    }

    // MARK: Tools

    private static func tools(
        _ fields: inout RequestFields, into request: inout InferenceRequest
    ) throws(InferenceError) {
        for (index, value) in (try fields.array("tools") ?? []).enumerated() {
            let place = "tools[\(index)]"
            var tool = try RequestFields(value, at: place)
            guard try tool.requiredString("type") == "function" else {
                throw InferenceError(
                    .unsupportedParameter, "`\(place).type` is a kind of tool that this gateway can't pass on.",
                    parameter: "\(place).type")
            }
            let name = try tool.requiredString("name")
            guard !name.isEmpty else { throw tool.mistake("name", "must not be empty") }
            let parameters = tool.value("parameters")
            if let parameters, parameters.object == nil {
                throw tool.mistake("parameters", "must be an object, not \(parameters.words)")
            }
            let description = try tool.string("description")
            let isStrict = try tool.bool("strict")
            request.tools.append(
                ToolDefinition(
                    name: name, description: description, parameters: parameters, isStrict: isStrict,
                    extras: tool.rest))
        }
        request.allowsParallelToolCalls = try fields.bool("parallel_tool_calls")
        guard let choice = fields.object["tool_choice"] else { return }
        switch choice.string {
        case "auto": request.toolChoice = .automatic
        case "none": request.toolChoice = ToolChoice.none
        case "required": request.toolChoice = .required
        case .some: throw fields.mistake("tool_choice", "must be auto, none, required or a tool")
        case nil:
            if choice.isNull { break }
            var tool = try RequestFields(choice, at: "tool_choice")
            switch try tool.requiredString("type") {
            case "function": request.toolChoice = .tool(try tool.requiredString("name"))
            // A choice among some of the tools has no word in other dialects.
            case "allowed_tools": return
            default:
                throw InferenceError(
                    .unsupportedParameter,
                    "`tool_choice.type` is a kind of tool that this gateway can't pass on.",
                    parameter: "tool_choice.type")
            }
        }
        fields.skip("tool_choice")
    }

    // MARK: The shape of the answer

    /// - Returns: What else stands beside the format.
    private static func format(
        _ fields: inout RequestFields, into request: inout InferenceRequest
    ) throws(InferenceError) -> JSONValue? {
        guard var text = try fields.fields("text") else { return nil }
        if var format = try text.fields("format") {
            switch try format.requiredString("type") {
            case "text": break
            case "json_object": request.format = .jsonObject
            case "json_schema":
                let schema = try format.requiredFields("schema").object
                request.format = .jsonSchema(
                    ResponseFormat.Schema(
                        name: try format.string("name") ?? "answer", description: try format.string("description"),
                        schema: .object(schema), isStrict: try format.bool("strict")))
            default: throw format.mistake("type", "must be text, json_object or json_schema")
            }
        }
        return text.left
    }

    /// - Returns: What else stands beside the effort.
    private static func reasoning(
        _ fields: inout RequestFields, into request: inout InferenceRequest
    ) throws(InferenceError) -> JSONValue? {
        guard var reasoning = try fields.fields("reasoning") else { return nil }
        let effort = try reasoning.string("effort")
        let summary = try reasoning.string("summary")
        let olderSummary = try reasoning.string("generate_summary")
        if effort != nil || summary != nil || olderSummary != nil {
            request.reasoning = ReasoningOptions(effort: effort, summary: summary ?? olderSummary)
        }
        return reasoning.left
    }

    /// What an answer is to tell beside itself.
    ///
    /// - Returns: What of it a provider of the same dialect is told. Callers get encrypted thoughts in any case.
    private static func extent(_ fields: inout RequestFields) throws(InferenceError) -> JSONValue? {
        var kept: JSONValue?
        for (index, value) in (try fields.array("include") ?? []).enumerated() {
            let place = "include[\(index)]"
            guard let name = value.string else { throw RequestFields.mistake(place, "must be a string") }
            // Most speak of tools that nobody here can ask for.
            if name == "reasoning.encrypted_content" { kept = [.string(name)] }
            guard name != "message.output_text.logprobs" else { throw unknowable(place) }
        }
        if let count = try fields.integer("top_logprobs", atLeast: 0), count > 0 { throw unknowable("top_logprobs") }
        if var options = try fields.fields("stream_options") {
            // Padding of events is the server's to choose.
            _ = try options.bool("include_obfuscation")
        }
        return kept
    }

    private static func unknowable(_ place: String) -> InferenceError {
        InferenceError(
            .unsupportedParameter, "`\(place)` asks for probabilities of tokens, which this gateway can't tell.",
            parameter: place)
    }
}
