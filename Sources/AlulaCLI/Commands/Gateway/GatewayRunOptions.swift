import ArgumentParser

/// What `gateway run` and `serve` take.
struct GatewayRunOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The port; default: gateway.port, else 18789.", valueName: "number")) var port: Int?
    @Option(
        help: ArgumentHelp("Which addresses to listen on: loopback, lan, tailnet, auto, custom.", valueName: "mode"))
    var bind: String?
    @Option(help: ArgumentHelp("How callers log in: none, token, password, trusted-proxy.", valueName: "mode"))
    var auth: String?
    @Option(help: ArgumentHelp("Let callers in who show this token.", visibility: .hidden)) var token: String?
    @Flag(help: "Start although the configuration does not say gateway.mode: local.") var allowUnconfigured = false
    @Flag(help: "Log more.") var verbose = false
    @Flag(help: ArgumentHelp("Stop when standard input ends.", visibility: .hidden)) var untilInputEnds = false

    func validate() throws {
        if let port, !(0...65_535).contains(port) { throw ValidationError("--port is a number from 0 to 65535.") }
        if let bind, !["auto", "custom", "lan", "loopback", "tailnet"].contains(bind) {
            throw ValidationError("--bind is one of loopback, lan, tailnet, auto, custom.")
        }
        if let auth, !["none", "password", "token", "trusted-proxy"].contains(auth) {
            throw ValidationError("--auth is one of none, token, password, trusted-proxy.")
        }
        if token != nil {
            throw ValidationError(
                "A token on the command line is visible to every user of this machine. Set ALULA_GATEWAY_TOKEN instead."
            )
        }
    }

    func request(logLevel: String?, isDevelopment: Bool) -> GatewayRunRequest {
        GatewayRunRequest(
            port: port, bind: bind, auth: auth, allowsUnconfigured: allowUnconfigured || isDevelopment,
            logLevel: logLevel, isVerbose: verbose, endsWithInput: untilInputEnds)
    }
}
