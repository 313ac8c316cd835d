extension SettingTitle {
    /// `gateway` and `logging`.
    static let gateway: [Line] = [
        Line("gateway", "Gateway", "How the gateway listens and whom it lets in."),
        Line("gateway.mode", "Mode", "Whether this installation's gateway runs here; one starts for `local` only."),
        Line("gateway.port", "Port", "The port for WebSocket and HTTP."),
        Line("gateway.bind", "Bind", "Which of this machine's addresses are listened on."),
        Line("gateway.customBindHost", "Bind address", "The IPv4 address to listen on with `bind: custom`."),
        Line(
            "gateway.trustedProxies", "Trusted proxies",
            "Addresses and CIDR ranges of proxies whose forwarding headers count.", isAdvanced: true),
        Line(
            "gateway.allowRealIpFallback", "Accept X-Real-IP",
            "Takes a caller's address from `X-Real-IP` where a trusted proxy sends no `X-Forwarded-For`.",
            isAdvanced: true),
        Line(
            "gateway.publicOrigin", "Public origin", "The URL under which callers elsewhere see the gateway.",
            isAdvanced: true),

        Line("gateway.auth", "Authentication", "How callers prove who they are."),
        Line(
            "gateway.auth.mode", "Authentication mode",
            "What callers have to show; without it `token` or `password`, whichever is set."),
        Line("gateway.auth.token", "Token", "The shared token that opens the gateway."),
        Line("gateway.auth.password", "Password", "The shared password that opens the gateway."),
        Line(
            "gateway.auth.allowTailscale", "Accept Tailscale identities", "Lets in whom Tailscale vouches for.",
            isAdvanced: true),
        Line("gateway.auth.rateLimit", "Guessing limit", "What happens to callers that guess.", isAdvanced: true),
        Line(
            "gateway.auth.rateLimit.maxAttempts", "Attempts", "Failures before a caller is locked out.",
            isAdvanced: true),
        Line(
            "gateway.auth.rateLimit.windowMs", "Window", "Failures within this many milliseconds count together.",
            isAdvanced: true),
        Line(
            "gateway.auth.rateLimit.lockoutMs", "Lockout", "How many milliseconds a caller stays locked out.",
            isAdvanced: true),
        Line(
            "gateway.auth.rateLimit.exemptLoopback", "Exempt this machine",
            "Never locks out callers on this machine; browsers are not exempt.", isAdvanced: true),
        Line(
            "gateway.auth.trustedProxy", "Trusted proxy",
            "How a proxy says who calls, for the mode `trusted-proxy`.", isAdvanced: true),
        Line(
            "gateway.auth.trustedProxy.userHeader", "User header", "The header in which the proxy names the user.",
            isAdvanced: true),
        Line(
            "gateway.auth.trustedProxy.requiredHeaders", "Required headers",
            "Headers without which a request did not come through the proxy.", isAdvanced: true),
        Line(
            "gateway.auth.trustedProxy.allowUsers", "Users",
            "The users that are let in; without any, everybody whom the proxy names.", isAdvanced: true),
        Line(
            "gateway.auth.trustedProxy.allowLoopback", "Proxy on this machine",
            "Accepts a proxy that runs on this machine.", isAdvanced: true),

        Line("gateway.tls", "TLS", "Encryption on the gateway's own port."),
        Line("gateway.tls.enabled", "Enabled", "Serves WebSocket and HTTP encrypted."),
        Line(
            "gateway.tls.autoGenerate", "Make a certificate",
            "Makes a certificate where `certPath` and `keyPath` name none."),
        Line(
            "gateway.tls.certPath", "Certificate", "The file with the certificate and those that vouch for it, as PEM."),
        Line("gateway.tls.keyPath", "Private key", "The file with the certificate's private key, as PEM."),

        Line("gateway.reload", "Reload", "What a change of this file leads to."),
        Line("gateway.reload.mode", "Reload mode", "How far a change is applied while the gateway runs."),
        Line(
            "gateway.reload.debounceMs", "Quiet time",
            "How many milliseconds a changed file has to rest before it is read.", isAdvanced: true),
        Line(
            "gateway.reload.deferralTimeoutMs", "Patience",
            "How many milliseconds a restart waits for work under way.", isAdvanced: true),

        Line("gateway.controlUi", "Control page", "The web page for people."),
        Line("gateway.controlUi.enabled", "Enabled", "Whether the page may connect."),
        Line("gateway.controlUi.basePath", "Base path", "Where below the gateway's root the page is."),
        Line(
            "gateway.controlUi.allowedOrigins", "Allowed origins", "Further origins from which browsers may connect."),
        Line(
            "gateway.controlUi.allowInsecureAuth", "Allow plain HTTP",
            "Lets the page in over plain HTTP, where it can't prove its device.", isAdvanced: true),
        Line(
            "gateway.controlUi.dangerouslyAllowHostHeaderOriginFallback", "Trust the Host header",
            "Takes the `Host` header of a request for the page's origin, which other sites can abuse.",
            isAdvanced: true),
        Line(
            "gateway.controlUi.dangerouslyDisableDeviceAuth", "Skip devices",
            "Lets the page in without a device that was paired.", isAdvanced: true),

        Line("gateway.http", "HTTP", "The APIs for other programs on the same port."),
        Line("gateway.http.endpoints", "Endpoints", "Which of these APIs are offered."),
        Line("gateway.http.endpoints.chatCompletions", "Chat Completions", "OpenAI's Chat Completions API."),
        Line("gateway.http.endpoints.responses", "Responses", "OpenAI's Responses API."),
        Line("gateway.http.endpoints.{chatCompletions,responses}.enabled", "Enabled", "Whether this API is offered."),
        Line(
            "gateway.http.endpoints.{chatCompletions,responses}.maxBodyBytes", "Largest request",
            "How many bytes a request's body may have.", isAdvanced: true),
        Line(
            "gateway.http.securityHeaders", "Security headers", "Headers that every answer carries.", isAdvanced: true),
        Line(
            "gateway.http.securityHeaders.strictTransportSecurity", "Strict-Transport-Security",
            "The value of this header; `false` leaves it out.", isAdvanced: true),

        Line("logging", "Logging", "What is written where."),
        Line("logging.level", "Level", "The least important lines that still go to the file."),
        Line("logging.file", "File", "Where the log is written; without it a file per day in the temporary directory."),
        Line("logging.maxFileBytes", "Largest file", "How many bytes a log file has before another is begun."),
        Line("logging.consoleLevel", "Console level", "The least important lines that still go to standard error."),
        Line("logging.consoleStyle", "Console style", "How lines on standard error look."),
        Line(
            "logging.redactPatterns", "Redaction patterns",
            "Regular expressions for what must not be logged, in the place of the built-in ones.", isAdvanced: true),
    ]
}
