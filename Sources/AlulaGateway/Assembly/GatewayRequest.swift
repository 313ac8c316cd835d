package import AlulaPrimitives
package import AlulaState

/// What a gateway is started with: everything that comes from outside the state directory.
package struct GatewayRequest: Sendable {
    package var layout: StateLayout
    /// The process's environment.
    package var variables: [String: String]
    package var currentDirectory: String
    package var version: String
    /// `--port`; 0 lets the system choose.
    package var port: Int?
    /// `--bind`, in the configuration's spelling.
    package var bind: String?
    /// `--auth`, in the configuration's spelling.
    package var auth: String?
    package var token: Secret?
    package var password: Secret?
    /// `--log-level`, or `nil` for the configured one.
    package var logLevel: String?
    /// Writes a line for whoever started the gateway.
    package var announce: @Sendable (String) -> Void

    package init(
        layout: StateLayout, variables: [String: String], currentDirectory: String, version: String, port: Int? = nil,
        bind: String? = nil, auth: String? = nil, token: Secret? = nil, password: Secret? = nil,
        logLevel: String? = nil, announce: @escaping @Sendable (String) -> Void
    ) {
        self.layout = layout
        self.variables = variables
        self.currentDirectory = currentDirectory
        self.version = version
        self.port = port
        self.bind = bind
        self.auth = auth
        self.token = token
        self.password = password
        self.logLevel = logLevel
        self.announce = announce
    }
}

/// Why a gateway did not start, or ended by itself.
package struct GatewayStartError: Error {
    /// Raw values are stable: they appear in logs.
    package enum Code: String, CaseIterable, Sendable {
        /// The configuration can't be read, and there is no earlier one to go by.
        case configurationUnreadable = "configuration_unreadable"
        /// The settings ask for something that is not done, such as listening everywhere without authentication.
        case configurationRefused = "configuration_refused"
        case alreadyRunning = "already_running"
        case stateUnusable = "state_unusable"
        case portUnavailable = "port_unavailable"
        case ended = "ended"
    }

    package let code: Code
    /// What happened and what to do next.
    package let message: String
    /// The cause, for the log only.
    package let underlying: (any Error)?

    package init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }
}
