package import AlulaInference
import AlulaJSON

/// Writes an answer as the event stream of `POST /v1/chat/completions`.
///
/// It gives one chunk with the role first, one with the reason of the end, at most one with the usage after that, and
/// `[DONE]` last, however the provider ordered its own.
package struct OpenAIChatStreamEncoder: AnswerStreamEncoding {
    private let wantsUsage: Bool
    /// What every chunk begins with, up to its choices.
    private let opening: [UInt8]
    /// What follows what is new in a chunk, in all but the last.
    private let closing: [UInt8]
    private var hasBegun = false
    private var usage: TokenUsage?
    private var finish: FinishReason?
    /// Places of tool calls in this answer, by the provider's indices, which may begin anywhere and have gaps.
    private var callPlaces: [Int: Int] = [:]

    package init(_ labels: AnswerLabels, wantsUsage: Bool) {
        self.wantsUsage = wantsUsage
        opening = Self.opening(labels)
        closing = Self.closing(finish: nil, wantsUsage: wantsUsage)
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
        if wantsUsage { bytes += usageLine() }
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
        let closing = finish.map { Self.closing(finish: $0, wantsUsage: wantsUsage) } ?? closing
        return opening + Array(#"{"index":0,"delta":"#.utf8) + delta.serialized(.compact) + closing
    }

    /// The members that all chunks share are written once for an answer, since there may be a chunk for each word.
    private static func opening(_ labels: AnswerLabels) -> [UInt8] {
        let shared: JSONValue = [
            "id": .string("chatcmpl_\(labels.id)"), "object": "chat.completion.chunk",
            "created": .number(labels.createdSeconds), "model": .string(labels.model),
        ]
        return Array("data: ".utf8) + shared.serialized(.compact).dropLast() + Array(#","choices":["#.utf8)
    }

    private static func closing(finish: FinishReason?, wantsUsage: Bool) -> [UInt8] {
        let reason = finish.map { #""\#($0.openAIWord)""# } ?? "null"
        let usage = wantsUsage ? #","usage":null"# : ""
        return Array(#","logprobs":null,"finish_reason":\#(reason)}]\#(usage)}"#.utf8) + [0x0A, 0x0A]
    }

    /// The chunk with the usage has no choice in it.
    private func usageLine() -> [UInt8] {
        let usage = (usage ?? TokenUsage()).openAIChatPayload
        return opening + Array(#"],"usage":"#.utf8) + usage.serialized(.compact) + Array("}\n\n".utf8)
    }
}
