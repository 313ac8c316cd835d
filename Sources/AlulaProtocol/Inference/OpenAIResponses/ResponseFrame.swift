import AlulaInference
import AlulaJSON

/// What stands around the items of an answer: its names, and what was asked.
struct ResponseFrame: Sendable {
    /// How an answer stands, or ended.
    enum State: Sendable {
        case inProgress
        case completed
        /// It ended before its end, for a reason in the dialect's word.
        case incomplete(String)
        case failed(AnswerError)

        /// - Parameter hasRefused: Whether the model said in words that it would not answer, which is an answer.
        init(_ reason: FinishReason, hasRefused: Bool) {
            switch reason {
            case .length: self = .incomplete("max_output_tokens")
            case .contentFilter: self = .incomplete("content_filter")
            case .refusal: self = hasRefused ? .completed : .incomplete("content_filter")
            case .stop, .stopSequence, .toolCalls, .paused, .unknown: self = .completed
            }
        }

        var word: String {
            switch self {
            case .inProgress: "in_progress"
            case .completed: "completed"
            case .incomplete: "incomplete"
            case .failed: "failed"
            }
        }
    }

    private let labels: AnswerLabels
    /// What was asked, as the answer repeats it.
    private let asked: JSONObject

    init(_ labels: AnswerLabels, answering request: InferenceRequest) {
        self.labels = labels
        asked = Self.asked(request)
    }

    func payload(_ state: State, output: [JSONValue], usage: TokenUsage?) -> JSONValue {
        var response = JSONObject([
            ("id", .string("resp_\(labels.id)")), ("object", "response"),
            ("created_at", .number(labels.createdSeconds)),
            ("status", .string(state.word)), ("background", false), ("error", .null), ("incomplete_details", .null),
            ("model", .string(labels.model)), ("output", .array(output)), ("previous_response_id", .null),
        ])
        switch state {
        case .incomplete(let reason): response["incomplete_details"] = ["reason": .string(reason)]
        case .failed(let error):
            response["error"] = ["code": .string(Self.code(error.kind)), "message": .string(error.message)]
        case .inProgress, .completed: break
        }
        for (key, value) in asked { response[key] = value }
        response["usage"] = usage.map(\.openAIResponsesPayload) ?? .null
        return .object(response)
    }

    private static func asked(_ request: InferenceRequest) -> JSONObject {
        let sampling = request.sampling
        var asked = JSONObject()
        asked["instructions"] = request.extras["instructions"] ?? .null
        asked["max_output_tokens"] = sampling.maximumOutputTokens.map { .number($0) } ?? .null
        asked["metadata"] = request.extras["metadata"] ?? [:]
        asked["parallel_tool_calls"] = .bool(request.allowsParallelToolCalls ?? true)
        asked["reasoning"] = [
            "effort": string(request.reasoning?.effort), "summary": string(request.reasoning?.summary),
        ]
        // Whatever was wished for, nothing is kept here.
        asked["store"] = false
        asked["temperature"] = sampling.temperature.map { .number($0) } ?? .null
        var text = request.extras["text"]?.object ?? JSONObject()
        text["format"] = format(request.format)
        asked["text"] = .object(text)
        asked["tool_choice"] = choice(of: request)
        asked["tools"] = .array(request.tools.map { tool($0) })
        asked["top_p"] = sampling.topP.map { .number($0) } ?? .null
        asked["truncation"] = request.extras["truncation"] ?? "disabled"
        asked["user"] = string(request.user)
        return asked
    }

    private static func string(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }

    private static func boolean(_ value: Bool?) -> JSONValue { value.map { .bool($0) } ?? .null }

    private static func choice(of request: InferenceRequest) -> JSONValue {
        switch request.toolChoice {
        case ToolChoice.none?: "none"
        case .required?: "required"
        case .tool(let name)?: ["type": "function", "name": .string(name)]
        case .automatic?: "auto"
        case nil: request.extras["tool_choice"] ?? "auto"
        }
    }

    private static func tool(_ tool: ToolDefinition) -> JSONValue {
        var object = tool.extras
        object["type"] = "function"
        object["name"] = .string(tool.name)
        object["description"] = string(tool.description)
        object["parameters"] = tool.parameters ?? .null
        object["strict"] = boolean(tool.isStrict)
        return .object(object)
    }

    private static func format(_ format: ResponseFormat) -> JSONValue {
        switch format {
        case .text: ["type": "text"]
        case .jsonObject: ["type": "json_object"]
        case .jsonSchema(let schema):
            [
                "type": "json_schema", "name": .string(schema.name),
                "description": string(schema.description), "schema": schema.schema,
                "strict": boolean(schema.isStrict),
            ]
        }
    }

    /// The dialect's codes for answers that fail are few.
    private static func code(_ kind: AnswerError.Kind) -> String {
        switch kind {
        case .rateLimited, .billing: "rate_limit_exceeded"
        case .badRequest, .contextOverflow: "invalid_prompt"
        case .unauthorized, .notPermitted, .modelNotFound, .notFound, .methodNotAllowed, .bodyTooSlow, .tooLarge,
            .wrongMediaType, .overloaded, .timeout, .upstream, .internalError:
            "server_error"
        }
    }
}

extension TokenUsage {
    var openAIResponsesPayload: JSONValue {
        [
            "input_tokens": .number(input),
            "input_tokens_details": ["cached_tokens": .number(cacheRead), "cache_write_tokens": .number(cacheWrite)],
            "output_tokens": .number(output), "output_tokens_details": ["reasoning_tokens": .number(reasoning)],
            "total_tokens": .number(total),
        ]
    }
}
