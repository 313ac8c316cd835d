package import AlulaInference
import AlulaJSON

/// Writes an answer as the event stream of `POST /v1/messages`.
///
/// It gives `message_start` once, then each block from its start to its stop before the next one begins, then
/// `message_delta` with the reason of the end and `message_stop`, however the provider ordered its pieces. Blocks go out in
/// the order in which they began. One that begins while a call is still being written waits until that call's arguments
/// are whole, or until the answer ends. What a provider sends for a call whose arguments are whole and whose block is
/// stopped is left out.
///
/// - SeeAlso: Anthropic API reference, "Streaming messages".
package struct AnthropicStreamEncoder: AnswerStreamEncoding {
    /// A block that has not been stopped.
    private struct Block: Sendable {
        enum Kind: Hashable, Sendable {
            case text
            case thinking
            case encrypted(String)
            case call(id: String, name: String)
        }

        let kind: Kind
        /// What has not been written yet.
        var text = ""
        /// The proof of thoughts.
        var signature = ""
        var end = ObjectEnd()
        /// Whether nothing is added to it any more once another one has begun.
        var isWhole: Bool {
            if case .call = kind { end.isReached } else { true }
        }
    }

    /// What may wait, in bytes.
    private static let maximumWaiting = AnswerAssembler.maximumBytes

    private let labels: AnswerLabels
    private var hasBegun = false
    private var usage: TokenUsage?
    private var finish: FinishReason?
    private var refusal = ""
    /// The first one is open on the wire when ``isOpen``; the others wait.
    private var blocks: [Block] = []
    private var isOpen = false
    private var waiting = 0
    /// The index of the next block to begin, or of the one that is open.
    private var index = 0
    /// Which of all blocks that ever began are in ``blocks``: the place of the first one.
    private var firstPlace = 0
    /// Places of calls among all blocks, by the provider's indices.
    private var callPlaces: [Int: Int] = [:]

    package init(_ labels: AnswerLabels) { self.labels = labels }

    package mutating func encode(_ event: InferenceEvent) -> [UInt8] {
        switch event {
        // What a provider says of the cost comes right after it, and belongs in the first event.
        case .started: return []
        case .text(let text): return text.isEmpty ? [] : add(text, to: .text)
        case .refusal(let text):
            refusal += text
            return text.isEmpty ? [] : add(text, to: .text)
        case .reasoning(let text): return text.isEmpty ? [] : add(text, to: .thinking)
        case .reasoningSignature(let signature):
            if blocks.last?.kind != .thinking { begin(.thinking) }
            blocks[blocks.count - 1].signature += signature
            waiting += signature.utf8.count
            return advance()
        case .encryptedReasoning(let data):
            begin(.encrypted(data))
            return advance()
        case .toolCallStarted(let index, let id, let name):
            callPlaces[index] = firstPlace + blocks.count
            begin(.call(id: id, name: name))
            return advance()
        case .toolCallArguments(let index, let text):
            guard !text.isEmpty, let place = callPlaces[index], place >= firstPlace else { return [] }
            blocks[place - firstPlace].text += text
            blocks[place - firstPlace].end.take(text)
            waiting += text.utf8.count
            return advance()
        case .usage(let usage):
            self.usage = usage
            return []
        case .finished(let reason):
            finish = reason
            return []
        }
    }

    package mutating func end() -> [UInt8] {
        guard waiting <= Self.maximumWaiting else {
            return fail(AnswerError(.upstream, "The answer is longer than the gateway holds."))
        }
        var bytes = start()
        while !blocks.isEmpty { bytes += closeFirst() }
        let end = AnthropicEnd(finish ?? .stop, refusal: refusal)
        bytes += line(
            "message_delta", [("delta", .object(end.members)), ("usage", (usage ?? TokenUsage()).anthropicPayload)])
        return bytes + line("message_stop", [])
    }

    package mutating func fail(_ error: AnswerError) -> [UInt8] {
        // The open block stays open, so that nobody takes it for whole.
        ServerSentEvent.encode("error", data: error.anthropicPayload())
    }

    // MARK: Blocks

    private mutating func add(_ text: String, to kind: Block.Kind) -> [UInt8] {
        // Thoughts with their proof are whole.
        if blocks.last?.kind != kind || blocks.last?.signature.isEmpty == false { begin(kind) }
        blocks[blocks.count - 1].text += text
        waiting += text.utf8.count
        return advance()
    }

    private mutating func begin(_ kind: Block.Kind) { blocks.append(Block(kind: kind)) }

    /// Writes whatever may be written now.
    private mutating func advance() -> [UInt8] {
        guard waiting <= Self.maximumWaiting else { return [] }
        var bytes = start()
        while blocks.count > 1, blocks[0].isWhole { bytes += closeFirst() }
        return bytes + writeFirst()
    }

    /// The beginning of the answer, before anything else.
    private mutating func start() -> [UInt8] {
        guard !hasBegun else { return [] }
        hasBegun = true
        var begun = usage ?? TokenUsage()
        begun.reasoning = 0
        return line(
            "message_start", [("message", .object(AnthropicAnswerEncoder.message(labels, content: [], usage: begun)))])
    }

    private mutating func closeFirst() -> [UInt8] {
        var bytes = writeFirst()
        let block = blocks.removeFirst()
        if !block.signature.isEmpty {
            waiting -= block.signature.utf8.count
            bytes += delta("signature_delta", "signature", block.signature)
        }
        bytes += line("content_block_stop", [("index", .number(index))])
        firstPlace += 1
        index += 1
        isOpen = false
        return bytes
    }

    /// Writes what has come for the first block.
    private mutating func writeFirst() -> [UInt8] {
        var bytes: [UInt8] = []
        if !isOpen {
            isOpen = true
            bytes += line(
                "content_block_start", [("index", .number(index)), ("content_block", Self.payload(of: blocks[0].kind))])
        }
        let text = blocks[0].text
        guard !text.isEmpty else { return bytes }
        blocks[0].text = ""
        waiting -= text.utf8.count
        switch blocks[0].kind {
        case .text: bytes += delta("text_delta", "text", text)
        case .thinking: bytes += delta("thinking_delta", "thinking", text)
        case .call: bytes += delta("input_json_delta", "partial_json", text)
        case .encrypted: break
        }
        return bytes
    }

    /// A block before anything is in it.
    private static func payload(of kind: Block.Kind) -> JSONValue {
        switch kind {
        case .text: ["type": "text", "text": ""]
        case .thinking: ["type": "thinking", "thinking": "", "signature": ""]
        case .encrypted(let data): ["type": "redacted_thinking", "data": .string(data)]
        case .call(let id, let name):
            ["type": "tool_use", "id": .string(id), "name": .string(name), "input": [:]]
        }
    }

    /// A piece of the open block. There may be one for each word, so it is written without a tree of its parts.
    private func delta(_ type: String, _ key: String, _ text: String) -> [UInt8] {
        let head = #"{"type":"content_block_delta","index":\#(index),"delta":{"type":"\#(type)","\#(key)":"#
        return Array("event: content_block_delta\ndata: \(head)".utf8) + JSONValue.string(text).serialized(.compact)
            + Array("}}\n\n".utf8)
    }

    /// One event; its data repeats its name.
    private func line(_ name: String, _ members: [(String, JSONValue)]) -> [UInt8] {
        ServerSentEvent.encode(name, data: .object(JSONObject([("type", .string(name))] + members)))
    }
}
