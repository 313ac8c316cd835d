import AlulaJSON
import AlulaPrimitives

/// A client that came with a device, between `connect` and what is decided about the device.
package struct DeviceCandidate: Sendable {
    package var arrival: DeviceArrival
    let capabilities: [String]
    let connectionID: String
    let version: ProtocolVersion
    /// What a proxy leaves of the scopes; `nil` when it leaves all.
    let maximumScopes: Set<Scope>?
    /// How long the shared secret is not compared, because too many wrong ones were tried.
    private(set) var lockout: Duration?

    init(
        arrival: DeviceArrival, capabilities: [String], connectionID: String, version: ProtocolVersion,
        lockout: Duration?, maximumScopes: Set<Scope>? = nil
    ) {
        self.arrival = arrival
        self.capabilities = capabilities
        self.connectionID = connectionID
        self.version = version
        self.maximumScopes = maximumScopes
        if let lockout { lockOut(for: lockout) }
    }

    /// Takes the shared secret for not shown. A token of the device still opens, which nobody can guess.
    mutating func lockOut(for lockout: Duration) {
        switch arrival.sharedSecret {
        case .open: return
        case .matched, .missing, .mismatched, .notConfigured:
            self.lockout = max(lockout, self.lockout ?? .zero)
            arrival.sharedSecret = .missing
        }
    }
}

extension AdmissionRules {
    /// Lets a client in whose device was judged, or says why not.
    func admission(of candidate: DeviceCandidate, after outcome: DeviceOutcome) throws(Refusal) -> Admission {
        guard case .admitted(let grant) = outcome else { throw refusal(of: candidate, after: outcome) }
        let arrival = candidate.arrival
        let scopes = candidate.maximumScopes.map { left in grant.scopes.filter { left.permit($0) } } ?? grant.scopes
        let caller = Caller(
            connectionID: candidate.connectionID, client: arrival.client, role: arrival.role, scopes: scopes,
            isDirectLocal: arrival.isDirectLocal, version: candidate.version, device: grant.device,
            isOwner: grant.isOwner)
        return Admission(caller: caller, capabilities: candidate.capabilities, didEmptyScopes: false)
    }

    private func refusal(of candidate: DeviceCandidate, after outcome: DeviceOutcome) -> Refusal {
        switch outcome {
        case .unproven(let failure):
            return Refusal(
                .invalidRequest(
                    failure.message, details: ["code": .string(failure.code), "reason": .string(failure.rawValue)]))
        case .unauthorized(let verdict, let hasUsableToken):
            return unauthorized(verdict, candidate, hasUsableToken: hasUsableToken)
        case .pairingRequired(let need):
            return Self.pairingRequired(need, candidate.arrival, version: candidate.version)
        case .unavailable, .admitted:
            return Refusal(
                GatewayError(
                    .unavailable, "devices can't be looked up or written down now; try again",
                    details: ["reason": "device-store"], isRetryable: true, retryAfter: .seconds(2)),
                close: CloseReason(1013, "device store unavailable"))
        }
    }

    private func unauthorized(
        _ verdict: DeviceTokenVerdict, _ candidate: DeviceCandidate, hasUsableToken: Bool
    ) -> Refusal {
        if verdict == .scopeMismatch {
            return Self.wrongDeviceToken(
                "scope_mismatch", "AUTH_SCOPE_MISMATCH", "device token does not allow the scopes asked for",
                step: "review_auth_configuration")
        }
        if let lockout = candidate.lockout { return Self.lockedOut(lockout) }
        if candidate.arrival.deviceToken?.isBlank == false {
            return Self.wrongDeviceToken(
                "device_token_mismatch", "AUTH_DEVICE_TOKEN_MISMATCH", "device token is wrong or no longer valid",
                step: "update_auth_credentials")
        }
        if candidate.arrival.offeredToken == nil, candidate.arrival.bootstrapToken?.isBlank == false {
            return Self.wrongDeviceToken(
                "bootstrap_token_invalid", "AUTH_BOOTSTRAP_TOKEN_INVALID", "setup codes are not served by this gateway",
                step: "update_auth_credentials")
        }
        return sharedSecretRefusal(
            candidate.arrival.sharedSecret, canRetryWithDeviceToken: hasUsableToken,
            // Who is known and proven does not shut out its whole address: it is counted by itself.
            device: verdict == .unknownDevice ? nil : candidate.arrival.claim.id)
    }

    private static func wrongDeviceToken(
        _ reason: String, _ code: String, _ message: String, step: String
    ) -> Refusal {
        Refusal(
            .invalidRequest(
                "unauthorized: \(message)",
                details: [
                    "code": .string(code), "authReason": .string(reason), "recommendedNextStep": .string(step),
                ]))
    }

    private static func pairingRequired(
        _ need: PairingNeed, _ arrival: DeviceArrival, version: ProtocolVersion
    ) -> Refusal {
        let id = need.request.requestID
        var details = JSONObject([
            ("code", "PAIRING_REQUIRED"), ("requestId", .string(id)), ("reason", .string(need.reason.rawValue)),
        ])
        guard version == .four else {
            return Refusal(GatewayError(.notPaired, "pairing required", details: .object(details)))
        }
        details["remediationHint"] = .string("Approve this device on the gateway: alula devices approve \(id)")
        details["recommendedNextStep"] = "wait_then_retry"
        details["retryable"] = true
        // A client that keeps trying would only meet the same answer until somebody has approved.
        details["pauseReconnect"] = true
        details["deviceId"] = .string(arrival.claim.id.rawValue)
        details["requestedRole"] = .string(arrival.role.rawValue)
        details["requestedScopes"] = arrival.scopes.map(\.rawValue).json
        details["approvedRoles"] = need.device.map { $0.roles.sorted().json }
        details["approvedScopes"] = need.device.map { $0.scopes.spellings.json }
        let message = "pairing required: \(need.reason.explanation)"
        return Refusal(
            GatewayError(.notPaired, message, details: .object(details)),
            close: CloseReason(1008, "\(message) (requestId: \(id))"))
    }
}
