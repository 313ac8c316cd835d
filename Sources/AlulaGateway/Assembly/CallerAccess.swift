import AlulaAuth
import AlulaConfiguration
import AlulaCredentials
import AlulaPrimitives
import AlulaProtocol
import AlulaServer
import AlulaState
import AlulaSystem

/// Finds out how callers prove who they are, and makes a token when nothing is set.
struct CallerAccess {
    let state: LoadedState
    let request: GatewayRequest
    let pool: BlockingPool

    /// How long a secret that is kept elsewhere may take at start.
    private static let deadline = Duration.seconds(20)

    /// How callers come in, and a sentence about where the secret is.
    func resolve() async throws -> (authentication: CallerAuthentication, hint: String) {
        let settings = state.configuration.gateway.auth
        let mode: GatewayAuthSettings.Mode
        if let explicit = request.auth {
            guard let named = GatewayAuthSettings.Mode(rawValue: explicit) else {
                throw GatewayStartError(
                    .configurationRefused, "--auth takes none, token, password or trusted-proxy, not \(explicit).")
            }
            mode = named
        } else {
            mode = settings.mode ?? (hasPassword && !hasToken ? .password : .token)
        }
        switch mode {
        case .none:
            guard request.auth != nil || !settings.isInvalid else {
                throw GatewayStartError(
                    .configurationRefused,
                    "gateway.auth has mistakes, so its mode none is not believed; mend it, or start with --auth none.")
            }
            return (.none, "no secret is asked for")
        case .trustedProxy:
            return (.trustedProxy(try await proxy()), "a trusted proxy says who calls")
        case .password:
            guard let password = try await secret(request.password, variables: "PASSWORD", settings.password) else {
                throw GatewayStartError(
                    .configurationRefused,
                    "gateway.auth.mode is password and no password is set; set gateway.auth.password or ALULA_GATEWAY_PASSWORD."
                )
            }
            return (.password(password), "the password is the configured one")
        case .token:
            let (token, path) = try await token()
            return (.token(token), path.map { "the token is in \($0)" } ?? "the token is the configured one")
        }
    }

    /// The proxy's rules. The command line on this machine comes without it, so it has a token as ever.
    private func proxy() async throws -> ProxyAuthentication {
        let (settings, proxies) = (state.configuration.gateway.auth, state.configuration.gateway.trustedProxies)
        guard let header = settings.proxyUserHeader, !proxies.isEmpty else {
            throw GatewayStartError(
                .configurationRefused,
                "gateway.auth.mode is trusted-proxy, which needs gateway.auth.trustedProxy.userHeader and gateway.trustedProxies."
            )
        }
        return ProxyAuthentication(
            userHeader: header, requiredHeaders: settings.proxyRequiredHeaders,
            allowedUsers: settings.proxyAllowedUsers, allowsLoopback: settings.proxyMayBeLocal,
            localToken: try await token().token)
    }

    /// The token, and whether it is kept in our own file.
    private func token() async throws -> (token: Secret, path: String?) {
        if let token = try await secret(request.token, variables: "TOKEN", state.configuration.gateway.auth.token) {
            return (token, nil)
        }
        let path = state.layout.token
        let found = try await pool.run("load the token", deadline: .after(Self.deadline)) {
            try GatewayToken.loadOrMake(path)
        }
        return (found.token, path)
    }

    private var hasToken: Bool {
        state.configuration.gateway.auth.token != nil || request.token != nil
            || state.environment["ALULA_GATEWAY_TOKEN"] != nil || state.environment["OPENCLAW_GATEWAY_TOKEN"] != nil
    }

    private var hasPassword: Bool {
        state.configuration.gateway.auth.password != nil || request.password != nil
            || state.environment["ALULA_GATEWAY_PASSWORD"] != nil
            || state.environment["OPENCLAW_GATEWAY_PASSWORD"] != nil
    }

    /// The flag's value, else a variable's, else the configured one. A configured one that can't be resolved is an
    /// error: falling through to something weaker would open a door.
    private func secret(_ given: Secret?, variables suffix: String, _ input: SecretInput?) async throws -> Secret? {
        let named = [
            given, state.environment["ALULA_GATEWAY_\(suffix)"], state.environment["OPENCLAW_GATEWAY_\(suffix)"],
        ]
        if let secret = named.compactMap({ $0 }).first(where: { !$0.isBlank }) { return secret.normalised }
        switch input {
        case nil: return nil
        case .literal(let secret): return secret.isBlank ? nil : secret.normalised
        case .reference(let reference):
            let resolver = SecretResolver(pool: pool, helpers: SecretHelpers(pool: pool))
            let resolved = await resolver.resolve(
                [reference], sources: SecretSources.sources(state.configuration.secrets, home: state.layout.home),
                variables: state.environment.variables.mapValues(\.value),
                environmentAlias: state.context.defaultEnvironmentAlias,
                limits: SecretSources.limits(state.configuration.secrets))
            guard let secret = resolved[reference], !secret.isBlank else {
                throw GatewayStartError(
                    .configurationRefused,
                    "The gateway's own secret, \(reference.source.rawValue) \(reference.id), can't be found; mend it, or set ALULA_GATEWAY_\(suffix)."
                )
            }
            return secret.normalised
        }
    }
}
