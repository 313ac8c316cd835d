package import AlulaProtocol

/// Who may come in. It may change while the server runs: ``GatewayServer/adopt(_:)``.
package struct AccessSettings: Sendable {
    package var authentication = CallerAuthentication.none
    /// Which browser pages may connect.
    package var origins = OriginPolicy()
    /// Reverse proxies whose forwarding headers are believed.
    package var trustedProxies = TrustedProxies()
    /// Whether a token client that is not on this machine keeps the scopes it asks for. Like the newer reference
    /// versions the gateway empties them by default, and logs that it did.
    package var keepsRemoteTokenScopes = false
    /// Whether the control UI needs no device, from wherever it connects. From this machine it never needs one.
    package var disablesDeviceAuth = false
    /// When and how long repeated wrong secrets lock an address out.
    package var failureLimit = FailureLimit()

    package init() {}

    /// What decides about one connection.
    var rules: AdmissionRules {
        AdmissionRules(
            authentication: authentication, origins: origins, keepsRemoteTokenScopes: keepsRemoteTokenScopes,
            disablesDeviceAuth: disablesDeviceAuth)
    }
}
