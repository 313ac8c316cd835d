package import AlulaInference
import AlulaJSON

/// Writes an answer as the event stream of `POST /v1/chat/completions`.
///
/// It gives one chunk with the role first, one with the reason of the end, at most one with the usage after that, and
/// `[DONE]` last, however the provider ordered its own.
package struct OpenAIChatStreamEncoder: AnswerStreamEncoding {
    private let labels: AnswerLabels
    private let wantsUsage: Bool
    private var hasBegun = false
    private var usage: TokenUsage?
    private var finish: FinishReason?
    /// Places of tool calls in this answer, by the provider's indices, which may begin anywhere and have gaps.
    private var callPlaces: [Int: Int] = [:]

    package init(_ labels: AnswerLabels, wantsUsage: Bool) {
        self.labels = labels
        self.wantsUsage = wantsUsage
    }

    package mutating func encode(_ event: InferenceEvent) -> [UInt8] {
        switch event {
        case .started: return begin()
        case .text(let text): return text.isEmpty ? [] : begin() + chunk(["content": .string(text)])
        case .reasoning(let text):
            return text.isEmpty ? [] : begin() + chunk(["reasoning_content": .string(text)])
        case .refusal(let text): return text.isEmpty ? [] : begin() + chunk(["refusal": .string(text)])
        // The dialect has no place for them.
        case .reasoningSignature, .encryptedReasoning: return []
        case .toolCallStarted(let index, let id, let name):
            let place = callPlaces.count
            callPlaces[index] = place
            return begin()
                + call([
                    "index": .number(place), "id": .string(id), "type": "function",
                    "function": ["name": .string(name), "arguments": ""],
                ])
        case .toolCallArguments(let index, let text):
            guard !text.isEmpty, let place = callPlaces[index] else { return [] }
            return begin() + call(["index": .number(place), "function": ["arguments": .string(text)]])
        case .usage(let usage):
            self.usage = usage
            return []
        case .finished(let reason):
            finish = reason
            return []
        }
    }

    package mutating func end() -> [UInt8] {
        var bytes = begin()
        bytes += chunk([:], finish: finish ?? .stop)
        if wantsUsage { bytes += line(choices: [], usage: (usage ?? TokenUsage()).openAIChatPayload) }
        return bytes + Array("data: [DONE]\n\n".utf8)
    }

    package mutating func fail(_ error: AnswerError) -> [UInt8] {
        ServerSentEvent.encode(data: error.openAIPayload)
    }

    /// The chunk that names the speaker, before anything else.
    private mutating func begin() -> [UInt8] {
        guard !hasBegun else { return [] }
        hasBegun = true
        return chunk(["role": "assistant", "content": ""])
    }

    private func call(_ call: JSONValue) -> [UInt8] { chunk(["tool_calls": [call]]) }

    private func chunk(_ delta: JSONValue, finish: FinishReason? = nil) -> [UInt8] {
        line(
            choices: [
                [
                    "index": 0, "delta": delta, "logprobs": .null,
                    "finish_reason": finish.map { .string($0.openAIWord) } ?? .null,
                ]
            ], usage: wantsUsage ? .null : nil)
    }

    private func line(choices: JSONValue, usage: JSONValue?) -> [UInt8] {
        var object = JSONObject([
            ("id", .string("chatcmpl_\(labels.id)")), ("object", "chat.completion.chunk"),
            ("created", .number(labels.createdSeconds)), ("model", .string(labels.model)), ("choices", choices),
        ])
        object["usage"] = usage
        return ServerSentEvent.encode(data: .object(object))
    }
}
