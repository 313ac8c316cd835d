package import AlulaProtocol

/// Refuses to listen where strangers can reach a gateway that asks for no secret.
package enum BindPolicy {
    /// Why `binding` may not be opened, with what to do, or `nil` when it may.
    package static func refusal(
        binding: ServerSettings.Binding, authentication: CallerAuthentication
    ) -> String? {
        guard case .none = authentication else { return nil }
        switch binding {
        case .loopback: return nil
        case .address("127.0.0.1"): return nil
        case .address, .everywhere:
            return
                "gateway.bind reaches beyond this machine and gateway.auth.mode is none. Set a token (gateway.auth.token or ALULA_GATEWAY_TOKEN), or bind to loopback."
        }
    }
}
