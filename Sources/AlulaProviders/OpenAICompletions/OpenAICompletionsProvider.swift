package import AlulaAuth
package import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives

/// Models behind `POST <base URL>/chat/completions`, which OpenAI and most others speak.
package struct OpenAICompletionsProvider: ModelProvider {
    private let client: UpstreamClient
    private let logins: any LoginOpening
    private let texts: TextWork

    /// - Parameter offloading: Where requests and answers are written and read that are long.
    package init(client: UpstreamClient, logins: any LoginOpening, offloading: any ComputeOffloading) {
        self.client = client
        self.logins = logins
        texts = TextWork(offloading: offloading)
    }

    package func answer(_ call: ModelCall) async throws -> any AnswerStream {
        guard let base = call.baseURL else {
            throw AttemptFailure(
                FailureReport(message: "The provider has no base URL: set models.providers.<id>.baseUrl."))
        }
        let encoder = ChatRequestEncoder(
            model: call.route.model.model.rawValue, quirks: ChatQuirks(base: base, call.model?.compatibility))
        let request = call.request
        let body = try await texts.work(on: request.approximateBytes(upTo: MessageSize.maximumInline.bytes)) {
            () throws(AttemptFailure) in try encoder.encode(request).serialized(.compact)
        }
        // At the last moment, so that it is kept for no longer than the sending takes.
        let (answer, login) = try await client.post(
            Self.url(base), as: try await logins.open(call),
            headers: { Self.headers($0, isStreamed: call.request.isStreamed) }, body: body, until: call.deadline)
        return try await client.read(answer, by: ChatChunkDecoder.self, login, texts)
    }

    private static func headers(_ login: OpenedLogin, isStreamed: Bool) -> [(name: String, value: String)] {
        var headers = [
            (name: "content-type", value: "application/json"),
            (name: "accept", value: isStreamed ? "text/event-stream" : "application/json"),
            (name: "user-agent", value: "alula"),
        ]
        if let secret = login.secret { headers.append((name: "authorization", value: "Bearer \(secret.exposed)")) }
        // What the configuration says about headers counts more, authorization included.
        for header in login.headers { headers.append((name: header.name, value: header.value.exposed)) }
        return headers
    }

    /// The address below a base URL, which may end in a slash or have the path already.
    static func url(_ base: String) -> String {
        var base = base.trimmed()
        while base.hasSuffix("/") { base.removeLast() }
        return base.hasSuffix("/chat/completions") ? base : base + "/chat/completions"
    }
}
