package import AlulaInference
package import AlulaJSON

/// Writes answers as `POST /v1/responses` gives them, in one piece.
package enum OpenAIResponsesAnswerEncoder {
    package static func encode(
        _ answer: InferenceAnswer, to request: InferenceRequest, _ labels: AnswerLabels
    ) -> JSONValue {
        var items: [ResponseItem] = []
        for part in answer.parts { add(part, to: &items, labels) }
        let hasRefused = items.contains { $0.contents.contains(where: \.isRefusal) }
        let state = ResponseFrame.State(answer.finish, hasRefused: hasRefused)
        var output = items.map { $0.payload(.completed) }
        // Whatever was cut off is the last item.
        if case .incomplete = state, let last = items.last { output[output.count - 1] = last.payload(.incomplete) }
        return ResponseFrame(labels, answering: request)
            .payload(state, output: output, usage: answer.usage ?? TokenUsage())
    }

    private static func add(_ part: Message.Part, to items: inout [ResponseItem], _ labels: AnswerLabels) {
        func begin(_ kind: ResponseItem.Kind) { items.append(ResponseItem(kind, of: labels, at: items.count)) }
        func say(_ text: String, isRefusal: Bool) {
            if items.last?.kind != .message { begin(.message) }
            items[items.count - 1].contents.append(ResponseItem.Content(isRefusal: isRefusal, text: text))
        }
        switch part {
        case .text(let text): say(text, isRefusal: false)
        case .refusal(let text): say(text, isRefusal: true)
        case .reasoning(let reasoning):
            if !reasoning.text.isEmpty || reasoning.signature != nil {
                begin(.reasoning)
                items[items.count - 1].text = reasoning.text
                items[items.count - 1].signature = reasoning.signature ?? ""
            }
            if let encrypted = reasoning.encrypted {
                if items.last?.takes(encrypted: encrypted) != true { begin(.reasoning) }
                items[items.count - 1].encrypted = encrypted
            }
        case .toolCall(let call):
            begin(.call(id: call.id, name: call.name))
            items[items.count - 1].text = call.arguments
        case .image, .audio, .file, .toolResult, .cachePoint, .native: break
        }
    }
}
