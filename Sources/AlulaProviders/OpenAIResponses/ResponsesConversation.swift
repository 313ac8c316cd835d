import AlulaInference
import AlulaJSON

/// A conversation as `openai-responses` wants it: items, of which a model's turn is several.
struct ResponsesConversation {
    /// What a caller of this dialect said as instructions. All others are items, since not every server knows another place.
    private(set) var instructions: String?
    private(set) var items: [JSONValue] = []

    private let dialect: Dialect

    /// - Parameter knowsDevelopers: Whether the server has the role `developer`; else it is `system`.
    /// - Throws: ``AttemptFailure`` for what this dialect has no word for, with its place.
    init(_ request: InferenceRequest, knowsDevelopers: Bool = true) throws(AttemptFailure) {
        dialect = request.dialect
        var messages = request.messages[...]
        if dialect == .openAIResponses, let said = request.extras["instructions"]?.string,
            messages.first == Message(.system, said)
        {
            instructions = said
            messages = messages.dropFirst()
        }
        for (index, message) in zip(messages.indices, messages) {
            let place = "messages[\(index)].content"
            switch message.role {
            case .developer where !knowsDevelopers: try add(message, as: .system, at: place)
            case .system, .developer, .user: try add(message, as: message.role, at: place)
            case .assistant: try add(answer: message, at: place)
            case .tool: try add(results: message, at: place)
            }
        }
        if items.isEmpty { throw .unsayable("messages") }
    }

    // MARK: Items

    private mutating func add(
        _ message: Message, as role: Message.Role, at place: String
    ) throws(AttemptFailure) {
        let content = try content(message.parts, at: place)
        items.append(["type": "message", "role": .string(role.rawValue), "content": content])
    }

    private mutating func add(answer message: Message, at place: String) throws(AttemptFailure) {
        var said: [Message.Part] = []
        for part in message.parts {
            switch part {
            case .text, .refusal: said.append(part)
            case .cachePoint: break
            case .reasoning(let reasoning):
                say(&said)
                if let item = thoughts(reasoning) { items.append(item) }
            case .toolCall(let call):
                say(&said)
                items.append([
                    "type": "function_call", "call_id": .string(call.id), "name": .string(call.name),
                    "arguments": .string(call.arguments.allSatisfy(\.isWhitespace) ? "{}" : call.arguments),
                ])
            case .native(let block):
                say(&said)
                items.append(try native(block))
            case .image, .audio, .file, .toolResult: throw .unsayable(place)
            }
        }
        say(&said)
    }

    private mutating func add(results message: Message, at place: String) throws(AttemptFailure) {
        for part in message.parts {
            switch part {
            case .toolResult(let result):
                items.append([
                    "type": "function_call_output", "call_id": .string(result.callID),
                    "output": try content(result.parts, at: place),
                ])
            case .native(let block): items.append(try native(block))
            case .cachePoint: break
            case .text, .image, .audio, .file, .reasoning, .refusal, .toolCall: throw .unsayable(place)
            }
        }
    }

    /// Writes a model's words as one message, a text where there is nothing else.
    private mutating func say(_ parts: inout [Message.Part]) {
        guard !parts.isEmpty else { return }
        defer { parts = [] }
        if parts.allSatisfy({ $0.text != nil }) {
            let text = parts.compactMap(\.text).joined()
            return items.append(["type": "message", "role": "assistant", "content": .string(text)])
        }
        let content: [JSONValue] = parts.map { part in
            if case .refusal(let text) = part { return ["type": "refusal", "refusal": .string(text)] }
            return ["type": "output_text", "text": .string(part.text ?? "")]
        }
        items.append(["type": "message", "role": "assistant", "content": .array(content)])
    }

    /// Thoughts go back only in the form that their provider can read; others it would refuse.
    private func thoughts(_ reasoning: Message.Reasoning) -> JSONValue? {
        guard let encrypted = reasoning.encrypted else { return nil }
        let (id, data): (String, String)
        if case .named(let name, let own)? = SealedThoughts(encrypted) {
            (id, data) = (name, own)
        } else if let name = reasoning.id {
            (id, data) = (name, encrypted)
        } else {
            return nil
        }
        var item = JSONObject([("type", "reasoning")])
        if !id.isEmpty { item["id"] = .string(id) }
        item["summary"] =
            reasoning.text.isEmpty ? [] : [["type": "summary_text", "text": .string(reasoning.text)]]
        item["encrypted_content"] = .string(data)
        return .object(item)
    }

