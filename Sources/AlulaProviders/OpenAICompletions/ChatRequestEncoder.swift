import AlulaInference
import AlulaJSON
import AlulaModels

/// Writes requests for `openai-completions`.
struct ChatRequestEncoder {
    /// Members that make an answer another thing than what is read here, so that nobody adds them.
    private static let reserved: Set<String> = ["messages", "model", "n", "stream", "stream_options"]

    let model: String
    let quirks: ChatQuirks
    /// What the owner adds to each request, as far as it does not say so itself.
    var members = JSONObject()

    private var compatibility: ModelCompatibility { quirks.compatibility }

    /// - Throws: ``AttemptFailure`` when the request holds what this dialect has no word for.
    func encode(_ request: InferenceRequest) throws(AttemptFailure) -> JSONValue {
        var body = JSONObject()
        // What the caller said in this dialect and nobody here knows, as it was said; what is known comes over it.
        if request.dialect == .openAIChat { body = request.extras }
        if let member = request.unsayableMember(in: .openAIChat) { throw .unsayable(member) }
        body["model"] = .string(model)
        body["messages"] = .array(try messages(of: request))
        try tools(of: request, into: &body)
        sampling(of: request.sampling, into: &body)
        body["response_format"] = format(request.format)
        if let reasoning = request.reasoning { thinking(reasoning, into: &body) }
        body["user"] = request.user.map { .string($0) }
        if request.isStreamed {
            body["stream"] = true
            // Asked for in any case, since the gateway wants to know as well.
            body["stream_options"] =
                compatibility.supportsUsageInStreaming == false ? nil : ["include_usage": true]
        }
        body.add(members.filter { !Self.reserved.contains($0.key) })
        if compatibility.supportsStore == false { body["store"] = nil }
        return .object(body)
    }

    /// Says how much is to be thought, in the server's way.
    private func thinking(_ wish: ReasoningOptions, into body: inout JSONObject) {
        let effort = wish.effort.flatMap { quirks.effort($0) }
        let format = compatibility.thinkingFormat ?? .openAI
        if format == .openAI { body["reasoning_effort"] = effort.map { .string($0) } }
        // The others have a switch, which nobody touches who said neither how much nor whether.
        guard format != .openAI, wish.effort != nil || wish.budgetTokens != nil || wish.isAdaptive else { return }
        let isWanted = wish.effort != "none" && wish.budgetTokens != 0
        switch format {
        case .openAI: break
        case .openRouter:
            body["reasoning"] = effort.map { ["effort": .string($0)] } ?? ["enabled": .bool(isWanted)]
        case .together: body["reasoning"] = ["enabled": .bool(isWanted)]
        case .zai: body["thinking"] = ["type": isWanted ? "enabled" : "disabled"]
        case .qwen: body["enable_thinking"] = .bool(isWanted)
        case .qwenChatTemplate:
            var options = body["chat_template_kwargs"]?.object ?? JSONObject()
            options["enable_thinking"] = .bool(isWanted)
            body["chat_template_kwargs"] = .object(options)
        }
    }

    private func tools(of request: InferenceRequest, into body: inout JSONObject) throws(AttemptFailure) {
        if !request.tools.isEmpty {
            // Without them the answer would be another one.
            guard compatibility.supportsTools != false else { throw .unsayable("tools") }
            body["tools"] = .array(
                request.tools.map { tool in
                    var function = JSONObject([("name", .string(tool.name))])
                    function["description"] = tool.description.map { .string($0) }
                    function["parameters"] = tool.parameters.map { schema($0) }
                    if compatibility.supportsStrictMode != false {
                        function["strict"] = tool.isStrict.map { .bool($0) }
                    }
                    return ["type": "function", "function": .object(function)]
                })
        }
        switch request.toolChoice {
        case .automatic?: body["tool_choice"] = "auto"
        case ToolChoice.none?: body["tool_choice"] = "none"
        case .required?: body["tool_choice"] = "required"
        case .tool(let name)?: body["tool_choice"] = ["type": "function", "function": ["name": .string(name)]]
        case nil: break
        }
        body["parallel_tool_calls"] = request.allowsParallelToolCalls.map { .bool($0) }
    }

