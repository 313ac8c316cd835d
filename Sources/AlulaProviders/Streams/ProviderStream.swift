package import AlulaInference
package import AlulaModels

/// What a provider of a kind of API says in a stream, without a provider: for those who try what it may send.
package enum ProviderStream {
    /// The kinds whose streams can be read.
    package static let kinds: [APIKind] = [
        .openAICompletions, .anthropicMessages, .googleGenerativeAI, .ollama, .openAIResponses,
    ]

    /// Reads a whole stream that comes in `parts`.
    ///
    /// - Throws: ``AttemptFailure`` for an error in it, for what is none, and for one that is not whole.
    package static func read(
        _ parts: [[UInt8]], of kind: APIKind, login: OpenedLogin
    ) throws(AttemptFailure) -> [InferenceEvent] {
        switch kind {
        case .anthropicMessages: try read(parts, by: MessagesEventDecoder.self, login)
        case .googleGenerativeAI: try read(parts, by: GoogleEventDecoder.self, login)
        case .ollama: try read(parts, by: OllamaLineDecoder.self, login)
        case .openAIResponses: try read(parts, by: ResponsesEventDecoder.self, login)
        default: try read(parts, by: ChatChunkDecoder.self, login)
        }
    }

    static func read<Decoder: AnswerDecoding>(
        _ parts: [[UInt8]], by decoder: Decoder.Type, _ login: OpenedLogin
    ) throws(AttemptFailure) -> [InferenceEvent] {
        var reader = AnswerStreamReader<Decoder>(login: login)
        for part in parts { try reader.take(part) }
        if !reader.hasEnded { try reader.end() }
        return Array(reader.takeEvents())
    }
}
