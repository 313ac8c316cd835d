package import AlulaAuth
package import AlulaInference
package import AlulaModels
package import AlulaPrimitives
import NIOHTTP1

/// Asks for passes over HTTP.
package struct HTTPPassEndpoint: PassEndpoint {
    /// Answers are small; a larger one is none.
    private static let maximumAnswer = ByteCount.kibibytes(64)

    private let client: UpstreamClient
    private let texts: TextWork

    /// - Parameter offloading: Where the owner's certificates are read, which may take long.
    package init(client: UpstreamClient, offloading: any ComputeOffloading) {
        self.client = client
        texts = TextWork(offloading: offloading)
    }

    package func pass(
        for token: Secret, at entry: PassEndpointEntry, by transport: CallTransport?, until deadline: Deadline
    ) async throws -> Pass {
        do {
            try await client.prepare(transport, on: texts)
            let own = [
                (name: "accept", value: "application/json"), (name: "user-agent", value: "alula"),
                (name: "authorization", value: "token \(token.normalised.exposed)"),
            ]
            let answer = try await client.send(
                entry.url, method: .GET, headers: entry.headers.map { (name: $0.name, value: $0.value) } + own,
                body: [], by: transport, until: deadline)
            let bytes = try await answer.body.rest(upTo: Self.maximumAnswer)
            let decoder = PassAnswerDecoder(isLocal: entry.url.hasPrefix("http://"), stored: token)
            return try decoder.decode(status: answer.status, bytes, retryAfter: answer.retryAfter)
        } catch let failure as AttemptFailure {
            var reason = FailureReason.unclassified
            if case .failure(let found) = failure.judgement { reason = found }
            let words = LoginRedactor(OpenedLogin(secret: token, transport: transport)).redacted(failure.message)
            throw PassFailure(reason, "No token could be asked for: \(words)", retryAfter: failure.retryAfter)
        }
    }
}
