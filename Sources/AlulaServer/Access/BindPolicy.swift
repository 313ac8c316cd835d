import AlulaPrimitives
package import AlulaProtocol

/// Refuses to listen where strangers can reach a gateway that asks for no secret.
package enum BindPolicy {
    /// Why `binding` may not be opened, with what to do, or `nil` when it may.
    package static func refusal(
        binding: ServerSettings.Binding, authentication: CallerAuthentication
    ) -> String? {
        switch authentication {
        case .token(let secret) where !secret.isBlank, .password(let secret) where !secret.isBlank: return nil
        // Whoever does not come through a proxy that is trusted stays out.
        case .trustedProxy: return nil
        case .none, .token, .password: break
        }
        switch binding {
        case .loopback: return nil
        case .address(let address) where Peer(address: address).isLoopbackAddress: return nil
        case .address, .everywhere:
            return
                "gateway.bind reaches beyond this machine and nobody would need a secret. Set a token (gateway.auth.token or ALULA_GATEWAY_TOKEN), or bind to loopback."
        }
    }
}
