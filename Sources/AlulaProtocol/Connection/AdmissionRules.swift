import AlulaJSON
import AlulaPrimitives

/// Decides about `connect`: who gets in, as what, and what the others are told.
package struct AdmissionRules: Sendable {
    package var authentication: CallerAuthentication
    package var origins: OriginPolicy
    /// Whether token clients from elsewhere keep the scopes they ask for.
    package var keepsRemoteTokenScopes: Bool
    /// Whether the control UI needs no device, from wherever it connects.
    package var disablesDeviceAuth: Bool

    package init(
        authentication: CallerAuthentication, origins: OriginPolicy = OriginPolicy(),
        keepsRemoteTokenScopes: Bool = false, disablesDeviceAuth: Bool = false
    ) {
        self.authentication = authentication
        self.origins = origins
        self.keepsRemoteTokenScopes = keepsRemoteTokenScopes
        self.disablesDeviceAuth = disablesDeviceAuth
    }

    /// A client that got in.
    package struct Admission: Hashable, Sendable {
        package let caller: Caller
        package let capabilities: [String]
        /// Whether scopes that the client asked for were taken away, which the log says.
        package let didEmptyScopes: Bool
    }

    /// What a client that stays out is told before the connection ends.
    package struct Refusal: Error, Hashable {
        package let error: GatewayError
        package let close: CloseReason
        /// Whether a wrong secret was offered, which counts towards locking out.
        package let isWrongSecret: Bool
        /// The paired device that offered it, which is locked out by itself; `nil` means the address.
        package let device: DeviceID?

        init(
            _ error: GatewayError, close: CloseReason? = nil, isWrongSecret: Bool = false, device: DeviceID? = nil
        ) {
            self.error = error
            self.close = close ?? CloseReason(1008, error.message)
            self.isWrongSecret = isWrongSecret
            self.device = device
        }
    }

    /// What is decided at once.
    package enum Decision: Sendable {
        case admitted(Admission)
        /// The client came with a device, which has to be judged first.
        case judge(DeviceCandidate)
    }

    /// The protocol's checks in the protocol's order: version, role, origin, secret, device, scopes.
    ///
    /// One rule is ours. On this machine the right secret is enough: it proves access to the owner's files, so
    /// the client needs no pairing, keeps the scopes it asks for, and gets all of them when it asks for none.
    ///
    /// - Parameters:
    ///   - nonce: The challenge's, which a device has to have signed.
    ///   - lockout: How long the peer's address is still locked out, or `nil`.
    package func decision(
        about parameters: ConnectParameters, from peer: Peer, connectionID: String, nonce: String, lockout: Duration?
    ) throws(Refusal) -> Decision {
        let version = try chosenVersion(parameters)
        guard let role = Role(rawValue: parameters.role) else {
            throw Refusal(.invalidRequest("invalid role"))
        }
        try checkOrigin(parameters, peer: peer, version: version)
        let isVouchedFor = try isVouchedFor(peer)
        // Of pages that somebody else answers for no device is asked, and none is given a token.
        let isBypass = parameters.client.isControlUI && (disablesDeviceAuth || isVouchedFor)
        if let claim = parameters.device, !isBypass {
            let arrival = DeviceArrival(
                claim: claim, client: parameters.client, role: role, scopes: parameters.scopes,
                token: parameters.token, deviceToken: parameters.deviceToken,
                bootstrapToken: parameters.bootstrapToken, nonce: nonce, address: peer.clientAddress,
                isDirectLocal: peer.isDirectLocal,
                isForeignPage: peer.origin != nil && !parameters.client.isOwnPage,
                sharedSecret: authentication.verdict(
                    token: parameters.token, password: parameters.password, from: peer))
            return .judge(
                DeviceCandidate(
                    arrival: arrival, capabilities: parameters.capabilities, connectionID: connectionID,
                    version: version, lockout: lockout,
                    maximumScopes: isVouchedFor ? ProxyAuthentication.scopes(left: peer) : nil))
        }
        let verdict = try checkLockout(lockout)
            .verdict(token: parameters.token, password: parameters.password, from: peer)
        if let refusal = refusal(
            of: parameters, role: role, verdict: verdict, peer: peer, isVouchedFor: isVouchedFor)
        {
            throw refusal
        }
        let (scopes, didEmpty) = grantedScopes(parameters, role: role, verdict: verdict, peer: peer)
        let caller = Caller(
            connectionID: connectionID, client: parameters.client, role: role, scopes: scopes,
            isDirectLocal: peer.isDirectLocal, version: version, isOwner: role == .operator && peer.isDirectLocal)
        return .admitted(
            Admission(caller: caller, capabilities: parameters.capabilities, didEmptyScopes: didEmpty))
    }

    private func chosenVersion(_ parameters: ConnectParameters) throws(Refusal) -> ProtocolVersion {
        let (minimum, maximum) = (parameters.minimumVersion, parameters.maximumVersion)
        if let version = ProtocolVersion.chosen(minimum: minimum, maximum: maximum) { return version }
        let error = GatewayError.invalidRequest(
            "protocol mismatch",
            details: [
                "code": "PROTOCOL_MISMATCH", "clientMinProtocol": .number(minimum),
                "clientMaxProtocol": .number(maximum),
                "expectedProtocol": .number(ProtocolVersion.current.rawValue),
                "minimumProbeProtocol": .number(ProtocolVersion.three.rawValue),
            ])
        throw Refusal(error, close: .protocolMismatch)
    }

    private func checkOrigin(
        _ parameters: ConnectParameters, peer: Peer, version: ProtocolVersion
    ) throws(Refusal) {
        let reason: String
        if let origin = peer.origin {
            guard let refusal = origins.refusal(of: origin, from: peer) else { return }
            reason = refusal
        } else {
            guard parameters.client.needsOrigin else { return }
            reason = "origin missing"
        }
        throw Refusal(
            .invalidRequest(
                "origin not allowed: add it to gateway.controlUi.allowedOrigins",
                details: version == .three
                    ? nil : ["code": "CONTROL_UI_ORIGIN_NOT_ALLOWED", "reason": .string(reason)]))
    }

    private func checkLockout(_ lockout: Duration?) throws(Refusal) -> CallerAuthentication {
        guard let lockout else { return authentication }
        if case .none = authentication { return authentication }
        throw Self.lockedOut(lockout)
    }

    static func lockedOut(_ lockout: Duration) -> Refusal {
        Refusal(
            GatewayError(
                .invalidRequest, "unauthorized: too many failed attempts; try again later",
                details: [
                    "code": "AUTH_RATE_LIMITED", "authReason": "rate_limited", "recommendedNextStep": "wait_then_retry",
                ], retryAfter: lockout))
    }

    private func grantedScopes(
        _ parameters: ConnectParameters, role: Role, verdict: CallerAuthentication.Verdict, peer: Peer
    ) -> (scopes: Set<Scope>, didEmpty: Bool) {
        guard role == .operator else { return ([], false) }
        let asked = Set(parameters.scopes)
        if case .trustedProxy(let proxy) = authentication, proxy.refusal(of: peer) == nil {
            guard parameters.client.isControlUI || keepsRemoteTokenScopes else { return ([], !asked.isEmpty) }
            let left = ProxyAuthentication.scopes(left: peer)
            return (left.map { left in asked.filter { left.permit($0) } } ?? asked, false)
        }
        if peer.isDirectLocal { return (asked.isEmpty ? Set(Scope.allCases) : asked, false) }
        let isControlUIBypass = parameters.client.isControlUI && disablesDeviceAuth
        if verdict == .open || keepsRemoteTokenScopes || isControlUIBypass { return (asked, false) }
        return ([], !asked.isEmpty)
    }
}
