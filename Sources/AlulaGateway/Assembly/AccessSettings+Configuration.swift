import AlulaConfiguration
import AlulaProtocol
import AlulaServer

extension AccessSettings {
    /// Who may come in by `gateway`, who proves it by `authentication`.
    init(_ gateway: GatewaySettings, _ authentication: CallerAuthentication) {
        self.init()
        self.authentication = authentication
        origins = OriginPolicy(
            allowed: gateway.controlUI.allowedOrigins, allowsHostHeader: gateway.controlUI.allowsHostHeaderOrigin)
        trustedProxies = TrustedProxies(gateway.trustedProxies, readsRealIP: gateway.allowsRealIPFallback)
        disablesDeviceAuth = gateway.controlUI.disablesDeviceAuth
        failureLimit.maximumFailures = gateway.auth.maximumAttempts
        failureLimit.window = gateway.auth.attemptWindow
        failureLimit.lockout = gateway.auth.lockout
        failureLimit.exemptsLoopback = gateway.auth.exemptsLoopback
    }
}
