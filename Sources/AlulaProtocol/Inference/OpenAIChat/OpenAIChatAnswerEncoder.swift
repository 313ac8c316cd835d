package import AlulaInference
package import AlulaJSON

/// Writes answers as `POST /v1/chat/completions` gives them, in one piece.
package enum OpenAIChatAnswerEncoder {
    package static func encode(_ answer: InferenceAnswer, _ labels: AnswerLabels) -> JSONValue {
        var message = JSONObject([("role", "assistant")])
        let refusal = answer.parts.compactMap { if case .refusal(let text) = $0 { text } else { nil } }.joined()
        let thoughts = answer.parts.compactMap { if case .reasoning(let part) = $0 { part.text } else { nil } }.joined()
        let calls = answer.toolCalls
        message["content"] = answer.text.isEmpty && (!calls.isEmpty || !refusal.isEmpty) ? .null : .string(answer.text)
        message["refusal"] = refusal.isEmpty ? .null : .string(refusal)
        if !thoughts.isEmpty { message["reasoning_content"] = .string(thoughts) }
        if !calls.isEmpty {
            message["tool_calls"] = .array(
                calls.map { call in
                    [
                        "id": .string(call.id), "type": "function",
                        "function": ["name": .string(call.name), "arguments": .string(call.arguments)],
                    ]
                })
        }
        return [
            "id": .string("chatcmpl_\(labels.id)"), "object": "chat.completion",
            "created": .number(labels.createdSeconds), "model": .string(labels.model),
            "choices": [
                [
                    "index": 0, "message": .object(message), "logprobs": .null,
                    "finish_reason": .string(answer.finish.openAIWord),
                ]
            ],
            "usage": (answer.usage ?? TokenUsage()).openAIChatPayload,
        ]
    }
}

extension FinishReason {
    /// `finish_reason`, whose words are few.
    var openAIWord: String {
        switch self {
        case .stop, .stopSequence, .paused, .unknown: "stop"
        case .length: "length"
        case .toolCalls: "tool_calls"
        case .contentFilter, .refusal: "content_filter"
        }
    }
}

extension TokenUsage {
    var openAIChatPayload: JSONValue {
        [
            "prompt_tokens": .number(input), "completion_tokens": .number(output), "total_tokens": .number(total),
            "prompt_tokens_details": ["cached_tokens": .number(cacheRead)],
            "completion_tokens_details": ["reasoning_tokens": .number(reasoning)],
        ]
    }
}
