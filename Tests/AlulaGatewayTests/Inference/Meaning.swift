import AlulaInference

/// What a request means, whichever dialect it was written in: texts in a row are one, and so are messages of one side.
struct Meaning: Equatable {
    let messages: [Message]
    let tools: [ToolDefinition]
    let choice: ToolChoice?
    let isParallel: Bool?
    let sampling: SamplingOptions
    let format: ResponseFormat
    let user: String?
    let isStreamed: Bool

    init(_ request: InferenceRequest) {
        var messages: [Message] = []
        for message in request.messages {
            if messages.last?.role != message.role { messages.append(Message(message.role, [])) }
            for part in message.parts {
                if case .text(let more) = part, case .text(let text)? = messages[messages.count - 1].parts.last {
                    messages[messages.count - 1].parts.removeLast()
                    messages[messages.count - 1].parts.append(.text(text + more))
                } else {
                    messages[messages.count - 1].parts.append(part)
                }
            }
        }
        self.messages = messages
        tools = request.tools.map { tool in
            // What nobody says means no, and one dialect has to say so.
            var tool = tool
            if tool.isStrict == false { tool.isStrict = nil }
            return tool
        }
        choice = request.toolChoice
        isParallel = request.allowsParallelToolCalls
        sampling = request.sampling
        format = request.format
        user = request.user
        isStreamed = request.isStreamed
    }
}
