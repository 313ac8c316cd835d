import AlulaInference
import AlulaJSON

/// Reads `content` of messages, and `output` of tools, in `POST /v1/responses`: a text, or parts.
enum OpenAIResponsesContentDecoder {
    /// What a caller or a tool says. Marks of the cache become parts of their own, behind what they stand on.
    static func input(_ value: JSONValue, at path: String) throws(InferenceError) -> [Message.Part] {
        try parts(value, at: path) { (fields, type) throws(InferenceError) in
            switch type {
            case "input_text", "output_text", "text": return .text(try fields.requiredString("text"))
            case "input_image": return try image(&fields)
            case "input_file": return .file(try file(&fields))
            case "input_audio":
                var audio = try fields.requiredFields("input_audio")
                let data = try audio.requiredString("data")
                return .audio(Message.Media(.base64(data), mediaType: try audio.string("format").map { "audio/\($0)" }))
            default: throw unspeakable(fields)
            }
        }
    }

    /// An earlier answer of the model.
    static func said(_ value: JSONValue, at path: String) throws(InferenceError) -> [Message.Part] {
        try parts(value, at: path) { (fields, type) throws(InferenceError) in
            switch type {
            case "output_text", "input_text", "text": return .text(try fields.requiredString("text"))
            case "refusal": return .refusal(try fields.requiredString("refusal"))
            default: throw unspeakable(fields)
            }
        }
    }

    private static func parts(
        _ value: JSONValue, at path: String,
        _ part: (inout RequestFields, String) throws(InferenceError) -> Message.Part
    ) throws(InferenceError) -> [Message.Part] {
        if let text = value.string { return [.text(text)] }
        guard let list = value.array else {
            throw RequestFields.mistake(path, "must be a string or an array of parts, not \(value.words)")
        }
        var parts: [Message.Part] = []
        for (index, value) in list.enumerated() {
            var fields = try RequestFields(value, at: "\(path)[\(index)]")
            let type = try fields.requiredString("type")
            parts.append(try part(&fields, type))
            if var mark = try fields.fields("prompt_cache_breakpoint") {
                parts.append(.cachePoint(Message.CachePoint(lifetime: try mark.string("ttl"))))
            }
        }
        return parts
    }

    private static func image(_ fields: inout RequestFields) throws(InferenceError) -> Message.Part {
        // The package's types want it said, and so it says nothing.
        let detail = try fields.string("detail").flatMap { $0 == "auto" ? nil : $0 }
        if let id = try fields.string("file_id") { return .image(Message.Media(.providerFile(id)), detail: detail) }
        let url = try fields.requiredString("image_url")
        return .image(try Message.Media(address: url, at: fields.place(of: "image_url")), detail: detail)
    }

    private static func file(_ fields: inout RequestFields) throws(InferenceError) -> Message.Media {
        let name = try fields.string("filename")
        if let id = try fields.string("file_id") { return Message.Media(.providerFile(id), name: name) }
        if let url = try fields.string("file_url") {
            return try Message.Media(address: url, at: fields.place(of: "file_url"), name: name)
        }
        let data = try fields.requiredString("file_data")
        guard data.prefix(5).lowercased() == "data:" else { return Message.Media(.base64(data), name: name) }
        return try Message.Media(address: data, at: fields.place(of: "file_data"), name: name)
    }

    private static func unspeakable(_ fields: RequestFields) -> InferenceError {
        let place = fields.place(of: "type")
        return InferenceError(
            .unsupportedParameter, "`\(place)` is a kind of content that this gateway can't pass on.",
            parameter: place)
    }
}
