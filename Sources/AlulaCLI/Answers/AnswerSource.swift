package import AlulaAuth
package import AlulaJSON
package import AlulaPrimitives

/// Answers the protocol's methods.
package protocol AnswerSource: Sendable {
    /// - Parameter parameters: An object, in the protocol's shape.
    /// - Throws: ``CommandError``, or `CancellationError`.
    func ask(_ method: String, _ parameters: JSONValue) async throws -> JSONValue
    /// Ends the connection, if there is one.
    func close() async
}

extension AnswerSource {
    package func close() async {}
}

/// Computes answers in this process, with the gateway's own code.
package protocol LocalAnswering: AnswerSource {
    /// What everything that is known comes to.
    ///
    /// - Parameter runsHelpers: Whether the helper programs behind `secrets.providers` may be run.
    func prepared(runsHelpers: Bool) async throws -> PreparedAuth
}

/// A gateway that runs on the state directory in question.
package struct RunningGateway: Sendable {
    /// Such as `ws://127.0.0.1:18789`.
    package var url: String
    package var processID: Int32?
    /// The shared secret that the configuration or the token file holds.
    package var credential: GatewayCredential?

    package init(url: String, processID: Int32? = nil, credential: GatewayCredential? = nil) {
        self.url = url
        self.processID = processID
        self.credential = credential
    }
}

/// What a client shows to be let in.
package enum GatewayCredential: Sendable {
    case token(Secret)
    case password(Secret)
}

/// Finds out whether a gateway runs here.
package protocol GatewayLocating: Sendable {
    /// - Returns: `nil` when none runs. It only looks at locks and files and asks nobody.
    func runningGateway(_ context: CommandContext) async throws -> RunningGateway?
}

/// Connects to a gateway.
package protocol GatewayConnecting: Sendable {
    /// - Throws: ``CommandError`` with ``CommandError/Code/gatewayUnreachable``,
    ///   ``CommandError/Code/credentialRejected`` or ``CommandError/Code/timedOut``.
    func connect(
        to url: String, credential: GatewayCredential?, timeout: Duration
    ) async throws -> any AnswerSource
}

/// Runs the gateway itself.
package protocol GatewayRunning: Sendable {
    /// Returns when the gateway has stopped.
    func run(_ request: GatewayRunRequest, in context: CommandContext) async throws -> ExitStatus
}

/// What `gateway run` was told.
package struct GatewayRunRequest: Hashable, Sendable {
    package var port: Int?
    /// `loopback`, `lan`, `tailnet`, `auto` or `custom`; the configuration's spelling.
    package var bind: String?
    /// `none`, `token`, `password` or `trusted-proxy`.
    package var auth: String?
    /// Whether a gateway starts although the configuration does not say `gateway.mode: local`.
    package var allowsUnconfigured: Bool
    package var logLevel: String?
    package var isVerbose: Bool

    package init(
        port: Int? = nil, bind: String? = nil, auth: String? = nil, allowsUnconfigured: Bool = false,
        logLevel: String? = nil, isVerbose: Bool = false
    ) {
        self.port = port
        self.bind = bind
        self.auth = auth
        self.allowsUnconfigured = allowsUnconfigured
        self.logLevel = logLevel
        self.isVerbose = isVerbose
    }
}
