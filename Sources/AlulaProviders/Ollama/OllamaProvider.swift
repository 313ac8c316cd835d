package import AlulaAuth
package import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives

/// Models behind `POST <base URL>/api/chat` and `/api/embed`, which Ollama speaks. A server nearby wants no key.
package struct OllamaProvider: ModelProvider, EmbeddingProviding {
    private let exchange: UpstreamExchange

    /// - Parameter offloading: Where requests and answers are written and read that are long.
    package init(client: UpstreamClient, logins: any LoginOpening, offloading: any ComputeOffloading) {
        exchange = UpstreamExchange(client: client, logins: logins, texts: TextWork(offloading: offloading))
    }

    package func answer(_ call: ModelCall) async throws -> any AnswerStream {
        let encoder = OllamaRequestEncoder(model: call.route.model.model.rawValue, known: call.model)
        let request = call.request
        let (answer, login) = try await exchange.send(
            call, to: { Self.url($0, "chat") }, headers: Self.headers
        ) { () throws(AttemptFailure) in
            try encoder.encode(request).serialized(.compact)
        }
        return try await exchange.client.read(answer, by: OllamaLineDecoder.self, login, exchange.texts)
    }

    package func embed(_ call: EmbeddingCall) async throws -> EmbeddingAnswer {
        let (request, model) = (call.request, call.target.route.model.model.rawValue)
        return try await exchange.vectors(call, to: { Self.url($0, "embed") }, headers: Self.headers) {
            () throws(AttemptFailure) in
            try OllamaVectors.encode(request, model: model)
        } read: {
            OllamaVectors.decode($0, count: request.input.count)
        }
    }

    static func headers(_ login: OpenedLogin) -> [(name: String, value: String)] {
        login.secret.map { [(name: "authorization", value: "Bearer \($0.exposed)")] } ?? []
    }

    /// The address of an operation below a base URL, which may end in a slash, in `/api`, or in the `/v1` of the server's other
    /// API.
    static func url(_ base: String, _ operation: String) -> String {
        var base = base.baseAddress
        for end in ["/api/chat", "/api", "/v1"] where base.hasSuffix(end) {
            base.removeLast(end.count)
            break
        }
        return base.baseAddress + "/api/" + operation
    }
}
