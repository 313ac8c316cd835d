import AlulaClient
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol

/// Connects to gateways over their WebSocket.
struct ClientConnector: GatewayConnecting {
    let version: String

    func connect(
        to url: String, credential: GatewayCredential?, timeout: Duration
    ) async throws -> any AnswerSource {
        var introduction = GatewayClient.Introduction(version: version)
        switch credential {
        case .token(let token): introduction.token = token
        case .password(let password): introduction.password = password
        case nil: break
        }
        do {
            let client = try await GatewayClient.connect(
                to: try GatewayAddress(url: url), as: introduction, deadline: .after(timeout))
            return ConnectedGateway(client: client, timeout: timeout)
        } catch let error as ClientError {
            throw CommandError(error)
        }
    }
}

extension ClientConnector: PageFetching {
    func fetch(
        _ path: String, of url: String, credential: GatewayCredential?, timeout: Duration
    ) async throws -> String {
        let bearer: Secret? =
            switch credential {
            case .token(let secret), .password(let secret): secret
            case nil: nil
            }
        do {
            return try await GatewayPage.fetch(
                path, of: try GatewayAddress(url: url), bearer: bearer, deadline: .after(timeout))
        } catch let error as ClientError {
            throw CommandError(error)
        }
    }
}

/// A gateway that lets us in.
private struct ConnectedGateway: AnswerSource {
    let client: GatewayClient
    let timeout: Duration

    func ask(_ method: String, _ parameters: JSONValue) async throws -> JSONValue {
        do {
            return try await client.call(method, parameters, deadline: .after(timeout))
        } catch let error as ClientError {
            throw CommandError(error)
        }
    }

    var hello: JSONValue? { client.hello }

    func close() async { await client.close() }
}

extension CommandError {
    /// Says what to do about a gateway that could not be asked.
    fileprivate init(_ error: ClientError) {
        let code: Code =
            switch error.code {
            case .unreachable, .closed: .gatewayUnreachable
            case .unauthorized: .credentialRejected
            case .timedOut: .timedOut
            case .remote: error.remote?.code == .invalidRequest ? .requestRefused : .unavailable
            case .protocolMismatch, .malformedAnswer: .malformedAnswer
            case .invalidAddress: .usage
            }
        self.init(code, error.message, detailCode: error.remote?.detailCode, underlying: error)
    }
}
