import AlulaJSON

/// Who decides about devices, as far as the decision depends on it.
package struct DeviceAuthority: Sendable {
    package var scopes: Set<Scope>
    /// The caller's own device, if it came with one.
    package var ownDevice: DeviceID?
    /// On this machine, where whoever is an administrator can read the files as well.
    package var isOnThisMachine: Bool
    /// The version that refusals are written for.
    package var version: ProtocolVersion

    package init(
        scopes: Set<Scope>, ownDevice: DeviceID? = nil, isOnThisMachine: Bool = false,
        version: ProtocolVersion = .current
    ) {
        self.scopes = scopes
        self.ownDevice = ownDevice
        self.isOnThisMachine = isOnThisMachine
        self.version = version
    }

    /// The person whose files these are.
    package static let owner = DeviceAuthority(scopes: [.admin], isOnThisMachine: true)

    /// Whether a new token of `device` is shown to this caller: to the device itself, and to the owner.
    package func maySeeToken(of device: DeviceID) -> Bool {
        ownDevice == device || (isOnThisMachine && scopes.contains(.admin))
    }

    /// Nobody gives what they don't have.
    func check(holds asked: Set<Scope>) throws(GatewayError) {
        guard let missing = asked.filter({ !scopes.permit($0) }).min(by: { $0.rawValue < $1.rawValue }) else { return }
        throw .missingScope(missing, version: version)
    }

    /// Nobody takes from those who may do more, except from themselves.
    func check(mayManage device: DeviceRecord) throws(GatewayError) {
        guard ownDevice != device.id else { return }
        try check(holds: device.scopes)
    }
}

extension GatewayError {
    /// A scope that the caller does not hold, as every method says it.
    fileprivate static func missingScope(_ scope: Scope, version: ProtocolVersion) -> GatewayError {
        let word = JSONValue.string(scope.rawValue)
        return .invalidRequest(
            "missing scope: \(scope.rawValue)",
            details: version == .three
                ? nil : ["code": "MISSING_SCOPE", "missingScope": word, "requiredScopes": [word]])
    }
}
