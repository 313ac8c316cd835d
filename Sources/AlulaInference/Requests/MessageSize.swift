import AlulaJSON
package import AlulaPrimitives

/// What sizes of requests and answers mean for whoever writes and reads them.
package enum MessageSize {
    /// Up to it a text is worked on where the call runs, a few milliseconds at most; above it on the blocking pool.
    package static let maximumInline = ByteCount(bytes: 65_536)
}

extension InferenceRequest {
    /// Roughly how many bytes it takes on the wire, at most a little over `limit`: counting ends there.
    package func approximateBytes(upTo limit: Int) -> Int {
        var bytes = 0
        for message in messages {
            for part in message.parts { bytes += part.approximateBytes }
            if bytes > limit { return bytes }
        }
        var trees = tools.compactMap(\.parameters) + [.object(extras)]
        if case .jsonSchema(let schema) = format { trees.append(schema.schema) }
        for tree in trees where bytes <= limit { bytes += tree.approximateBytes(upTo: limit - bytes) }
        return bytes
    }
}

extension InferenceAnswer {
    /// Roughly how many bytes it takes on the wire, found without reading its texts.
    package var approximateBytes: Int { parts.reduce(0) { $0 + $1.approximateBytes } }
}

extension Message.Part {
    /// Blocks that nobody here understands are not counted any further.
    private static let largestCounted = 1 << 20

    fileprivate var approximateBytes: Int {
        switch self {
        case .text(let text), .refusal(let text): text.utf8.count
        case .image(let media, _), .audio(let media), .file(let media): media.approximateBytes
        case .reasoning(let reasoning):
            reasoning.text.utf8.count + (reasoning.signature?.utf8.count ?? 0) + (reasoning.encrypted?.utf8.count ?? 0)
        case .toolCall(let call): call.arguments.utf8.count
        case .toolResult(let result): result.parts.reduce(0) { $0 + $1.approximateBytes }
        case .native(let block): block.value.approximateBytes(upTo: Self.largestCounted)
        case .cachePoint: 0
        }
    }
}

extension Message.Media {
    fileprivate var approximateBytes: Int {
        switch content {
        case .base64(let text), .url(let text), .providerFile(let text), .text(let text): text.utf8.count
        }
    }
}

extension JSONValue {
    /// Roughly how many bytes it is written in; counting ends a little over `limit`.
    fileprivate func approximateBytes(upTo limit: Int) -> Int {
        var bytes = 0
        var waiting = [self]
        while bytes <= limit, let value = waiting.popLast() {
            bytes += 8
            if let text = value.string {
                bytes += text.utf8.count
            } else if let array = value.array {
                waiting += array
            } else if let object = value.object {
                for (name, member) in object {
                    bytes += name.utf8.count
                    waiting.append(member)
                }
            }
        }
        return bytes
    }
}
