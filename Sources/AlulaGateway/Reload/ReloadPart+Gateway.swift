import AlulaConfiguration
import AlulaServer
import AlulaSystem

extension ReloadPart {
    private static let loggingName = "logging"
    private static let accessName = "access"
    /// Of all parts of the gateway.
    static let names = [loggingName, accessName]

    /// Where the log goes and how much of it.
    static func logging(_ log: GatewayLog, _ request: GatewayRequest) -> ReloadPart {
        ReloadPart(name: loggingName, effects: [.logging]) { state in
            let settings = state.configuration.logging
            let place = LogFilePlace(settings: settings, layout: request.layout, variables: request.variables)
            return { log.adopt(settings, place: place) }
        }
    }

    /// Who may come in. The secret is found as at start, so what the command line and the environment say goes first.
    ///
    /// - Parameter binding: Where the server listens, which decides whether callers may come without a secret.
    static func access(
        _ server: GatewayServer, _ request: GatewayRequest, binding: ServerSettings.Binding, pool: BlockingPool
    ) -> ReloadPart {
        ReloadPart(name: accessName, effects: [.access, .environment, .secrets]) { state in
            let gateway = state.configuration.gateway
            guard !gateway.auth.isInvalid else {
                throw GatewayStartError(.configurationRefused, "gateway.auth has mistakes; mend it.")
            }
            let (authentication, _) = try await CallerAccess(state: state, request: request, pool: pool).resolve()
            if let refusal = BindPolicy.refusal(binding: binding, authentication: authentication) {
                throw GatewayStartError(.configurationRefused, refusal)
            }
            let access = AccessSettings(gateway, authentication)
            return { server.adopt(access) }
        }
    }
}
