import AlulaInference
import AlulaJSON

@testable import AlulaProviders

/// Google's side of `google-generative-ai`.
enum PlayedGoogle: PlayedProvider {
    static func write(_ request: InferenceRequest) throws -> JSONValue {
        try GoogleRequestEncoder(model: GoogleModelName("gemini-2.5-flash")).encode(request)
    }

    static func decode(_ bytes: [UInt8]) throws -> [InferenceEvent] {
        try ProviderStream.read([bytes], by: GoogleEventDecoder.self, OpenedLogin(secret: nil))
    }

    static func sayable(_ request: InferenceRequest) -> InferenceRequest {
        var request = request
        if request.allowsParallelToolCalls == false { request.allowsParallelToolCalls = nil }
        return request
    }

    static func plain(_ request: InferenceRequest) -> InferenceRequest {
        // Strict tools are a way of choosing here.
        let isStrict = request.tools.contains { $0.isStrict == true }
        var plain = common(request)
        if isStrict, request.toolChoice == nil { plain.toolChoice = .automatic }
        plain.messages = plain.messages.map { message in
            Message(
                message.role,
                message.parts.map { part in
                    switch part {
                    case .file(let media): .file(Message.Media(media.content, mediaType: media.mediaType))
                    case .image(let media, _):
                        .image(Message.Media(media.content, mediaType: media.mediaType ?? "image/png"))
                    default: part
                    }
                })
        }
        return plain
    }

    static func read(_ value: JSONValue) throws -> InferenceRequest {
        var messages: [Message] = []
        for part in value["systemInstruction"]?["parts"]?.array ?? [] {
            messages.append(Message(.system, text(part["text"])))
        }
        for content in value["contents"]?.array ?? [] {
            for part in content["parts"]?.array ?? [] {
                if let result = part["functionResponse"] {
                    let output = Message.Part.text(text(result["response"]?["output"]))
                    messages.append(
                        Message(.tool, [.toolResult(Message.ToolResult(callID: text(result["id"]), parts: [output]))]))
                } else {
                    messages.append(Message(content["role"] == "model" ? .assistant : .user, [self.part(part)]))
                }
            }
        }
        var request = InferenceRequest(model: "", messages: messages, dialect: .openAIChat)
        request.tools = (value["tools"]?.array?.first?["functionDeclarations"]?.array ?? []).map { tool in
            ToolDefinition(
                name: text(tool["name"]), description: tool["description"]?.string,
                parameters: tool["parametersJsonSchema"])
        }
        let calling = value["toolConfig"]?["functionCallingConfig"]
        switch calling?["mode"]?.string {
        case "ANY":
            request.toolChoice = calling?["allowedFunctionNames"].map { .tool(text($0.array?.first)) } ?? .required
        case "NONE": request.toolChoice = ToolChoice.none
        case nil: break
        default: request.toolChoice = .automatic
        }
        let options = value["generationConfig"]
        request.sampling = SamplingOptions(
            temperature: options?["temperature"]?.double, topP: options?["topP"]?.double,
            topK: options?["topK"]?.integer.map { Int($0) },
            stopSequences: (options?["stopSequences"]?.array ?? []).map(text),
            maximumOutputTokens: options?["maxOutputTokens"]?.integer.map { Int($0) })
        if let schema = options?["responseJsonSchema"] {
            request.format = .jsonSchema(ResponseFormat.Schema(name: "", schema: schema))
        }
        return request
    }

    private static func part(_ part: JSONValue) -> Message.Part {
        if let call = part["functionCall"] {
            return .toolCall(
                Message.ToolCall(id: text(call["id"]), name: text(call["name"]), arguments: json(call["args"])))
        }
        if let data = part["inlineData"] ?? part["fileData"] {
            let type = text(data["mimeType"])
            let content =
                data["fileUri"].map { Message.Media.Content.url(text($0)) } ?? .base64(text(data["data"]))
            let media = Message.Media(content, mediaType: type)
            return type.hasPrefix("image/") ? .image(media) : .file(media)
        }
        return .text(text(part["text"]))
    }

    // MARK: Answers

    static func plain(_ answer: InferenceAnswer) -> InferenceAnswer {
        var answer = answer
        answer.parts = answer.parts.map { part in
            guard case .reasoning(var reasoning) = part, let signature = reasoning.signature else { return part }
            reasoning.signature = "google:" + signature
            return .reasoning(reasoning)
        }
        return answer
    }

    static func stream(_ answer: InferenceAnswer, _ pieces: [InferenceEvent]) -> [UInt8] {
        var (text, proof, names) = ("", JSONValue?.none, [(id: String, name: String)]())
        func say(_ members: [(String, JSONValue)], isThought: Bool = false) {
            var part = JSONObject(members)
            if !isThought { part["thoughtSignature"] = proof }
            if !isThought { proof = nil }
            text += "data: " + json(["candidates": [["content": ["parts": [.object(part)]], "finishReason": "STOP"]]])
            text += "\n\n"
        }
        for piece in pieces {
            switch piece {
            case .text(let words): say([("text", .string(words))])
            case .reasoning(let words): say([("text", .string(words)), ("thought", true)], isThought: true)
            case .reasoningSignature(let signature): proof = .string(signature)
            case .toolCallStarted(let index, let id, let name):
                names.append((id, name))
                let arguments = answer.toolCalls[index].argumentObject
                say([("functionCall", ["id": .string(id), "name": .string(name), "args": arguments])])
            default: break
            }
        }
        if proof != nil { say([("text", "")]) }
        let usage = answer.usage ?? TokenUsage()
        let end: JSONValue = [
            "candidates": [["finishReason": answer.finish == .length ? "MAX_TOKENS" : "STOP"]],
            "usageMetadata": [
                "promptTokenCount": .number(usage.input), "cachedContentTokenCount": .number(usage.cacheRead),
                "candidatesTokenCount": .number(usage.output - usage.reasoning),
                "thoughtsTokenCount": .number(usage.reasoning),
            ],
        ]
        return Array((text + "data: \(json(end))\n\n").utf8)
    }
}
