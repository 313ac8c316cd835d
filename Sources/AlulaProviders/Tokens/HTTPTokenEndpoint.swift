package import AlulaAuth
import AlulaInference
import AlulaJSON
import AlulaModels
package import AlulaPrimitives

/// Exchanges refresh tokens and codes over HTTP.
package struct HTTPTokenEndpoint: TokenEndpoint, CodeEndpoint {
    /// Answers are small; a larger one is none.
    private static let maximumAnswer = ByteCount.kibibytes(64)

    private let client: UpstreamClient

    package init(client: UpstreamClient) { self.client = client }

    package func exchange(_ request: TokenRequest, until deadline: Deadline) async throws -> TokenGrant {
        try await ask(request.endpoint.url, Self.body(of: request), for: .refreshToken, until: deadline)
    }

    package func redeem(_ request: CodeRequest, until deadline: Deadline) async throws -> TokenGrant {
        try await ask(request.endpoint.url, Self.body(of: request), for: .code, until: deadline)
    }

    private func ask(
        _ url: String, _ body: (type: String, bytes: [UInt8]), for given: TokenAnswerDecoder.Given,
        until deadline: Deadline
    ) async throws -> TokenGrant {
        do {
            let answer = try await client.post(
                url,
                headers: [
                    (name: "content-type", value: body.type), (name: "accept", value: "application/json"),
                    (name: "user-agent", value: "alula"),
                ], body: body.bytes, until: deadline)
            let bytes = try await answer.body.rest(upTo: Self.maximumAnswer)
            return try TokenAnswerDecoder.decode(
                status: answer.status, bytes, retryAfter: answer.retryAfter, for: given)
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
        return written(members, as: request.endpoint.format)
    }

    /// The same for a code, which all of them take in the standard's own format.
    ///
    /// - SeeAlso: RFC 6749, section 4.1.3; RFC 7636, section 4.5.
    static func body(of request: CodeRequest) -> (type: String, bytes: [UInt8]) {
        written(
            [
                ("grant_type", "authorization_code"), ("code", request.code.exposed),
                ("redirect_uri", request.redirect), ("client_id", request.clientID),
                ("code_verifier", request.verifier.exposed),
            ], as: .form)
    }

    private static func written(
        _ members: [(String, String)], as format: TokenEndpointEntry.Format
    ) -> (type: String, bytes: [UInt8]) {
        switch format {
        case .form:
            let pairs = members.map { "\($0.0)=\(PercentEncoding.encoded($0.1))" }
            return ("application/x-www-form-urlencoded", Array(pairs.joined(separator: "&").utf8))
        case .json:
            let object = JSONObject(members.map { ($0.0, JSONValue.string($0.1)) })
            return ("application/json", JSONValue.object(object).serialized(.compact))
        }
    }
}
