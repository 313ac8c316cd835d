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
    /// Whether it stops when its standard input ends: whoever holds the other end can't leave it behind.
    package var endsWithInput: Bool

    package init(
        port: Int? = nil, bind: String? = nil, auth: String? = nil, allowsUnconfigured: Bool = false,
        logLevel: String? = nil, isVerbose: Bool = false, endsWithInput: Bool = false
    ) {
        self.port = port
        self.bind = bind
        self.auth = auth
        self.allowsUnconfigured = allowsUnconfigured
        self.logLevel = logLevel
        self.isVerbose = isVerbose
        self.endsWithInput = endsWithInput
    }
}
