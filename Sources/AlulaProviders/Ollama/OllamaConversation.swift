import AlulaInference
import AlulaJSON

/// A conversation as `ollama` wants it: texts, with images in base64 beside them.
struct OllamaConversation {
    private(set) var messages: [JSONValue] = []

    /// Names of tools by the calls so far, since a result says both.
    private var names: [String: String] = [:]

    /// - Throws: ``AttemptFailure`` for what this dialect has no word for, with its place.
    init(_ request: InferenceRequest) throws(AttemptFailure) {
        for (index, message) in request.messages.enumerated() {
            let place = "messages[\(index)].content"
            switch message.role {
            case .system, .developer: try append("system", message.parts, at: place)
            case .user: try append("user", message.parts, at: place)
            case .tool: try append("user", message.parts, at: place)
            case .assistant: try append(answer: message.parts, at: place)
            }
        }
        if messages.isEmpty { throw .unsayable("messages") }
    }

    // MARK: Turns

    /// Results of tools stand apart and first; what else they hold than text is said right behind.
    private mutating func append(_ role: String, _ parts: [Message.Part], at place: String) throws(AttemptFailure) {
        var rest: [Message.Part] = []
        for part in parts {
            guard case .toolResult(let result) = part else {
                rest.append(part)
                continue
            }
            var object = JSONObject([("role", "tool"), ("content", .string(result.text))])
            object["tool_name"] = (names[result.callID] ?? result.name).map { .string($0) }
            object["tool_call_id"] = .string(result.callID)
            messages.append(.object(object))
            rest += result.parts.filter { $0.text == nil }
        }
        var (text, images) = ("", [JSONValue]())
        for part in rest { try add(part, to: &text, &images, at: place) }
        if text.isEmpty, images.isEmpty { return }
        var object = JSONObject([("role", .string(role)), ("content", .string(text))])
        if !images.isEmpty { object["images"] = .array(images) }
        messages.append(.object(object))
    }

    private mutating func append(answer parts: [Message.Part], at place: String) throws(AttemptFailure) {
        var (text, thoughts) = ("", "")
        var (images, calls): ([JSONValue], [JSONValue]) = ([], [])
        for part in parts {
            switch part {
            case .reasoning(let reasoning): thoughts += reasoning.text
            case .toolCall(let call):
                names[call.id] = call.name
                calls.append([
                    "id": .string(call.id),
                    "function": ["name": .string(call.name), "arguments": call.argumentObject],
                ])
            default: try add(part, to: &text, &images, at: place)
            }
        }
        var object = JSONObject([("role", "assistant"), ("content", .string(text))])
        if !thoughts.isEmpty { object["thinking"] = .string(thoughts) }
        if !images.isEmpty { object["images"] = .array(images) }
        if !calls.isEmpty { object["tool_calls"] = .array(calls) }
        if object.count > 2 || !text.isEmpty { messages.append(.object(object)) }
    }

    private func add(
        _ part: Message.Part, to text: inout String, _ images: inout [JSONValue], at place: String
    ) throws(AttemptFailure) {
        switch part {
        case .text(let more), .refusal(let more): text += more
        case .image(let media, _):
            // The server fetches nothing.
            guard case .base64(let data) = media.content else { throw .unsayable(place) }
            images.append(.string(data))
        case .file(let media):
            guard case .text(let more) = media.content else { throw .unsayable(place) }
            text += (media.name.map { "\($0)\n\n" } ?? "") + more
        case .cachePoint: break
        case .native(let block): throw .unsayable(block.place)
        case .audio, .reasoning, .toolCall, .toolResult: throw .unsayable(place)
        }
    }
}
