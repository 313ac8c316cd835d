package import AlulaAuth
package import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives

/// Models behind `POST <base URL>/chat/completions` and `/embeddings`, which OpenAI and most others speak.
package struct OpenAICompletionsProvider: ModelProvider, EmbeddingProviding {
    private let exchange: UpstreamExchange

    /// - Parameter offloading: Where requests and answers are written and read that are long.
    package init(client: UpstreamClient, logins: any LoginOpening, offloading: any ComputeOffloading) {
        exchange = UpstreamExchange(client: client, logins: logins, texts: TextWork(offloading: offloading))
    }

    package func answer(_ call: ModelCall) async throws -> any AnswerStream {
        let encoder = ChatRequestEncoder(
            model: call.route.model.model.rawValue,
            quirks: ChatQuirks(base: call.baseURL ?? "", call.model?.compatibility), members: call.target.members)
        let request = call.request
        let (answer, login) = try await exchange.send(
            call, to: Self.url, headers: { $0.bearerHeaders(isStreamed: request.isStreamed) }
        ) { () throws(AttemptFailure) in
            try encoder.encode(request).serialized(.compact)
        }
        return try await exchange.client.read(answer, by: ChatChunkDecoder.self, login, exchange.texts)
    }

    package func embed(_ call: EmbeddingCall) async throws -> EmbeddingAnswer {
        try await exchange.openAIVectors(call)
    }

    /// The address below a base URL, which may end in a slash or have the path already.
    static func url(_ base: String) -> String { OpenAIWire.url(base, "/chat/completions") }
}
