import AlulaJSON
import AlulaPrimitives

/// Tables of devices for people.
enum DeviceTables {
    /// Rows of `device.pair.list`'s `pending`.
    static func pending(_ requests: [JSONValue], _ output: OutputRenderer) -> TextTable {
        TextTable(
            ["REQUEST", "NAME", "ROLES", "SCOPES", "FROM", "ASKED", "DEVICE"],
            requests.map { request in
                let isRepair = request["isRepair"]?.bool ?? false
                return [
                    .init(request["requestId"]?.string ?? ""), .init(name(of: request)),
                    .init(request["roles"]?.strings.joined(separator: " ") ?? ""),
                    .init(scopes(of: request), .uncertain), .init(request["remoteIp"]?.string ?? ""),
                    .init(request["ts"]?.instant.map(output.clock) ?? ""),
                    .init((request["deviceId"]?.string ?? "") + (isRepair ? " (known)" : "")),
                ]
            })
    }

    /// Rows of `device.pair.list`'s `paired`.
    static func paired(_ devices: [JSONValue], _ output: OutputRenderer) -> TextTable {
        TextTable(
            ["NAME", "ROLES", "SCOPES", "APPROVED", "LAST USED", "DEVICE"],
            devices.map { device in
                let tokens = device["tokens"]?.array ?? []
                let lastUsed = tokens.compactMap { $0["lastUsedAtMs"]?.instant }.max()
                return [
                    .init(name(of: device)), .init(roles(of: device, tokens)), .init(scopes(of: device)),
                    .init(device["approvedAtMs"]?.instant.map(output.clock) ?? ""),
                    .init(lastUsed.map(output.clock) ?? ""), .init(device["deviceId"]?.string ?? ""),
                ]
            })
    }

    /// What a device calls itself, or which program it is.
    static func name(of device: JSONValue) -> String {
        let program = [device["clientId"]?.string, device["platform"]?.string].compactMap(\.self)
        return device["operatorLabel"]?.string ?? device["displayName"]?.string ?? program.joined(separator: " on ")
    }

    /// Scopes without the word that they all begin with.
    static func scopes(of device: JSONValue) -> String {
        let scopes = device["scopes"]?.strings ?? []
        return scopes.map { $0.hasPrefix("operator.") ? String($0.dropFirst(9)) : $0 }.joined(separator: " ")
    }

    private static func roles(of device: JSONValue, _ tokens: [JSONValue]) -> String {
        let revoked = Set(tokens.filter { $0["revokedAtMs"]?.integer != nil }.compactMap { $0["role"]?.string })
        let roles = device["roles"]?.strings ?? []
        return roles.map { revoked.contains($0) ? "\($0) (revoked)" : $0 }.joined(separator: " ")
    }
}
