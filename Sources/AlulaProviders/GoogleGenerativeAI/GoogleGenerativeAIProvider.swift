package import AlulaAuth
package import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives

/// Models behind `POST <base URL>/models/<id>:generateContent` and `:batchEmbedContents`, which Google's Gemini API speaks.
package struct GoogleGenerativeAIProvider: ModelProvider, EmbeddingProviding {
    private let exchange: UpstreamExchange

    /// - Parameter offloading: Where requests and answers are written and read that are long.
    package init(client: UpstreamClient, logins: any LoginOpening, offloading: any ComputeOffloading) {
        exchange = UpstreamExchange(client: client, logins: logins, texts: TextWork(offloading: offloading))
    }

    package func answer(_ call: ModelCall) async throws -> any AnswerStream {
        let model = GoogleModelName(call.route.model.model.rawValue)
        let encoder = GoogleRequestEncoder(model: model)
        let request = call.request
        let operation = request.isStreamed ? "streamGenerateContent?alt=sse" : "generateContent"
        let (answer, login) = try await exchange.send(
            call, to: { Self.url($0, "\(model.path):\(operation)") }, headers: Self.headers
        ) { () throws(AttemptFailure) in
            try encoder.encode(request).serialized(.compact)
        }
        return try await exchange.client.read(answer, by: GoogleEventDecoder.self, login, exchange.texts)
    }

    package func embed(_ call: EmbeddingCall) async throws -> EmbeddingAnswer {
        let (request, model) = (call.request, GoogleModelName(call.target.route.model.model.rawValue))
        let texts = try request.sayableTexts()
        var whole = EmbeddingAnswer([])
        for start in stride(from: 0, to: texts.count, by: GoogleVectors.maximumBatch) {
            let batch = texts[start..<min(start + GoogleVectors.maximumBatch, texts.count)]
            let part = try await exchange.vectors(
                call, to: { Self.url($0, "\(model.path):batchEmbedContents") }, headers: Self.headers
            ) { () throws(AttemptFailure) in
                GoogleVectors.encode(batch, of: request, model: model)
            } read: {
                GoogleVectors.decode($0, count: batch.count)
            }
            whole.vectors += part.vectors
            whole.inputTokens = part.inputTokens.map { $0 &+ (whole.inputTokens ?? 0) }
        }
        return whole
    }

    static func headers(_ login: OpenedLogin) -> [(name: String, value: String)] {
        guard let secret = login.secret else { return [] }
        return switch login.form {
        case .key: [(name: "x-goog-api-key", value: secret.exposed)]
        case .bearer, .account: [(name: "authorization", value: "Bearer \(secret.exposed)")]
        }
    }

    /// The address below a base URL, which may end in a slash; without a path it lacks the API's version.
    static func url(_ base: String, _ path: String) -> String {
        let base = base.baseAddress
        let hasPath = base.split(separator: "/", omittingEmptySubsequences: true).count > 2
        return base + (hasPath ? "/" : "/v1beta/") + path
    }
}