    private func native(_ block: Message.NativeBlock) throws(AttemptFailure) -> JSONValue {
        guard block.dialect == .openAIResponses else { throw .unsayable(block.place) }
        return block.value
    }

    // MARK: Parts

    /// A text where there is nothing but text, since some servers know nothing else; else parts.
    private func content(_ parts: [Message.Part], at place: String) throws(AttemptFailure) -> JSONValue {
        let marks = dialect == .openAIResponses
        let parts = parts.filter { marks || !$0.isMark }
        if parts.allSatisfy({ $0.text != nil }) { return .string(parts.compactMap(\.text).joined()) }
        var list: [JSONValue] = []
        for part in parts {
            if case .cachePoint(let point) = part {
                mark(&list, point)
            } else {
                list.append(try encode(part, at: place))
            }
        }
        return .array(list)
    }

    /// Puts a mark of the cache on the last part.
    private func mark(_ list: inout [JSONValue], _ point: Message.CachePoint) {
        guard case .object(var part)? = list.last else { return }
        var mark = JSONObject([("mode", "explicit")])
        mark["ttl"] = point.lifetime.map { .string($0) }
        part["prompt_cache_breakpoint"] = .object(mark)
        list[list.count - 1] = .object(part)
    }

    private func encode(_ part: Message.Part, at place: String) throws(AttemptFailure) -> JSONValue {
        switch part {
        case .text(let text): return ["type": "input_text", "text": .string(text)]
        case .image(let media, let detail):
            var image = JSONObject([("type", "input_image"), ("detail", .string(detail ?? "auto"))])
            switch media.content {
            case .base64(let data):
                image["image_url"] = .string("data:\(media.mediaType ?? "image/png");base64,\(data)")
            case .url(let url): image["image_url"] = .string(url)
            case .providerFile(let id): image["file_id"] = .string(try file(id, at: place))
            case .text: throw .unsayable(place)
            }
            return .object(image)
        case .file(let media): return try document(media, at: place)
        case .audio(let media):
            // Only a caller of this dialect knows that its model hears.
            guard dialect == .openAIResponses, case .base64(let data) = media.content else { throw .unsayable(place) }
            let format = media.mediaType.flatMap { $0.split(separator: "/").last }.map(String.init) ?? "wav"
            return ["type": "input_audio", "input_audio": ["data": .string(data), "format": .string(format)]]
        case .native(let block): throw .unsayable(block.place)
        case .refusal, .reasoning, .toolCall, .toolResult, .cachePoint: throw .unsayable(place)
        }
    }

    private func document(_ media: Message.Media, at place: String) throws(AttemptFailure) -> JSONValue {
        var document = JSONObject([("type", "input_file")])
        document["filename"] = media.name.map { .string($0) }
        switch media.content {
        // A text is said as one.
        case .text(let text):
            return ["type": "input_text", "text": .string((media.name.map { "\($0)\n\n" } ?? "") + text)]
        case .url(let url): document["file_url"] = .string(url)
        case .providerFile(let id): document["file_id"] = .string(try file(id, at: place))
        case .base64(let data):
            document["file_data"] = .string("data:\(media.mediaType ?? "application/pdf");base64,\(data)")
            // The API wants a name for what comes in the request itself, and other dialects need none.
            if media.name == nil, dialect != .openAIResponses { document["filename"] = "document.pdf" }
        }
        return .object(document)
    }

    /// A file with a provider is with the caller's, as far as anybody knows.
    private func file(_ id: String, at place: String) throws(AttemptFailure) -> String {
        switch dialect {
        case .openAIChat, .openAIResponses: return id
        case .anthropicMessages: throw .unsayable(place)
        }
    }
}

extension Message.Part {
    /// Whether it is a mark of the cache, which is no part of what is said.
    fileprivate var isMark: Bool { if case .cachePoint = self { true } else { false } }
}
