import AlulaInference
import AlulaJSON

/// A conversation as `anthropic-messages` wants it: instructions apart, then what user and model say in turns. Results of
/// tools are said by the user, and messages of one side in a row are one.
struct MessagesConversation {
    /// A text, or blocks; `nil` without instructions.
    private(set) var system: JSONValue?
    private(set) var messages: [JSONValue] = []

    private let dialect: Dialect

    /// - Throws: ``AttemptFailure`` for what this dialect has no word for, with its place.
    init(_ request: InferenceRequest) throws(AttemptFailure) {
        dialect = request.dialect
        var instructions: [Message.Part] = []
        var turns: [(role: String, blocks: [JSONValue])] = []
        for (index, message) in request.messages.enumerated() {
            let place = "messages[\(index)].content"
            let role: String
            switch message.role {
            case .system, .developer:
                // Only a caller of this dialect knows that its model takes instructions in between.
                guard dialect == .anthropicMessages, !turns.isEmpty else {
                    instructions += message.parts
                    continue
                }
                role = "system"
            case .user, .tool: role = "user"
            case .assistant: role = "assistant"
            }
            let blocks = try blocks(message.parts, at: place)
            if blocks.isEmpty { continue }
            if turns.last?.role == role {
                turns[turns.count - 1].blocks += blocks
            } else {
                turns.append((role, blocks))
            }
        }
        if turns.isEmpty { throw .unsayable("messages") }
        messages = turns.map { ["role": .string($0.role), "content": Self.content($0.blocks)] }
        let blocks = try blocks(instructions, at: "messages")
        if !blocks.isEmpty { system = Self.content(blocks) }
    }

    /// A text where there is nothing but one.
    private static func content(_ blocks: [JSONValue]) -> JSONValue {
        guard blocks.count == 1, let block = blocks[0].object, block.count == 2, let text = block["text"] else {
            return .array(blocks)
        }
        return text
    }

    // MARK: Blocks

    private func blocks(_ parts: [Message.Part], at place: String) throws(AttemptFailure) -> [JSONValue] {
        var blocks: [JSONValue] = []
        for part in parts {
            switch part {
            // The API refuses texts without a character.
            case .text(let text), .refusal(let text):
                if !text.isEmpty { blocks.append(["type": "text", "text": .string(text)]) }
            case .image(let media, _): blocks.append(["type": "image", "source": try image(media, at: place)])
            case .file(let media): blocks.append(try document(media, at: place))
            case .audio: throw .unsayable(place)
            case .reasoning(let reasoning): blocks += thoughts(reasoning)
            case .toolCall(let call):
                blocks.append([
                    "type": "tool_use", "id": .string(Self.id(call.id)), "name": .string(call.name),
                    "input": call.argumentObject,
                ])
            case .toolResult(let result): blocks.append(try self.result(result, at: place))
            case .cachePoint(let point): mark(&blocks, point)
            case .native(let block):
                guard block.dialect == .anthropicMessages else { throw .unsayable(block.place) }
                blocks.append(block.value)
            }
        }
        return blocks
    }

    /// Puts a mark of the cache on the last block.
    private func mark(_ blocks: inout [JSONValue], _ point: Message.CachePoint) {
        guard case .object(var block)? = blocks.last else { return }
        var mark = JSONObject([("type", "ephemeral")])
        // Other dialects have other times.
        if dialect == .anthropicMessages { mark["ttl"] = point.lifetime.map { .string($0) } }
        block["cache_control"] = .object(mark)
        blocks[blocks.count - 1] = .object(block)
    }

    /// Thoughts go back only with their provider's proof; without, the API would refuse them.
    private func thoughts(_ reasoning: Message.Reasoning) -> [JSONValue] {
        var blocks: [JSONValue] = []
        if let signature = reasoning.signature, !ThoughtProof.isForeign(signature) {
            blocks.append([
                "type": "thinking", "thinking": .string(reasoning.text), "signature": .string(signature),
            ])
        }
        // Those with a name are another provider's.
        if let data = reasoning.encrypted, reasoning.id == nil, SealedThoughts(data) == nil {
            blocks.append(["type": "redacted_thinking", "data": .string(data)])
        }
        return blocks
    }

    private func result(_ result: Message.ToolResult, at place: String) throws(AttemptFailure) -> JSONValue {
        var block = JSONObject([("type", "tool_result"), ("tool_use_id", .string(Self.id(result.callID)))])
        let blocks = try blocks(result.parts, at: place)
        if !blocks.isEmpty { block["content"] = Self.content(blocks) }
        if result.isFailure { block["is_error"] = true }
        return .object(block)
    }

    private func image(_ media: Message.Media, at place: String) throws(AttemptFailure) -> JSONValue {
        switch media.content {
        case .base64(let data):
            [
                "type": "base64", "media_type": .string(media.mediaType ?? "image/png"), "data": .string(data),
            ]
        case .url(let url): ["type": "url", "url": .string(url)]
        case .providerFile(let id): try file(id, at: place)
        case .text: throw .unsayable(place)
        }
    }

    private func document(_ media: Message.Media, at place: String) throws(AttemptFailure) -> JSONValue {
        let source: JSONValue
        switch media.content {
        case .base64(let data):
            guard media.mediaType ?? "application/pdf" == "application/pdf" else { throw .unsayable(place) }
            source = ["type": "base64", "media_type": "application/pdf", "data": .string(data)]
        case .url(let url): source = ["type": "url", "url": .string(url)]
        case .text(let text): source = ["type": "text", "media_type": "text/plain", "data": .string(text)]
        case .providerFile(let id): source = try file(id, at: place)
        }
        var block = JSONObject([("type", "document"), ("source", source)])
        block["title"] = media.name.map { .string($0) }
        return .object(block)
    }

    /// A file with a provider is with the caller's, as far as anybody knows.
    private func file(_ id: String, at place: String) throws(AttemptFailure) -> JSONValue {
        guard dialect == .anthropicMessages else { throw .unsayable(place) }
        return ["type": "file", "file_id": .string(id)]
    }

    /// The API takes letters, digits, `-` and `_` in names of calls; others have other signs in them.
    private static func id(_ id: String) -> String {
        let plain = id.map { character in
            character.isASCII && (character.isLetter || character.isNumber) || character == "-" ? character : "_"
        }
        return plain.isEmpty ? "call" : String(plain)
    }
}
