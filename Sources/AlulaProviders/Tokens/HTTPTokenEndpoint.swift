package import AlulaAuth
import AlulaModels
package import AlulaPrimitives

/// Exchanges refresh tokens and codes over HTTP.
package struct HTTPTokenEndpoint: TokenEndpoint, CodeEndpoint {
    private let post: TokenPost

    package init(client: UpstreamClient) { post = TokenPost(client: client) }

    package func exchange(_ request: TokenRequest, until deadline: Deadline) async throws -> TokenGrant {
        let answer = try await post.send(
            Self.members(of: request), as: request.endpoint.format, to: request.endpoint.url, until: deadline)
        return try TokenAnswerDecoder.decode(status: answer.status, answer.bytes, retryAfter: answer.retryAfter)
    }

    package func redeem(_ request: CodeRequest, until deadline: Deadline) async throws -> TokenGrant {
        // All of them take a code in the standard's own format.
        let answer = try await post.send(
            Self.members(of: request), as: .form, to: request.endpoint.url, until: deadline)
        return try TokenAnswerDecoder.decode(
            status: answer.status, answer.bytes, retryAfter: answer.retryAfter, for: .code)
    }

    static func members(of request: TokenRequest) -> [(String, String)] {
        var members = [
            ("grant_type", "refresh_token"), ("refresh_token", request.refresh.normalised.exposed),
            ("client_id", request.clientID),
        ]
        if let scope = request.endpoint.scope { members.append(("scope", scope)) }
        return members
    }

    /// - SeeAlso: RFC 6749, section 4.1.3; RFC 7636, section 4.5.
    static func members(of request: CodeRequest) -> [(String, String)] {
        [
            ("grant_type", "authorization_code"), ("code", request.code.exposed), ("redirect_uri", request.redirect),
            ("client_id", request.clientID), ("code_verifier", request.verifier.exposed),
        ]
    }
}
