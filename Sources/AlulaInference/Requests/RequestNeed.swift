package import AlulaModels

/// Something in a request that a model has to take.
package struct RequestNeed: Hashable, Sendable {
    package let capability: ModelCapability
    /// The member of the request that holds it, as its dialect spells it; `nil` when there is no request yet.
    package let parameter: String?

    package init(_ capability: ModelCapability, in parameter: String? = nil) {
        self.capability = capability
        self.parameter = parameter
    }
}

extension InferenceRequest {
    /// What it asks of a model besides reading and writing text, each once, in the order of ``ModelCapability``.
    ///
    /// Blocks that nobody here understands ask for nothing: who is sent them has to know.
    package var needs: [RequestNeed] {
        var found: Set<ModelCapability> = []
        for message in messages {
            for part in message.parts { part.collectNeeds(into: &found) }
        }
        if !tools.isEmpty { found.insert(.tools) }
        return ModelCapability.allCases.filter(found.contains).map { RequestNeed($0, in: parameter(of: $0)) }
    }

    private func parameter(of capability: ModelCapability) -> String {
        if capability == .tools { return "tools" }
        return dialect == .openAIResponses ? "input" : "messages"
    }
}

extension Message.Part {
    fileprivate func collectNeeds(into found: inout Set<ModelCapability>) {
        switch self {
        case .image: found.insert(.images)
        case .audio: found.insert(.audio)
        case .file(let media): if let need = media.need { found.insert(need) }
        case .toolResult(let result): for part in result.parts { part.collectNeeds(into: &found) }
        case .text, .reasoning, .refusal, .toolCall, .cachePoint, .native: break
        }
    }
}

extension Message.Media {
    /// What a model has to take that is given it as a file.
    fileprivate var need: ModelCapability? {
        if case .text = content { return nil }
        return switch mediaType?.prefix(while: { $0 != "/" }).lowercased() {
        case "image": .images
        case "audio": .audio
        case "video": .video
        default: .files
        }
    }
}
