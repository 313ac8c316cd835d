import AlulaJSON

extension AdmissionRules {
    /// Why the client stays out after its secret was compared, or `nil` when it gets in.
    ///
    /// Pairing is not served yet: a device without the shared secret is told that it would have to be paired, and a
    /// device with it is treated as a client without a device.
    func refusal(
        of parameters: ConnectParameters, role: Role, verdict: CallerAuthentication.Verdict, peer: Peer,
        version: ProtocolVersion
    ) -> Refusal? {
        var isVouchedFor = false
        if case .trustedProxy(let proxy) = authentication {
            let reason = proxy.refusal(of: peer)
            isVouchedFor = reason == nil
            // Programs on this machine come without the proxy, with a secret that is judged below.
            if let reason, !peer.isDirectLocal || proxy.localToken == nil { return Self.notVouchedFor(reason) }
        }
        switch verdict {
        case .mismatched:
            return unauthorized("mismatch", "is wrong", step: "update_auth_credentials", isWrongSecret: true)
        case .notConfigured:
            return unauthorized("missing_config", "is not configured", step: "update_auth_configuration")
        case .missing:
            if parameters.hasDevice { return pairingRequired(parameters, version: version) }
            if role == .operator, parameters.client.isControlUI || parameters.offersSecret {
                return unauthorized("missing", "is missing", step: "update_auth_configuration")
            }
            return deviceRequired()
        case .open, .matched:
            if role == .node {
                guard parameters.hasDevice else { return deviceRequired() }
                return peer.isDirectLocal ? nil : pairingRequired(parameters, version: version)
            }
            guard parameters.client.isControlUI, !parameters.hasDevice else { return nil }
            if peer.isDirectLocal || disablesDeviceAuth || isVouchedFor { return nil }
            return Refusal(
                .invalidRequest(
                    "device identity required for the control UI: use HTTPS, or open it on this machine",
                    details: ["code": "CONTROL_UI_DEVICE_IDENTITY_REQUIRED"]))
        }
    }

    private static func notVouchedFor(_ reason: ProxyAuthentication.Refusal) -> Refusal {
        let code =
            switch reason {
            case .userMissing, .headerMissing: "AUTH_IDENTITY_HEADER_REQUIRED"
            case .untrustedSource, .loopbackSource, .userNotAllowed: "AUTH_UNAUTHORIZED"
            }
        return Refusal(
            .invalidRequest(
                "unauthorized: \(reason.text)",
                details: [
                    "code": .string(code), "authReason": .string(reason.rawValue),
                    "recommendedNextStep": "review_auth_configuration",
                ]))
    }

    private func unauthorized(
        _ reason: String, _ state: String, step: String, isWrongSecret: Bool = false
    ) -> Refusal {
        let secret = authentication.secretName
        let suffix = reason == "missing_config" ? "NOT_CONFIGURED" : reason.uppercased()
        return Refusal(
            .invalidRequest(
                "unauthorized: gateway \(secret) \(state)",
                details: [
                    "code": .string("AUTH_\(secret.uppercased())_\(suffix)"),
                    "authReason": .string("\(secret)_\(reason)"), "recommendedNextStep": .string(step),
                ]),
            isWrongSecret: isWrongSecret)
    }

    private func deviceRequired() -> Refusal {
        Refusal(
            GatewayError(
                .notPaired, "device identity required", details: ["code": "DEVICE_IDENTITY_REQUIRED"]))
    }

    private func pairingRequired(_ parameters: ConnectParameters, version: ProtocolVersion) -> Refusal {
        var details = JSONObject([("code", "PAIRING_REQUIRED"), ("reason", "not-paired")])
        guard version == .four else {
            return Refusal(GatewayError(.notPaired, "pairing required", details: .object(details)))
        }
        details["remediationHint"] = "Connect with the gateway's shared secret; pairing is not available yet."
        details["recommendedNextStep"] = "update_auth_credentials"
        details["requestedRole"] = .string(parameters.role)
        details["requestedScopes"] = .array(parameters.scopes.map { .string($0.rawValue) })
        return Refusal(
            GatewayError(.notPaired, "pairing required: device is not paired", details: .object(details)))
    }
}

extension ConnectParameters {
    /// Whether the client offered any shared secret, even one of the kind that is not asked for.
    fileprivate var offersSecret: Bool { token != nil || password != nil }
}
