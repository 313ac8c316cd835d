package import AlulaAuth
import AlulaInference
import AlulaJSON
import AlulaModels
package import AlulaPrimitives

/// Exchanges refresh tokens over HTTP.
package struct HTTPTokenEndpoint: TokenEndpoint {
    /// Answers are small; a larger one is none.
    private static let maximumAnswer = ByteCount.kibibytes(64)

    private let client: UpstreamClient

    package init(client: UpstreamClient) { self.client = client }

    package func exchange(_ request: TokenRequest, until deadline: Deadline) async throws -> TokenGrant {
        let (type, body) = Self.body(of: request)
        do {
            let answer = try await client.post(
                request.endpoint.url,
                headers: [
                    (name: "content-type", value: type), (name: "accept", value: "application/json"),
                    (name: "user-agent", value: "alula"),
                ], body: body, until: deadline)
            let bytes = try await answer.body.rest(upTo: Self.maximumAnswer)
            return try TokenAnswerDecoder.decode(
                status: answer.status, bytes, retryAfter: answer.retryAfter)
        } catch let failure as AttemptFailure {
            // Our own words about the connection, as a part of a sentence.
            let text = failure.message.hasSuffix(".") ? String(failure.message.dropLast()) : failure.message
            throw RenewalFailure(.unreachable, text.prefix(1).lowercased() + text.dropFirst())
        }
    }

    /// The body with its media type.
    static func body(of request: TokenRequest) -> (type: String, bytes: [UInt8]) {
        var members = [
            ("grant_type", "refresh_token"), ("refresh_token", request.refresh.normalised.exposed),
            ("client_id", request.clientID),
        ]
        if let scope = request.endpoint.scope { members.append(("scope", scope)) }
        switch request.endpoint.format {
        case .form:
            let pairs = members.map { "\($0.0)=\(PercentEncoding.encoded($0.1))" }
            return ("application/x-www-form-urlencoded", Array(pairs.joined(separator: "&").utf8))
        case .json:
            let object = JSONObject(members.map { ($0.0, JSONValue.string($0.1)) })
            return ("application/json", JSONValue.object(object).serialized(.compact))
        }
    }
}
