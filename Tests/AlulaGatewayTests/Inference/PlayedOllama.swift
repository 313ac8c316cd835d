import AlulaInference
import AlulaJSON

@testable import AlulaProviders

/// Ollama's side of `ollama`.
enum PlayedOllama: PlayedProvider {
    static func write(_ request: InferenceRequest) throws -> JSONValue {
        try OllamaRequestEncoder(model: "m", known: nil).encode(request)
    }

    static func decode(_ bytes: [UInt8]) throws -> [InferenceEvent] {
        try ProviderStream.read([bytes], by: OllamaLineDecoder.self, OpenedLogin(secret: nil))
    }

    static func sayable(_ request: InferenceRequest) -> InferenceRequest {
        var request = request
        if request.allowsParallelToolCalls == false { request.allowsParallelToolCalls = nil }
        switch request.toolChoice {
        case .required?, .tool?: request.toolChoice = nil
        default: break
        }
        request.messages = request.messages.map { message in
            Message(
                message.role,
                message.parts.map { part in
                    switch part {
                    case .file: .text("a file")
                    case .image(let media, _): if case .base64 = media.content { part } else { .text("an image") }
                    default: part
                    }
                })
        }
        return request
    }

    static func plain(_ request: InferenceRequest) -> InferenceRequest {
        var plain = common(request)
        if plain.toolChoice == ToolChoice.none { plain.tools = [] }
        plain.toolChoice = nil
        plain.messages = plain.messages.compactMap { message in
            guard message.role == .user else { return message }
            // Images stand beside the text.
            let images = message.parts.filter { if case .image = $0 { true } else { false } }
            let text: [Message.Part] = message.text.isEmpty ? [] : [.text(message.text)]
            return text.isEmpty && images.isEmpty ? nil : Message(.user, text + images)
        }
        return plain
    }

    static func read(_ value: JSONValue) throws -> InferenceRequest {
        var request = InferenceRequest(model: "", messages: [], dialect: .openAIChat)
        for message in value["messages"]?.array ?? [] {
            let said: [Message.Part] = text(message["content"]).isEmpty ? [] : [.text(text(message["content"]))]
            switch message["role"]?.string {
            case "system": request.messages.append(Message(.system, said))
            case "tool":
                let result = Message.ToolResult(callID: text(message["tool_call_id"]), parts: said)
                request.messages.append(Message(.tool, [.toolResult(result)]))
            case "assistant":
                let calls = (message["tool_calls"]?.array ?? []).map { call in
                    Message.Part.toolCall(
                        Message.ToolCall(
                            id: text(call["id"]), name: text(call["function"]?["name"]),
                            arguments: json(call["function"]?["arguments"])))
                }
                request.messages.append(Message(.assistant, said + calls))
            default:
                let images = (message["images"]?.array ?? []).map { image in
                    Message.Part.image(Message.Media(.base64(text(image)), mediaType: "image/png"))
                }
                request.messages.append(Message(.user, said + images))
            }
        }
        request.tools = (value["tools"]?.array ?? []).map { tool in
            ToolDefinition(
                name: text(tool["function"]?["name"]), description: tool["function"]?["description"]?.string,
                parameters: tool["function"]?["parameters"])
        }
        let options = value["options"]
        request.sampling = SamplingOptions(
            temperature: options?["temperature"]?.double, topP: options?["top_p"]?.double,
            topK: options?["top_k"]?.integer.map { Int($0) }, stopSequences: (options?["stop"]?.array ?? []).map(text),
            maximumOutputTokens: options?["num_predict"]?.integer.map { Int($0) })
        if let schema = value["format"] {
            request.format = .jsonSchema(ResponseFormat.Schema(name: "", schema: schema))
        }
        return request
    }

    // MARK: Answers

    static func plain(_ answer: InferenceAnswer) -> InferenceAnswer {
        var answer = answer
        answer.parts = answer.parts.map { part in
            guard case .reasoning(let reasoning) = part else { return part }
            return .reasoning(Message.Reasoning(text: reasoning.text))
        }
        answer.usage = TokenUsage(input: answer.usage?.input ?? 0, output: answer.usage?.output ?? 0)
        return answer
    }

    static func stream(_ answer: InferenceAnswer, _ pieces: [InferenceEvent]) -> [UInt8] {
        var text = ""
        func say(_ member: String, _ value: JSONValue) {
            let message = JSONObject([("role", "assistant"), (member, value)])
            text += json(["model": "m", "created_at": "t", "message": .object(message), "done": false]) + "\n"
        }
        for piece in pieces {
            switch piece {
            case .text(let words): say("content", .string(words))
            case .reasoning(let words): say("thinking", .string(words))
            case .toolCallStarted(let index, let id, let name):
                let arguments = answer.toolCalls[index].argumentObject
                say(
                    "tool_calls",
                    [["id": .string(id), "function": ["name": .string(name), "arguments": arguments]]])
            default: break
            }
        }
        let end: JSONValue = [
            "done": true, "done_reason": answer.finish == .length ? "length" : "stop",
            "prompt_eval_count": .number(answer.usage?.input ?? 0), "eval_count": .number(answer.usage?.output ?? 0),
        ]
        return Array((text + json(end)).utf8)
    }
}
