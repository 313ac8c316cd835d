package import AlulaInference
package import AlulaJSON

/// Writes answers as `POST /v1/messages` gives them, in one piece.
package enum AnthropicAnswerEncoder {
    /// - Throws: ``InferenceError/Code/malformedStream`` when the arguments of a call are no JSON object, which is what
    ///   the dialect has for them.
    package static func encode(_ answer: InferenceAnswer, _ labels: AnswerLabels) throws(InferenceError) -> JSONValue {
        var blocks: [JSONValue] = []
        for part in answer.parts {
            switch part {
            case .text(let text), .refusal(let text): blocks.append(["type": "text", "text": .string(text)])
            case .reasoning(let reasoning): blocks += Self.blocks(of: reasoning)
            case .toolCall(let call):
                blocks.append([
                    "type": "tool_use", "id": .string(call.id), "name": .string(call.name),
                    "input": try input(of: call, isCut: answer.finish == .length),
                ])
            case .image, .audio, .file, .toolResult, .cachePoint, .native: break
            }
        }
        let refusal = answer.refusal
        var message = message(labels, content: blocks, usage: answer.usage ?? TokenUsage())
        let end = AnthropicEnd(answer.finish, refusal: refusal)
        for (key, value) in end.members { message[key] = value }
        return .object(message)
    }

    /// What stands around an answer, at its beginning too.
    static func message(_ labels: AnswerLabels, content: [JSONValue], usage: TokenUsage) -> JSONObject {
        JSONObject([
            ("id", .string("msg_\(labels.id)")), ("type", "message"), ("role", "assistant"),
            ("model", .string(labels.model)), ("content", .array(content)), ("stop_reason", .null),
            ("stop_sequence", .null), ("usage", usage.anthropicPayload),
        ])
    }

    private static func blocks(of reasoning: Message.Reasoning) -> [JSONValue] {
        var blocks: [JSONValue] = []
        if !reasoning.text.isEmpty || reasoning.signature != nil {
            blocks.append([
                "type": "thinking", "thinking": .string(reasoning.text),
                "signature": .string(reasoning.signature ?? ""),
            ])
        }
        if let data = reasoning.encrypted { blocks.append(["type": "redacted_thinking", "data": .string(data)]) }
        return blocks
    }

    /// - Parameter isCut: Whether the limit of tokens ended the answer: then nobody can carry out the last call anyway.
    private static func input(of call: Message.ToolCall, isCut: Bool) throws(InferenceError) -> JSONValue {
        if call.arguments.allSatisfy(\.isWhitespace) { return [:] }
        do throws(JSONError) {
            let value = try JSONValue.parse(call.arguments)
            if value.object != nil { return value }
        } catch {
            // Where the text is wrong helps nobody: no caller can say it again.
        }
        if isCut { return [:] }
        throw InferenceError(.malformedStream, "The model called a tool with arguments that are no JSON object.")
    }
}

/// How an answer in Anthropic's dialect says why it ended.
struct AnthropicEnd {
    /// `stop_reason`, `stop_sequence`, and `stop_details` where there are any.
    let members: JSONObject

    /// - Parameter refusal: What the model said in place of an answer; empty when it did not refuse.
    init(_ reason: FinishReason, refusal: String) {
        var members = JSONObject()
        let isRefused = reason == .refusal || reason == .contentFilter || (reason == .stop && !refusal.isEmpty)
        members["stop_reason"] = .string(isRefused ? "refusal" : reason.anthropicWord)
        if case .stopSequence(let sequence?) = reason { members["stop_sequence"] = .string(sequence) }
        if members["stop_sequence"] == nil { members["stop_sequence"] = .null }
        if isRefused, !refusal.isEmpty {
            members["stop_details"] = ["type": "refusal", "category": .null, "explanation": .string(refusal)]
        }
        self.members = members
    }
}

extension InferenceAnswer {
    /// What the model said in place of an answer.
    fileprivate var refusal: String {
        parts.compactMap { if case .refusal(let text) = $0 { text } else { nil } }.joined()
    }
}

extension FinishReason {
    /// `stop_reason`, whose words are few.
    fileprivate var anthropicWord: String {
        switch self {
        case .stop, .unknown: "end_turn"
        case .stopSequence: "stop_sequence"
        case .length: "max_tokens"
        case .toolCalls: "tool_use"
        case .contentFilter, .refusal: "refusal"
        case .paused: "pause_turn"
        }
    }
}

extension TokenUsage {
    /// Anthropic counts what came from a cache, and what went there, beside the rest.
    var anthropicPayload: JSONValue {
        var payload = JSONObject([
            ("input_tokens", .number(max(0, input &- cacheRead &- cacheWrite))),
            ("cache_creation_input_tokens", .number(cacheWrite)), ("cache_read_input_tokens", .number(cacheRead)),
            ("output_tokens", .number(output)),
        ])
        if reasoning > 0 { payload["output_tokens_details"] = ["thinking_tokens": .number(reasoning)] }
        return .object(payload)
    }
}
