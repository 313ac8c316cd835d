import AlulaJSON
import AlulaProtocol

extension MethodTable {
    /// Paired devices and their tokens.
    static let devices: [GatewayMethod] = [
        GatewayMethod(
            "device.pair.approve", .scope(.pairing), request, "Lets a device in that waits for approval.",
            result: "`{requestId, device}`"
        ) { (parameters, caller, operations) async throws(GatewayError) in
            try await operations.approveDevice(parameters.text("requestId"), caller)
        },
        GatewayMethod(
            "device.pair.list", .scope(.pairing), .nothing,
            "The devices that wait for approval and those that are paired.",
            result: "`{pending[], paired[]}`, without tokens"
        ) { (_, caller, operations) async throws(GatewayError) in try await operations.devices(caller) },
        GatewayMethod(
            "device.pair.reject", .scope(.pairing), request, "Sends a device away that waits for approval.",
            result: "`{requestId, deviceId}`"
        ) { (parameters, caller, operations) async throws(GatewayError) in
            try await operations.rejectDevice(parameters.text("requestId"), caller)
        },
        GatewayMethod(
            "device.pair.remove", .scope(.pairing), .object([.required("deviceId", .nonEmptyString)]),
            "Forgets a paired device and ends its connections.",
            result: "`{deviceId}`"
        ) { (parameters, caller, operations) async throws(GatewayError) in
            try await operations.removeDevice(DeviceID(parameters.text("deviceId")), caller)
        },
        GatewayMethod(
            "device.pair.rename", .scope(.pairing),
            .object([
                .required("deviceId", .nonEmptyString),
                .required("label", .text(maximumLength: DeviceBook.maximumLabel)),
            ]), "Gives a paired device a name for people; an empty one takes it away.",
            result: "`{deviceId, label}`"
        ) { (parameters, caller, operations) async throws(GatewayError) in
            try await operations.renameDevice(
                DeviceID(parameters.text("deviceId")), to: parameters.text("label"), caller)
        },
        GatewayMethod(
            "device.token.revoke", .scope(.pairing),
            .object([.required("deviceId", .nonEmptyString), .required("role", .nonEmptyString)]),
            "Takes a role away from a device until it is approved again.",
            result: "`{deviceId, role, revokedAtMs}`"
        ) { (parameters, caller, operations) async throws(GatewayError) in
            try await operations.revokeDeviceToken(
                DeviceID(parameters.text("deviceId")), role: parameters.text("role"), caller)
        },
        GatewayMethod(
            "device.token.rotate", .scope(.pairing),
            .object([
                .required("deviceId", .nonEmptyString), .required("role", .nonEmptyString),
                .optional("scopes", .array(of: .nonEmptyString, maximumCount: 64)),
            ]), "Gives a device a new token; the old one stops working.",
            result:
                "`{deviceId, role, token?, scopes, rotatedAtMs}`; the token for the device itself and for the owner only"
        ) { (parameters, caller, operations) async throws(GatewayError) in
            let scopes = parameters["scopes"]?.array?.compactMap(\.string).map { Scope(rawValue: $0) }
            return try await operations.rotateDeviceToken(
                DeviceID(parameters.text("deviceId")), role: parameters.text("role"), scopes: scopes.map { Set($0) },
                caller)
        },
    ]

    private static let request = ParameterSchema.object([.required("requestId", .nonEmptyString)])
}

extension JSONValue {
    /// A member that the schema requires to be text.
    fileprivate func text(_ key: String) -> String { self[key]?.string ?? "" }
}