    /// A schema without the words that the server stumbles over.
    private func schema(_ value: JSONValue) -> JSONValue {
        guard !compatibility.unsupportedSchemaKeywords.isEmpty else { return value }
        return value.withoutMembers(Set(compatibility.unsupportedSchemaKeywords))
    }

    private func sampling(of options: SamplingOptions, into body: inout JSONObject) {
        body["temperature"] = options.temperature.map { .number($0) }
        body["top_p"] = options.topP.map { .number($0) }
        body["top_k"] = options.topK.map { .number($0) }
        body["frequency_penalty"] = options.frequencyPenalty.map { .number($0) }
        body["presence_penalty"] = options.presencePenalty.map { .number($0) }
        body["seed"] = options.seed.map { .number($0) }
        if !options.stopSequences.isEmpty { body["stop"] = .array(options.stopSequences.map { .string($0) }) }
        body[quirks.limitMember] = options.maximumOutputTokens.map { .number($0) }
    }

    private func format(_ format: ResponseFormat) -> JSONValue? {
        switch format {
        case .text: return nil
        case .jsonObject: return ["type": "json_object"]
        case .jsonSchema(let schema):
            var inner = JSONObject([("name", .string(schema.name))])
            inner["description"] = schema.description.map { .string($0) }
            inner["schema"] = schema.schema
            inner["strict"] = schema.isStrict.map { .bool($0) }
            return ["type": "json_schema", "json_schema": .object(inner)]
        }
    }

    // MARK: Messages

    private func messages(of request: InferenceRequest) throws(AttemptFailure) -> [JSONValue] {
        var (messages, names): ([JSONValue], [String: String]) = ([], [:])
        for message in request.messages {
            for call in message.parts.compactMap(\.toolCall) { names[call.id] = call.name }
            if compatibility.requiresAssistantAfterToolResult == true, message.role == .user,
                messages.last?["role"] == "tool"
            {
                messages.append(["role": "assistant", "content": "(The tools have answered.)"])
            }
            messages += try encode(message, of: request.dialect, toolNames: names)
        }
        return messages
    }

    private func encode(
        _ message: Message, of dialect: Dialect, toolNames: [String: String]
    ) throws(AttemptFailure) -> [JSONValue] {
        switch message.role {
        case .tool: return try results(of: message, as: dialect, toolNames)
        case .assistant: return [try answer(message)]
        case .system, .developer, .user:
            let word = message.role == .developer && !quirks.knowsDevelopers ? Message.Role.system : message.role
            var object = JSONObject([("role", .string(word.rawValue))])
            object["content"] = try content(message.parts)
            object["name"] = message.name.map { .string($0) }
            return [.object(object)]
        }
    }

    /// Results of tools are texts in this dialect. What else a tool has returned is said by the user, right behind them; a
    /// caller of the dialect itself knows what its server takes.
    private func results(
        of message: Message, as dialect: Dialect, _ toolNames: [String: String]
    ) throws(AttemptFailure) -> [JSONValue] {
        var (objects, others): ([JSONValue], [JSONValue]) = ([], [])
        for case .toolResult(let result) in message.parts {
            var parts = result.parts
            if dialect != .openAIChat {
                parts = result.parts.filter { $0.text != nil }
                for part in result.parts where part.text == nil && !part.isMark { others.append(try encode(part)) }
                if parts.isEmpty, !others.isEmpty { parts = [.text("(see the next message)")] }
            }
            var object = JSONObject([
                ("role", "tool"), ("tool_call_id", .string(quirks.callID(result.callID))),
                ("content", try content(parts)),
            ])
            if compatibility.requiresToolResultName == true {
                object["name"] = toolNames[result.callID].map { .string($0) }
            }
            objects.append(.object(object))
        }
        if !others.isEmpty { objects.append(["role": "user", "content": .array(others)]) }
        return objects
    }

