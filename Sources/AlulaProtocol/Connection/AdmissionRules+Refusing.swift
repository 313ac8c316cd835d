import AlulaJSON

extension AdmissionRules {
    /// Whether a proxy vouches for the client.
    ///
    /// - Throws: ``Refusal`` when one has to and does not. Programs on this machine come without it, with a secret.
    func isVouchedFor(_ peer: Peer) throws(Refusal) -> Bool {
        guard case .trustedProxy(let proxy) = authentication else { return false }
        guard let reason = proxy.refusal(of: peer) else { return true }
        if !peer.isDirectLocal || proxy.localToken == nil { throw Self.notVouchedFor(reason) }
        return false
    }

    /// Why a client without a device stays out after its secret was compared, or `nil` when it gets in.
    func refusal(
        of parameters: ConnectParameters, role: Role, verdict: CallerAuthentication.Verdict, peer: Peer,
        isVouchedFor: Bool
    ) -> Refusal? {
        switch verdict {
        case .mismatched, .notConfigured:
            return sharedSecretRefusal(verdict)
        case .missing:
            if role == .operator, parameters.client.isControlUI || parameters.offersSecret {
                return sharedSecretRefusal(verdict)
            }
            return deviceRequired()
        case .open, .matched:
            if role == .node { return deviceRequired() }
            guard parameters.client.isControlUI else { return nil }
            if peer.isDirectLocal || disablesDeviceAuth || isVouchedFor { return nil }
            return Refusal(
                .invalidRequest(
                    "device identity required for the control UI: use HTTPS, or open it on this machine",
                    details: ["code": "CONTROL_UI_DEVICE_IDENTITY_REQUIRED"]))
        }
    }

    /// What is wrong with the shared secret that was shown.
    ///
    /// - Parameters:
    ///   - canRetryWithDeviceToken: Whether the client's device has a token that would open.
    ///   - device: The paired device that showed it, if one did.
    func sharedSecretRefusal(
        _ verdict: CallerAuthentication.Verdict, canRetryWithDeviceToken: Bool = false, device: DeviceID? = nil
    ) -> Refusal {
        let (reason, state, step) =
            switch verdict {
            case .mismatched: ("mismatch", "is wrong", "update_auth_credentials")
            case .notConfigured: ("missing_config", "is not configured", "update_auth_configuration")
            case .missing, .open, .matched: ("missing", "is missing", "update_auth_configuration")
            }
        let secret = authentication.secretName
        let suffix = reason == "missing_config" ? "NOT_CONFIGURED" : reason.uppercased()
        var details = JSONObject([
            ("code", .string("AUTH_\(secret.uppercased())_\(suffix)")),
            ("authReason", .string("\(secret)_\(reason)")),
            ("recommendedNextStep", .string(canRetryWithDeviceToken ? "retry_with_device_token" : step)),
        ])
        if canRetryWithDeviceToken { details["canRetryWithDeviceToken"] = true }
        return Refusal(
            .invalidRequest("unauthorized: gateway \(secret) \(state)", details: .object(details)),
            isWrongSecret: verdict == .mismatched, device: device)
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

    private func deviceRequired() -> Refusal {
        Refusal(
            GatewayError(
                .notPaired, "device identity required", details: ["code": "DEVICE_IDENTITY_REQUIRED"]))
    }
}

extension ConnectParameters {
    /// Whether the client offered any shared secret, even one of the kind that is not asked for.
    fileprivate var offersSecret: Bool { token != nil || password != nil }
}
