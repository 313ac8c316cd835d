package import AlulaJSON
package import AlulaProtocol

/// The operations behind `device.*`. They may wait for a disk, on the blocking pool.
package protocol DeviceOperations: Sendable {
    /// `device.pair.list`: who waits and who is paired, without tokens.
    func devices(_ caller: Caller) async throws(GatewayError) -> JSONValue

    /// `device.pair.approve`.
    func approveDevice(_ requestID: String, _ caller: Caller) async throws(GatewayError) -> JSONValue

    /// `device.pair.reject`.
    func rejectDevice(_ requestID: String, _ caller: Caller) async throws(GatewayError) -> JSONValue

    /// `device.pair.remove`.
    func removeDevice(_ device: DeviceID, _ caller: Caller) async throws(GatewayError) -> JSONValue

    /// `device.pair.rename`.
    func renameDevice(_ device: DeviceID, to label: String, _ caller: Caller) async throws(GatewayError) -> JSONValue

    /// `device.token.rotate`.
    ///
    /// - Parameter scopes: What the new token may do; `nil` keeps what the old one could.
    func rotateDeviceToken(
        _ device: DeviceID, role: String, scopes: Set<Scope>?, _ caller: Caller
    ) async throws(GatewayError) -> JSONValue

    /// `device.token.revoke`.
    func revokeDeviceToken(
        _ device: DeviceID, role: String, _ caller: Caller
    ) async throws(GatewayError) -> JSONValue
}
