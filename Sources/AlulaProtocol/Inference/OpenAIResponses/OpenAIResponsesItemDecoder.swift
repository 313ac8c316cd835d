import AlulaInference
import AlulaJSON

/// Reads elements of `input`, and puts what belongs together into one message: a model's thoughts, words and calls of one
/// turn are items of their own in this dialect.
struct OpenAIResponsesItemDecoder {
    private(set) var messages: [Message] = []

    mutating func take(_ value: JSONValue, at path: String) throws(InferenceError) {
        var fields = try RequestFields(value, at: path)
        let type = try fields.string("type")
        switch type {
        case "message", nil:
            // An item that is only named is one that a server keeps.
            if type == nil, fields.object["role"] == nil, fields.object["id"] != nil { throw Self.kept(path) }
            try message(&fields)
        case "function_call":
            let arguments = try fields.string("arguments") ?? ""
            answer([
                .toolCall(
                    Message.ToolCall(
                        id: try fields.requiredString("call_id"), name: try fields.requiredString("name"),
                        arguments: arguments))
            ])
        case "function_call_output": result(try output(&fields))
        case "reasoning": answer(try thoughts(&fields))
        case "item_reference": throw Self.kept(path)
        case .some(let type):
            // Of tools that a provider runs itself, and what later versions add.
            let block = Message.Part.native(Message.NativeBlock(value, of: .openAIResponses, at: path))
            if type.hasSuffix("_output") { result(block) } else { answer([block]) }
        }
    }

    // MARK: Turns

    /// Adds to what the model says in its turn. Words after words are another message.
    private mutating func answer(_ parts: [Message.Part]) {
        guard let last = messages.last, last.role == .assistant, !parts.isEmpty else {
            if !parts.isEmpty { messages.append(Message(.assistant, parts)) }
            return
        }
        let hasSpoken = last.parts.contains { $0.isSaid } && !last.parts.contains { $0.toolCall != nil }
        if hasSpoken, parts.contains(where: \.isSaid) {
            messages.append(Message(.assistant, parts))
        } else {
            messages[messages.count - 1].parts += parts
        }
    }

    private mutating func result(_ part: Message.Part) {
        if messages.last?.role == .tool {
            messages[messages.count - 1].parts.append(part)
        } else {
            messages.append(Message(.tool, [part]))
        }
    }

    // MARK: Items

    private mutating func message(_ fields: inout RequestFields) throws(InferenceError) {
        let role: Message.Role
        switch try fields.requiredString("role") {
        case "user": role = .user
        case "system": role = .system
        case "developer": role = .developer
        case "assistant": role = .assistant
        default: throw fields.mistake("role", "must be user, system, developer or assistant")
        }
        guard let content = fields.value("content") else { throw fields.mistake("content", "is missing") }
        let place = fields.place(of: "content")
        if role == .assistant {
            answer(try OpenAIResponsesContentDecoder.said(content, at: place))
        } else {
            messages.append(Message(role, try OpenAIResponsesContentDecoder.input(content, at: place)))
        }
    }

    private func output(_ fields: inout RequestFields) throws(InferenceError) -> Message.Part {
        let id = try fields.requiredString("call_id")
        guard let output = fields.value("output") else { throw fields.mistake("output", "is missing") }
        let parts = try OpenAIResponsesContentDecoder.input(output, at: fields.place(of: "output"))
        return .toolResult(Message.ToolResult(callID: id, parts: parts))
    }

    /// Thoughts with what their provider needs to take them back.
    private func thoughts(_ fields: inout RequestFields) throws(InferenceError) -> [Message.Part] {
        var text = try texts(&fields, "summary").joined(separator: "\n\n")
        let whole = try texts(&fields, "content").joined(separator: "\n\n")
        if text.isEmpty { text = whole }
        let id = try fields.string("id") ?? ""
        guard let sealed = try fields.string("encrypted_content"), !sealed.isEmpty else {
            return text.isEmpty ? [] : [.reasoning(Message.Reasoning(text: text))]
        }
        switch SealedThoughts(sealed) {
        case .signature(let signature): return [.reasoning(Message.Reasoning(text: text, signature: signature))]
        case .unnamed(let data):
            let readable: [Message.Part] = text.isEmpty ? [] : [.reasoning(Message.Reasoning(text: text))]
            return readable + [.reasoning(Message.Reasoning(encrypted: data))]
        case .named: return [.reasoning(Message.Reasoning(text: text, encrypted: sealed))]
        // They came from their provider by another way.
        case nil: return [.reasoning(Message.Reasoning(text: text, encrypted: sealed, id: id))]
        }
    }

    private func texts(_ fields: inout RequestFields, _ key: String) throws(InferenceError) -> [String] {
        var texts: [String] = []
        for (index, value) in (try fields.array(key) ?? []).enumerated() {
            var part = try RequestFields(value, at: "\(fields.place(of: key))[\(index)]")
            let text = try part.requiredString("text")
            if !text.isEmpty { texts.append(text) }
        }
        return texts
    }

    private static func kept(_ path: String) -> InferenceError {
        InferenceError(
            .unsupportedParameter, "`\(path)` refers to an item that this gateway does not keep: send it whole.",
            parameter: path)
    }
}

extension Message.Part {
    /// Whether it is a model's word to its reader.
    fileprivate var isSaid: Bool {
        switch self {
        case .text, .refusal: true
        default: false
        }
    }
}
