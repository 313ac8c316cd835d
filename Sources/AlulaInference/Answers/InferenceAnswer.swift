/// A whole answer of a model.
package struct InferenceAnswer: Hashable, Sendable {
    package var head: AnswerHead
    /// ``Message/Part/text(_:)``, ``Message/Part/reasoning(_:)``, ``Message/Part/refusal(_:)`` and
    /// ``Message/Part/toolCall(_:)``, in the order in which they began.
    package var parts: [Message.Part]
    package var finish: FinishReason
    /// `nil` when the provider does not count.
    package var usage: TokenUsage?

    package init(
        head: AnswerHead = AnswerHead(), parts: [Message.Part], finish: FinishReason, usage: TokenUsage? = nil
    ) {
        self.head = head
        self.parts = parts
        self.finish = finish
        self.usage = usage
    }

    /// The text parts in one.
    package var text: String { parts.compactMap(\.text).joined() }

    package var toolCalls: [Message.ToolCall] { parts.compactMap(\.toolCall) }

    /// The same answer piece by piece.
    package var events: [InferenceEvent] {
        var events: [InferenceEvent] = [.started(head)]
        var calls = 0
        for part in parts {
            switch part {
            case .text(let text): events.append(.text(text))
            case .refusal(let text): events.append(.refusal(text))
            case .reasoning(let reasoning):
                if !reasoning.text.isEmpty { events.append(.reasoning(reasoning.text)) }
                if let signature = reasoning.signature { events.append(.reasoningSignature(signature)) }
                if let encrypted = reasoning.encrypted { events.append(.encryptedReasoning(encrypted)) }
            case .toolCall(let call):
                events.append(.toolCallStarted(index: calls, id: call.id, name: call.name))
                if !call.arguments.isEmpty { events.append(.toolCallArguments(index: calls, call.arguments)) }
                calls += 1
            case .image, .audio, .file, .toolResult, .cachePoint, .native: break
            }
        }
        if let usage { events.append(.usage(usage)) }
        return events + [.finished(finish)]
    }
}
