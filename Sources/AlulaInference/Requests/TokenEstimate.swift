import AlulaJSON

/// How many tokens a request has, guessed where nobody counts them.
///
/// Tokens are the provider's, and each has others. Four bytes for a token is close for English and code, and too few tokens
/// for most other languages.
package enum TokenEstimate {
    /// An image of a million pixels; larger ones are made smaller by most providers.
    private static let image = 1600
    /// A page of a document has so many bytes, and so many tokens.
    private static let page = (bytes: 50_000, tokens: 2000)

    /// Messages, instructions, tools and the wanted format. Takes time that grows with the size of the tools.
    package static func tokens(of request: InferenceRequest) -> Int {
        var size = Size()
        for message in request.messages { size.add(message.parts) }
        for tool in request.tools {
            size.bytes += tool.name.utf8.count + (tool.description?.utf8.count ?? 0)
            size.add(tool.parameters)
        }
        if case .jsonSchema(let schema) = request.format { size.add(schema.schema) }
        return size.tokens
    }

    private struct Size {
        /// Of text.
        var bytes = 0
        /// Of everything that is no text.
        var others = 0

        var tokens: Int { (bytes + 3) / 4 + others }

        mutating func add(_ value: JSONValue?) { bytes += value?.serialized(.compact).count ?? 0 }

        mutating func add(_ parts: [Message.Part]) {
            for part in parts {
                switch part {
                case .text(let text), .refusal(let text): bytes += text.utf8.count
                case .reasoning(let reasoning): bytes += reasoning.text.utf8.count
                case .toolCall(let call): bytes += call.name.utf8.count + call.arguments.utf8.count
                case .toolResult(let result): add(result.parts)
                case .image: others += image
                case .audio(let media), .file(let media): add(media)
                case .native(let block): add(block.value)
                case .cachePoint: break
                }
            }
        }

        private mutating func add(_ media: Message.Media) {
            switch media.content {
            case .text(let text): bytes += text.utf8.count
            case .base64(let data): others += (data.utf8.count * 3 / 4 + page.bytes - 1) / page.bytes * page.tokens
            case .url, .providerFile: others += page.tokens
            }
        }
    }
}
