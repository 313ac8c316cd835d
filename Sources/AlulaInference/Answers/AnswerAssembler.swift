/// Puts a streamed answer together, in time that grows with its length.
package struct AnswerAssembler: Sendable {
    /// The longest answer that is put together, in bytes of UTF-8.
    package static let maximumBytes = 64 << 20

    private var head = AnswerHead()
    /// Parts that have begun, the open text left out.
    private var parts: [Message.Part] = []
    /// The text that still grows.
    private var open: OpenText?
    /// Where the call of an index is in ``parts``.
    private var callPlaces: [Int: Int] = [:]
    /// Arguments so far, by place in ``parts``.
    private var arguments: [Int: String] = [:]
    private var usage: TokenUsage?
    private var finish: FinishReason?
    private var bytes = 0

    package init() {}

    /// Takes the next piece.
    ///
    /// - Throws: ``InferenceError/Code/malformedStream`` when arguments come for a call that never began, or the answer
    ///   outgrows ``maximumBytes``.
    package mutating func take(_ event: InferenceEvent) throws(InferenceError) {
        switch event {
        case .started(let head): self.head = head
        case .text(let text): append(text, to: .text)
        case .reasoning(let text): append(text, to: .reasoning)
        case .refusal(let text): append(text, to: .refusal)
        case .reasoningSignature(let signature): sign(signature)
        case .encryptedReasoning(let text):
            close()
            bytes += text.utf8.count
            parts.append(.reasoning(Message.Reasoning(encrypted: text)))
        case .toolCallStarted(let index, let id, let name):
            close()
            callPlaces[index] = parts.count
            parts.append(.toolCall(Message.ToolCall(id: id, name: name, arguments: "")))
        case .toolCallArguments(let index, let text):
            guard let place = callPlaces[index] else {
                throw InferenceError(.malformedStream, "The answer holds arguments of a tool call that never began.")
            }
            bytes += text.utf8.count
            arguments[place, default: ""] += text
        case .usage(let usage): self.usage = usage
        case .finished(let reason): finish = reason
        }
        guard bytes <= Self.maximumBytes else {
            throw InferenceError(.malformedStream, "The answer is longer than the gateway holds.")
        }
    }

    /// The answer.
    ///
    /// - Throws: ``InferenceError/Code/incompleteAnswer`` when the stream broke off before it said why it ended.
    package func answer() throws(InferenceError) -> InferenceAnswer {
        guard let finish else {
            throw InferenceError(.incompleteAnswer, "The provider broke the answer off before its end.")
        }
        var whole = parts
        for (place, text) in arguments {
            guard case .toolCall(var call) = whole[place] else { continue }
            call.arguments = text
            whole[place] = .toolCall(call)
        }
        if let open { whole.append(open.part) }
        return InferenceAnswer(head: head, parts: whole, finish: finish, usage: usage)
    }

    private mutating func append(_ text: String, to kind: OpenText.Kind) {
        guard !text.isEmpty else { return }
        bytes += text.utf8.count
        if open?.kind != kind {
            close()
            open = OpenText(kind: kind)
        }
        open?.text += text
    }

    /// Ends the text that still grows.
    private mutating func close() {
        if let open { parts.append(open.part) }
        open = nil
    }

    /// Ends the thoughts that still grow with the provider's proof; thoughts without text have one too. A proof that
    /// comes in pieces is one.
    private mutating func sign(_ signature: String) {
        bytes += signature.utf8.count
        if open?.kind == .reasoning { close() }
        if open == nil, case .reasoning(var reasoning)? = parts.last, reasoning.encrypted == nil {
            reasoning.signature = (reasoning.signature ?? "") + signature
            parts[parts.count - 1] = .reasoning(reasoning)
        } else {
            close()
            parts.append(.reasoning(Message.Reasoning(signature: signature)))
        }
    }
}

/// A text that still grows.
private struct OpenText: Sendable {
    enum Kind { case text, reasoning, refusal }

    let kind: Kind
    var text = ""

    var part: Message.Part {
        switch kind {
        case .text: .text(text)
        case .reasoning: .reasoning(Message.Reasoning(text: text))
        case .refusal: .refusal(text)
        }
    }
}
