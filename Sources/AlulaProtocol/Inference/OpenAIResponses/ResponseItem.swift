import AlulaInference
import AlulaJSON

/// One element of `output`, whole or while it grows.
struct ResponseItem: Sendable {
    enum Kind: Hashable, Sendable {
        case message
        case reasoning
        case call(id: String, name: String)
    }

    enum Status: String, Sendable {
        case inProgress = "in_progress"
        case completed
        case incomplete
    }

    /// A part of a message.
    struct Content: Sendable {
        let isRefusal: Bool
        var text = ""

        var payload: JSONValue {
            isRefusal
                ? ["type": "refusal", "refusal": .string(text)]
                : ["type": "output_text", "text": .string(text), "annotations": [], "logprobs": []]
        }
    }

    let kind: Kind
    /// The gateway's name for it.
    let id: String
    /// Of a message.
    var contents: [Content] = []
    /// Of thoughts that can be read, or the arguments of a call.
    var text = ""
    /// The proof of thoughts, in pieces that came one after the other.
    var signature = ""
    /// Thoughts that only their provider can read.
    var encrypted: String?

    /// - Parameter index: Its place among all items of the answer.
    init(_ kind: Kind, of labels: AnswerLabels, at index: Int) {
        self.kind = kind
        let prefix =
            switch kind {
            case .message: "msg"
            case .reasoning: "rs"
            case .call: "fc"
            }
        id = "\(prefix)_\(labels.id)_\(index)"
    }

    /// Whether thoughts are whole: what follows are others.
    var isSealed: Bool { encrypted != nil || !signature.isEmpty }

    /// Whether encrypted thoughts are those that this item shows in part. Those without a name stand for themselves.
    func takes(encrypted text: String) -> Bool {
        guard kind == .reasoning, !isSealed, case .named? = SealedThoughts(text) else { return false }
        return true
    }

    func payload(_ status: Status) -> JSONValue {
        let word = JSONValue.string(status.rawValue)
        switch kind {
        case .message:
            return [
                "id": .string(id), "type": "message", "status": word, "role": "assistant",
                "content": .array(contents.map(\.payload)),
            ]
        case .call(let call, let name):
            return [
                "id": .string(id), "type": "function_call", "status": word, "call_id": .string(call),
                "name": .string(name), "arguments": .string(text),
            ]
        case .reasoning:
            var item = JSONObject([("id", .string(id)), ("type", "reasoning"), ("status", word)])
            item["summary"] = text.isEmpty ? [] : [Self.summary(text)]
            item["encrypted_content"] = sealed.map { .string($0) }
            return .object(item)
        }
    }

    static func summary(_ text: String) -> JSONValue { ["type": "summary_text", "text": .string(text)] }

    /// What callers have to send back for the thoughts to be taken back.
    private var sealed: String? {
        guard let encrypted else { return signature.isEmpty ? nil : SealedThoughts.signature(signature).text }
        return SealedThoughts(encrypted) == nil ? SealedThoughts.unnamed(data: encrypted).text : encrypted
    }
}