    private func answer(_ message: Message) throws(AttemptFailure) -> JSONValue {
        for case .native(let block) in message.parts { throw .unsayable(block.place) }
        var object = JSONObject([("role", "assistant")])
        let thoughts = message.parts.compactMap { if case .reasoning(let part) = $0 { part.text } else { nil } }
            .joined()
        var said = message.parts.filter { if case .text = $0 { true } else { false } }
        let isThinkingAText = compatibility.requiresThinkingAsText == true
        if isThinkingAText, !thoughts.isEmpty { said.insert(.text("<thinking>\n\(thoughts)\n</thinking>\n"), at: 0) }
        let calls = message.parts.compactMap(\.toolCall)
        object["content"] = said.isEmpty && !calls.isEmpty ? .null : try content(said)
        for case .refusal(let text) in message.parts { object["refusal"] = .string(text) }
        // OpenAI takes none back; vendors that show them want them.
        if !thoughts.isEmpty, !quirks.isOpenAI, !isThinkingAText { object["reasoning_content"] = .string(thoughts) }
        if !calls.isEmpty {
            object["tool_calls"] = .array(
                calls.map { call in
                    [
                        "id": .string(quirks.callID(call.id)), "type": "function",
                        "function": ["name": .string(call.name), "arguments": .string(call.arguments)],
                    ]
                })
        }
        return .object(object)
    }

    /// A text where there is nothing but text, since some servers know nothing else; else parts.
    private func content(_ parts: [Message.Part]) throws(AttemptFailure) -> JSONValue {
        let parts = parts.filter { !$0.isMark }
        if parts.allSatisfy({ $0.text != nil }) { return .string(parts.compactMap(\.text).joined()) }
        if compatibility.requiresStringContent == true { throw Self.unspeakable("anything but texts") }
        var list: [JSONValue] = []
        for part in parts { list.append(try encode(part)) }
        return .array(list)
    }

    private func encode(_ part: Message.Part) throws(AttemptFailure) -> JSONValue {
        switch part {
        case .text(let text): return ["type": "text", "text": .string(text)]
        case .image(let media, let detail):
            var image = JSONObject([("url", .string(try address(of: media, standardType: "image/png")))])
            image["detail"] = detail.map { .string($0) }
            return ["type": "image_url", "image_url": .object(image)]
        case .audio(let media):
            guard case .base64(let data) = media.content else { throw Self.unspeakable("audio behind an address") }
            let format = media.mediaType.flatMap { $0.split(separator: "/").last }.map(String.init) ?? "wav"
            return ["type": "input_audio", "input_audio": ["data": .string(data), "format": .string(format)]]
        case .file(let media):
            // The dialect has files in base64 only; a text is said as one.
            if case .text(let text) = media.content {
                return ["type": "text", "text": .string((media.name.map { "\($0)\n\n" } ?? "") + text)]
            }
            var file = JSONObject()
            file["filename"] = media.name.map { .string($0) }
            if case .providerFile(let id) = media.content {
                file["file_id"] = .string(id)
            } else {
                file["file_data"] = .string(try address(of: media, standardType: "application/pdf"))
            }
            return ["type": "file", "file": .object(file)]
        case .refusal(let text): return ["type": "refusal", "refusal": .string(text)]
        case .native(let block):
            throw .unsayable(block.place)
        case .reasoning, .toolCall, .toolResult, .cachePoint:
            throw Self.unspeakable("a part of another kind of message")
        }
    }

    private func address(of media: Message.Media, standardType: String) throws(AttemptFailure) -> String {
        switch media.content {
        case .url(let url): return url
        case .text: throw Self.unspeakable("a text as a file")
        case .base64(let data): return "data:\(media.mediaType ?? standardType);base64,\(data)"
        case .providerFile: throw Self.unspeakable("a file that another provider keeps")
        }
    }

    /// The request holds what this dialect has no word for. No other login helps, and the caller has to change it.
    private static func unspeakable(_ what: String) -> AttemptFailure {
        AttemptFailure(judgement: .refusedInput, message: "This model's provider can't be sent \(what).", status: 400)
    }
}

extension Message.Part {
    /// Whether it is a mark of the cache, which is no part of what is said.
    fileprivate var isMark: Bool { if case .cachePoint = self { true } else { false } }
}

extension JSONObject {
    /// Takes in what is not there yet; of objects that are, their members.
    fileprivate mutating func add(_ members: [Element]) {
        for (name, value) in members {
            switch (self[name], value) {
            case (nil, _): self[name] = value
            case (.object(var own)?, .object(let others)):
                own.add(Array(others))
                self[name] = .object(own)
            default: break
            }
        }
    }
}
