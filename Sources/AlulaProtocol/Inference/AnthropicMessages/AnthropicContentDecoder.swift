import AlulaInference
import AlulaJSON

/// Reads `content` of `POST /v1/messages`: a text, or blocks.
///
/// A block of a kind that is not known here, or with a member that would be lost, is kept whole for providers of the same
/// dialect. Marks of the cache become parts of their own, behind what they stand on.
enum AnthropicContentDecoder {
    /// Blocks of text only: instructions.
    static func texts(_ value: JSONValue, at path: String) throws(InferenceError) -> [Message.Part] {
        try parts(value, at: path) { (fields, type) throws(InferenceError) in
            guard type == "text" else { throw fields.mistake("type", "must be text") }
            return try text(&fields)
        }
    }

    /// What a caller says: results of tools in messages of their own, in order.
    static func question(_ value: JSONValue, at path: String) throws(InferenceError) -> [Message] {
        let parts = try parts(value, at: path) { (fields, type) throws(InferenceError) in
            type == "tool_result" ? try result(&fields) : try said(&fields, type)
        }
        var messages: [Message] = []
        for part in parts {
            let role: Message.Role
            switch part {
            case .toolResult: role = .tool
            case .cachePoint: role = messages.last?.role ?? .user
            default: role = .user
            }
            if messages.last?.role == role {
                messages[messages.count - 1].parts.append(part)
            } else {
                messages.append(Message(role, [part]))
            }
        }
        return messages.isEmpty ? [Message(.user, [])] : messages
    }

    /// An earlier answer of the model.
    static func answer(_ value: JSONValue, at path: String) throws(InferenceError) -> [Message.Part] {
        try parts(value, at: path) { (fields, type) throws(InferenceError) in
            switch type {
            case "thinking":
                let signature = try fields.string("signature") ?? ""
                return .reasoning(
                    Message.Reasoning(
                        text: try fields.string("thinking") ?? "", signature: signature.isEmpty ? nil : signature))
            case "redacted_thinking":
                return .reasoning(Message.Reasoning(encrypted: try fields.requiredString("data")))
            case "tool_use":
                let input = try fields.requiredFields("input").object
                // Who called is told only where it is not the model itself.
                if fields.object["caller"]?["type"] == "direct" { fields.skip("caller") }
                return .toolCall(
                    Message.ToolCall(
                        id: try fields.requiredString("id"), name: try fields.requiredString("name"),
                        arguments: String(decoding: JSONValue.object(input).serialized(.compact), as: UTF8.self)))
            default: return try said(&fields, type)
            }
        }
    }

    // MARK: Blocks

    /// - Parameter block: Reads a block of a kind; `nil` for one that it does not know.
    private static func parts(
        _ value: JSONValue, at path: String,
        _ block: (inout RequestFields, String) throws(InferenceError) -> Message.Part?
    ) throws(InferenceError) -> [Message.Part] {
        if let text = value.string { return [.text(text)] }
        guard let list = value.array else {
            throw RequestFields.mistake(path, "must be a string or an array of blocks, not \(value.words)")
        }
        var parts: [Message.Part] = []
        for (index, value) in list.enumerated() {
            let place = "\(path)[\(index)]"
            var fields = try RequestFields(value, at: place)
            let type = try fields.requiredString("type")
            let mark = try fields.fields("cache_control")
            if let part = try block(&fields, type), fields.rest.isEmpty {
                parts.append(part)
                if var mark { parts.append(.cachePoint(Message.CachePoint(lifetime: try mark.string("ttl")))) }
            } else {
                parts.append(.native(Message.NativeBlock(value, of: .anthropicMessages, at: place)))
            }
        }
        return parts
    }

    private static func text(_ fields: inout RequestFields) throws(InferenceError) -> Message.Part {
        // Where an earlier answer had its words from is not asked again.
        fields.skip("citations")
        return .text(try fields.requiredString("text"))
    }

    /// What a caller or a tool says.
    private static func said(_ fields: inout RequestFields, _ type: String) throws(InferenceError) -> Message.Part? {
        switch type {
        case "text": return try text(&fields)
        case "image":
            var source = try fields.requiredFields("source")
            return try media(&source).map { .image($0) }
        case "document":
            if fields.object["citations"]?["enabled"] == false { fields.skip("citations") }
            var source = try fields.requiredFields("source")
            let title = try fields.string("title")
            return try media(&source).map { media in
                var media = media
                media.name = title
                return .file(media)
            }
        default: return nil
        }
    }

    /// - Returns: `nil` for a source that is not known here.
    private static func media(_ source: inout RequestFields) throws(InferenceError) -> Message.Media? {
        switch try source.requiredString("type") {
        case "base64":
            let type = try source.requiredString("media_type")
            return Message.Media(.base64(try source.requiredString("data")), mediaType: type)
        case "url":
            return try Message.Media(address: try source.requiredString("url"), at: source.place(of: "url"))
        case "file": return Message.Media(.providerFile(try source.requiredString("file_id")))
        case "text":
            let type = try source.string("media_type")
            return Message.Media(.text(try source.requiredString("data")), mediaType: type ?? "text/plain")
        default: return nil
        }
    }

    private static func result(_ fields: inout RequestFields) throws(InferenceError) -> Message.Part {
        let id = try fields.requiredString("tool_use_id")
        let isFailure = try fields.bool("is_error") ?? false
        let place = fields.place(of: "content")
        let parts = try fields.value("content").map { (content) throws(InferenceError) in
            try Self.parts(content, at: place) { (fields, type) throws(InferenceError) in try said(&fields, type) }
        }
        return .toolResult(Message.ToolResult(callID: id, parts: parts ?? [], isFailure: isFailure))
    }
}
