import AlulaJSON
import AlulaProtocol

extension LiveOperations {
    func devices(_ caller: Caller) async throws(GatewayError) -> JSONValue { try await desk.list() }

    func approveDevice(_ requestID: String, _ caller: Caller) async throws(GatewayError) -> JSONValue {
        try await desk.approve(requestID, by: DeviceAuthority(caller))
    }

    func rejectDevice(_ requestID: String, _ caller: Caller) async throws(GatewayError) -> JSONValue {
        try await desk.reject(requestID)
    }

    func removeDevice(_ device: DeviceID, _ caller: Caller) async throws(GatewayError) -> JSONValue {
        try await desk.remove(device, by: DeviceAuthority(caller))
    }

    func renameDevice(_ device: DeviceID, to label: String, _ caller: Caller) async throws(GatewayError) -> JSONValue {
        try await desk.rename(device, to: label, by: DeviceAuthority(caller))
    }

    func rotateDeviceToken(
        _ device: DeviceID, role: String, scopes: Set<Scope>?, _ caller: Caller
    ) async throws(GatewayError) -> JSONValue {
        try await desk.rotate(device, role: role, scopes: scopes, by: DeviceAuthority(caller))
    }

    func revokeDeviceToken(
        _ device: DeviceID, role: String, _ caller: Caller
    ) async throws(GatewayError) -> JSONValue {
        try await desk.revoke(device, role: role, by: DeviceAuthority(caller))
    }
}

extension DeviceAuthority {
    /// What `caller` may decide.
    init(_ caller: Caller) {
        self.init(
            scopes: caller.scopes, ownDevice: caller.device, isOnThisMachine: caller.isDirectLocal,
            version: caller.version)
    }
}
