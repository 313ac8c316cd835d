import AlulaInference
import AlulaJSON

/// Writes requests for `google-generative-ai`.
///
/// Schemas go as JSON Schema, which the API takes beside its own older form since Gemini 2.5.
///
/// - SeeAlso: Gemini API reference, "Generating content".
struct GoogleRequestEncoder {
    let model: GoogleModelName

    /// - Throws: ``AttemptFailure`` when the request holds what this dialect has no word for.
    func encode(_ request: InferenceRequest) throws(AttemptFailure) -> JSONValue {
        // No caller speaks this dialect.
        if let member = request.unsayableMember(in: nil) { throw .unsayable(member) }
        let conversation = try GoogleConversation(request, for: model)
        var body = JSONObject()
        body["systemInstruction"] = conversation.instructions
        body["contents"] = .array(conversation.contents)
        try tools(of: request, into: &body)
        let generation = generation(request)
        if !generation.isEmpty { body["generationConfig"] = .object(generation) }
        return .object(body)
    }

    private func tools(of request: InferenceRequest, into body: inout JSONObject) throws(AttemptFailure) {
        guard !request.tools.isEmpty else { return }
        if request.allowsParallelToolCalls == false { throw .unsayable(request.parallelCallsMember) }
        let functions = request.tools.map { tool -> JSONValue in
            var function = JSONObject([("name", .string(tool.name))])
            function["description"] = tool.description.map { .string($0) }
            function["parametersJsonSchema"] = tool.parameters
            return .object(function)
        }
        body["tools"] = [["functionDeclarations": .array(functions)]]
        var calling = JSONObject()
        switch request.toolChoice {
        case ToolChoice.none?: calling["mode"] = "NONE"
        case .required?: calling["mode"] = "ANY"
        case .tool(let name)?:
            calling["mode"] = "ANY"
            calling["allowedFunctionNames"] = [.string(name)]
        case .automatic?, nil:
            // Calls that follow their schemas are what the other modes have anyway.
            if request.tools.contains(where: { $0.isStrict == true }) {
                calling["mode"] = "VALIDATED"
            } else if request.toolChoice != nil {
                calling["mode"] = "AUTO"
            }
        }
        if !calling.isEmpty { body["toolConfig"] = ["functionCallingConfig": .object(calling)] }
    }

    private func generation(_ request: InferenceRequest) -> JSONObject {
        let options = request.sampling
        var generation = JSONObject()
        generation["temperature"] = options.temperature.map { .number($0) }
        generation["topP"] = options.topP.map { .number($0) }
        generation["topK"] = options.topK.map { .number($0) }
        generation["maxOutputTokens"] = options.maximumOutputTokens.map { .number($0) }
        generation["seed"] = options.seed.map { .number($0) }
        // Zero is what the API does anyway, and some models refuse the word.
        if let penalty = options.presencePenalty, penalty != 0 { generation["presencePenalty"] = .number(penalty) }
        if let penalty = options.frequencyPenalty, penalty != 0 { generation["frequencyPenalty"] = .number(penalty) }
        if !options.stopSequences.isEmpty {
            generation["stopSequences"] = .array(options.stopSequences.map { .string($0) })
        }
        switch request.format {
        case .text: break
        case .jsonObject: generation["responseMimeType"] = "application/json"
        case .jsonSchema(let schema):
            generation["responseMimeType"] = "application/json"
            generation["responseJsonSchema"] = schema.schema
        }
        generation["thinkingConfig"] = GoogleThinking(model: model).configuration(request.reasoning)
        return generation
    }
}

extension InferenceRequest {
    /// Where a caller of its dialect says whether several tools may be called in one turn.
    var parallelCallsMember: String {
        switch dialect {
        case .openAIChat, .openAIResponses: "parallel_tool_calls"
        case .anthropicMessages: "tool_choice.disable_parallel_tool_use"
        }
    }
}
