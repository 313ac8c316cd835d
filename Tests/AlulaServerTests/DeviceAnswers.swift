import AlulaJSON
import AlulaProtocol

@testable import AlulaServer

/// What gateways of these tests answer about devices, which are tested with real ones elsewhere.
extension DeviceOperations {
    func devices(_ caller: Caller) async throws(GatewayError) -> JSONValue { ["pending": [], "paired": []] }

    func approveDevice(_ requestID: String, _ caller: Caller) async throws(GatewayError) -> JSONValue {
        ["requestId": .string(requestID)]
    }

    func rejectDevice(_ requestID: String, _ caller: Caller) async throws(GatewayError) -> JSONValue {
        ["requestId": .string(requestID)]
    }

    func removeDevice(_ device: DeviceID, _ caller: Caller) async throws(GatewayError) -> JSONValue {
        ["deviceId": .string(device.rawValue)]
    }

    func renameDevice(_ device: DeviceID, to label: String, _ caller: Caller) async throws(GatewayError) -> JSONValue {
        ["deviceId": .string(device.rawValue), "label": .string(label)]
    }

    func rotateDeviceToken(
        _ device: DeviceID, role: String, scopes: Set<Scope>?, _ caller: Caller
    ) async throws(GatewayError) -> JSONValue {
        ["deviceId": .string(device.rawValue), "role": .string(role), "scopes": .array([])]
    }

    func revokeDeviceToken(
        _ device: DeviceID, role: String, _ caller: Caller
    ) async throws(GatewayError) -> JSONValue {
        ["deviceId": .string(device.rawValue), "role": .string(role)]
    }
}
