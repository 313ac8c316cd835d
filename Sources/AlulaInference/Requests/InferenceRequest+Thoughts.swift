extension InferenceRequest {
    /// The request without what the model thought in earlier turns, for providers that refuse to take it back later. Of the turn
    /// that goes on nothing is left out: a model that waits for a tool has to know why it called it.
    package func withoutEarlierThoughts() -> InferenceRequest {
        let start = messages.lastIndex { $0.role == .user } ?? messages.startIndex
        let hasThoughts = messages[..<start].contains { $0.parts.contains(where: \.isReasoning) }
        guard hasThoughts else { return self }
        var request = self
        for index in request.messages[..<start].indices {
            request.messages[index].parts.removeAll(where: \.isReasoning)
        }
        request.messages.removeAll { $0.role == .assistant && $0.parts.isEmpty }
        return request
    }
}

extension Message.Part {
    fileprivate var isReasoning: Bool { if case .reasoning = self { true } else { false } }
}
