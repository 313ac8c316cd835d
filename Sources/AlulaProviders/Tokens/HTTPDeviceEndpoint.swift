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
        let client = ("client_id", clientID)
        switch entry.way {
        case .redeemed:
            let answer = try await post.send([client], as: .json, to: entry.codeURL, until: deadline)
            return try DeviceAnswerDecoder.code(answer)
        case .standard(let scope):
            let answer = try await post.send([client, ("scope", scope)], as: .form, to: entry.codeURL, until: deadline)
            return try DeviceAnswerDecoder.code(answer, attempt: "device_code")
        }
    }

    package func answer(
        to code: DeviceCode, of entry: DeviceAuthorizationEntry, clientID: String, until deadline: Deadline
    ) async throws -> DeviceGrant? {
        switch entry.way {
        case .redeemed:
            let members = [("device_auth_id", code.attempt.exposed), ("user_code", code.text)]
            return try DeviceAnswerDecoder.grant(
                try await post.send(members, as: .json, to: entry.answerURL, until: deadline))
        case .standard:
            let members = [
                ("client_id", clientID), ("device_code", code.attempt.exposed),
                ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ]
            return try DeviceAnswerDecoder.standardGrant(
                try await post.send(members, as: .form, to: entry.answerURL, until: deadline))
        }
    }
}
