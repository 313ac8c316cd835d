import AlulaInference
import AlulaJSON

/// Reads one element of `messages`.
enum OpenAIChatMessageDecoder {
    static func decode(_ value: JSONValue, at path: String) throws(InferenceError) -> Message {
        var fields = try RequestFields(value, at: path)
        let role = try fields.requiredString("role")
        let name = try fields.string("name")
        switch role {
        case "system": return Message(.system, try content(&fields, isRequired: true), name: name)
        case "developer": return Message(.developer, try content(&fields, isRequired: true), name: name)
        case "user": return Message(.user, try content(&fields, isRequired: true), name: name)
        case "assistant": return Message(.assistant, try answer(&fields), name: name)
        case "tool":
            let id = try fields.requiredString("tool_call_id")
            return Message(.tool, [.toolResult(try result(&fields, of: id, name: name))])
        // The role of an older version of the dialect, which knows a call by its tool.
        case "function":
            return Message(.tool, [.toolResult(try result(&fields, of: olderID(of: name ?? ""), name: name))])
        default:
            throw fields.mistake("role", "must be system, developer, user, assistant or tool")
        }
    }

    private static func result(
        _ fields: inout RequestFields, of id: String, name: String?
    ) throws(InferenceError) -> Message.ToolResult {
        Message.ToolResult(callID: id, name: name, parts: try content(&fields, isRequired: true))
    }

    /// A name for a call that has none.
    private static func olderID(of name: String) -> String { "call_\(name)" }

    /// The parts of an earlier answer.
    private static func answer(_ fields: inout RequestFields) throws(InferenceError) -> [Message.Part] {
        var parts: [Message.Part] = []
        if fields.value("audio") != nil {
            throw InferenceError(
                .unsupportedParameter,
                "`\(fields.place(of: "audio"))` names an answer that this gateway can't pass on.",
                parameter: fields.place(of: "audio"))
        }
        // Vendors that show thoughts in this dialect call them so, and some want them back.
        let (thoughts, others) = (try fields.string("reasoning_content"), try fields.string("reasoning"))
        if let thoughts = thoughts ?? others, !thoughts.isEmpty {
            parts.append(.reasoning(Message.Reasoning(text: thoughts)))
        }
        parts += try content(&fields, isRequired: false)
        if let refusal = try fields.string("refusal"), !refusal.isEmpty { parts.append(.refusal(refusal)) }
        for (index, value) in (try fields.array("tool_calls") ?? []).enumerated() {
            var call = try RequestFields(value, at: "\(fields.place(of: "tool_calls"))[\(index)]")
            let id = try call.requiredString("id")
            let function = try call.requiredFields("function")
            parts.append(.toolCall(try Self.call(function, id: id)))
        }
        if let function = try fields.fields("function_call") {
            var call = try call(function, id: "")
            call.id = olderID(of: call.name)
            parts.append(.toolCall(call))
        }
        guard !parts.isEmpty else { throw fields.mistake("content", "is missing, and so are tool calls") }
        return parts
    }

    private static func call(_ function: RequestFields, id: String) throws(InferenceError) -> Message.ToolCall {
        var function = function
        let name = try function.requiredString("name")
        return Message.ToolCall(id: id, name: name, arguments: try function.string("arguments") ?? "")
    }

    /// A text, or parts.
    private static func content(
        _ fields: inout RequestFields, isRequired: Bool
    ) throws(InferenceError) -> [Message.Part] {
        guard let value = fields.value("content") else {
            if isRequired { throw fields.mistake("content", "is missing") }
            return []
        }
        if let text = value.string { return isRequired || !text.isEmpty ? [.text(text)] : [] }
        guard let list = value.array else {
            throw fields.mistake("content", "must be a string or an array of parts, not \(value.words)")
        }
        var parts: [Message.Part] = []
        for (index, value) in list.enumerated() {
            parts.append(try part(value, at: "\(fields.place(of: "content"))[\(index)]"))
        }
        return parts
    }

    private static func part(_ value: JSONValue, at path: String) throws(InferenceError) -> Message.Part {
        var fields = try RequestFields(value, at: path)
        let type = try fields.requiredString("type")
        switch type {
        case "text":
            return .text(try fields.requiredString("text"))
        case "refusal":
            return .refusal(
                try fields.requiredString("refusal"))
        case "image_url":
            var image = try fields.requiredFields("image_url")
            let url = try image.requiredString("url")
            return .image(
                try Message.Media(address: url, at: image.place(of: "url")), detail: try image.string("detail"))
        case "input_audio":
            var audio = try fields.requiredFields("input_audio")
            let data = try audio.requiredString("data")
            return .audio(
                Message.Media(.base64(data), mediaType: try audio.string("format").map { "audio/\($0)" }))
        case "file": return .file(try file(&fields))
        default:
            throw InferenceError(
                .unsupportedParameter, "`\(path).type` is a kind of content that this gateway can't pass on.",
                parameter: "\(path).type")
        }
    }

    private static func file(_ fields: inout RequestFields) throws(InferenceError) -> Message.Media {
        var file = try fields.requiredFields("file")
        let name = try file.string("filename")
        if let id = try file.string("file_id") { return Message.Media(.providerFile(id), name: name) }
        let data = try file.requiredString("file_data")
        guard data.prefix(5).lowercased() == "data:" else { return Message.Media(.base64(data), name: name) }
        return try Message.Media(address: data, at: file.place(of: "file_data"), name: name)
    }
}
