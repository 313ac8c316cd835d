package import AlulaPrimitives

/// `gateway`: how the gateway listens and whom it lets in.
package struct GatewaySettings: Sendable {
    /// Where this installation's gateway runs.
    package enum Mode: String, CaseIterable, Sendable {
        case local
        case remote
    }

    /// Which addresses are listened on.
    package enum Bind: String, CaseIterable, Sendable {
        /// Loopback, or every address where loopback is no use.
        case automatic = "auto"
        case lan
        case loopback
        case tailnet
        /// ``GatewaySettings/customBindHost``.
        case custom
    }

    /// The port when none is set.
    package static let standardPort = 18789

    /// `mode`. No default; a gateway starts for `local` only, unless it is told otherwise. Restart.
    package var mode: Mode?
    /// `port`, 1 to 65535, default 18789. Restart.
    package var port = standardPort
    /// `bind`, default `loopback`. Restart.
    package var bind = Bind.loopback
    /// `customBindHost`, an IPv4 address, for `bind: custom`. Restart.
    package var customBindHost: String?
    /// `auth`. Restart.
    package var auth = GatewayAuthSettings()
    /// `reload`. At once.
    package var reload = ReloadSettings()
    /// `controlUi`. Restart.
    package var controlUI = ControlUISettings()
    /// `http`. Restart.
    package var http = GatewayHTTPSettings()
    /// `trustedProxies`: addresses and CIDR ranges whose forwarding headers count; default none. Restart.
    package var trustedProxies: [String] = []
    /// `allowRealIpFallback`: `X-Real-IP` counts where `X-Forwarded-For` is missing; default false. Restart.
    package var allowsRealIPFallback = false
    /// `tls`: encryption on the gateway's own port. Restart.
    package var tls = TLSSettings()
    /// `publicOrigin`: the URL under which callers elsewhere see the gateway. Restart.
    package var publicOrigin: String?

    /// The defaults.
    package init() {}
}

/// `gateway.tls`: encryption on the gateway's own port. All of it takes effect with a restart.
package struct TLSSettings: Sendable {
    /// `enabled`, default false.
    package var isEnabled = false
    /// `autoGenerate`, default true: makes a certificate where `certPath` and `keyPath` name none.
    package var generatesCertificate = true
    /// `certPath`: the certificate as PEM, followed by those that vouch for it.
    package var certificatePath: String?
    /// `keyPath`: the certificate's private key as PEM.
    package var keyPath: String?

    /// The defaults.
    package init() {}
}

/// `gateway.auth`: whom the gateway lets in.
package struct GatewayAuthSettings: Sendable {
    /// How callers prove who they are.
    package enum Mode: String, CaseIterable, Sendable {
        case none
        case token
        case password
        case trustedProxy = "trusted-proxy"
    }

    /// `mode`. Without it: `token` or `password`, whichever is set.
    package var mode: Mode?
    /// `token`, secret.
    package var token: SecretInput?
    /// `password`, secret.
    package var password: SecretInput?
    /// `allowTailscale`: identities that Tailscale vouches for are let in; default false.
    package var allowsTailscale = false
    /// `rateLimit.maxAttempts`, 1 to 10,000, default 10: failures before a caller is locked out.
    package var maximumAttempts = 10
    /// `rateLimit.windowMs`, default 60,000: failures within this time count together.
    package var attemptWindow = Duration.milliseconds(60_000)
    /// `rateLimit.lockoutMs`, default 300,000.
    package var lockout = Duration.milliseconds(300_000)
    /// `rateLimit.exemptLoopback`, default true: callers on this machine are never locked out, browsers excepted.
    package var exemptsLoopback = true
    /// `trustedProxy.userHeader`: the header in which a trusted proxy names the user.
    package var proxyUserHeader: String?
    /// `trustedProxy.requiredHeaders`: headers without which a request did not come through the proxy.
    package var proxyRequiredHeaders: [String] = []
    /// `trustedProxy.allowUsers`: default everybody the proxy names.
    package var proxyAllowedUsers: [String] = []
    /// `trustedProxy.allowLoopback`, default false: whether the proxy may run on this machine.
    package var proxyMayBeLocal = false
    /// Whether something under `auth` was refused. A gateway must not read that as "no protection wanted".
    package var isInvalid = false

    /// The defaults.
    package init() {}
}

/// `gateway.reload`: what a change of the configuration file leads to.
package struct ReloadSettings: Sendable {
    /// How far a change is applied.
    package enum Mode: String, CaseIterable, Sendable {
        case off
        /// Every change restarts.
        case restart
        /// What can be applied is; what needs a restart waits.
        case hot
        /// What can be applied is; the rest restarts.
        case hybrid
    }

    /// `mode`, default `hybrid`.
    package var mode = Mode.hybrid
    /// `debounceMs`, 0 to 60,000, default 300: quiet time before a changed file is read.
    package var debounce = Duration.milliseconds(300)
    /// `deferralTimeoutMs`, default 300,000: how long a restart waits for work under way.
    package var deferralTimeout = Duration.milliseconds(300_000)

    /// The defaults.
    package init() {}
}

/// `gateway.controlUi`: the web page.
package struct ControlUISettings: Sendable {
    /// `enabled`, default true.
    package var isEnabled = true
    /// `basePath`: where below the gateway's root the page is; default the root.
    package var basePath: String?
    /// `allowedOrigins`: further origins from which browsers may connect; default none.
    package var allowedOrigins: [String] = []
    /// `allowInsecureAuth`, default false.
    package var allowsInsecureAuth = false
    /// `dangerouslyAllowHostHeaderOriginFallback`, default false.
    package var allowsHostHeaderOrigin = false
    /// `dangerouslyDisableDeviceAuth`, default false.
    package var disablesDeviceAuth = false

    /// The defaults.
    package init() {}
}

/// `gateway.http`: the APIs for other programs.
package struct GatewayHTTPSettings: Sendable {
    /// `endpoints.chatCompletions.enabled`, default true.
    package var offersChatCompletions = true
    /// `endpoints.chatCompletions.maxBodyBytes`, default 20,000,000.
    package var maximumChatCompletionsBody = ByteCount(bytes: 20_000_000)
    /// `endpoints.responses.enabled`, default true.
    package var offersResponses = true
    /// `endpoints.responses.maxBodyBytes`, default 20,000,000.
    package var maximumResponsesBody = ByteCount(bytes: 20_000_000)
    /// `securityHeaders.strictTransportSecurity`: the header's value; default none.
    package var strictTransportSecurity: String?

    /// The defaults.
    package init() {}
}
