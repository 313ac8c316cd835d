package import AlulaAuth
import AlulaInference
import AlulaJSON
package import AlulaModels
package import AlulaPrimitives

/// Asks for codes to type over HTTP.
package struct HTTPDeviceEndpoint: DeviceEndpoint {
    private let post: TokenPost

    package init(client: UpstreamClient) { post = TokenPost(client: client) }

    package func code(
        of entry: DeviceAuthorizationEntry, clientID: String, until deadline: Deadline
    ) async throws -> DeviceCode {
        let answer = try await post.send([("client_id", clientID)], as: .json, to: entry.codeURL, until: deadline)
        return try DeviceAnswerDecoder.code(answer)
    }

    package func answer(
        to code: DeviceCode, of entry: DeviceAuthorizationEntry, until deadline: Deadline
    ) async throws -> DeviceGrant? {
        let members = [("device_auth_id", code.attempt.exposed), ("user_code", code.text)]
        return try DeviceAnswerDecoder.grant(
            try await post.send(members, as: .json, to: entry.answerURL, until: deadline))
    }
}
