import AlulaInference
import AlulaModels
import AlulaPrimitives

/// What OpenAI's APIs have in common on the wire.
enum OpenAIWire {
    static let vectors = "/embeddings"

    /// The address of an operation below a base URL, which may end in a slash, or have the path for answers already.
    static func url(_ base: String, _ operation: String) -> String {
        var base = base.baseAddress
        for path in ["/chat/completions", "/responses"] where base.hasSuffix(path) { base.removeLast(path.count) }
        return base + operation
    }
}

extension UpstreamExchange {
    /// Asks for vectors as OpenAI's API has it.
    func openAIVectors(_ call: EmbeddingCall) async throws -> EmbeddingAnswer {
        let (request, model) = (call.request, call.target.route.model.model.rawValue)
        return try await vectors(
            call, to: { OpenAIWire.url($0, OpenAIWire.vectors) },
            headers: { $0.bearerHeaders(isStreamed: false) }
        ) { () throws(AttemptFailure) in
            OpenAIVectors.encode(request, model: model)
        } read: {
            OpenAIVectors.decode($0, count: request.input.count)
        }
    }
}
