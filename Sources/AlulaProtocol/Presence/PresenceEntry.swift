package import AlulaJSON
package import AlulaPrimitives

/// One program or device that is there, as others see it.
package struct PresenceEntry: Hashable, Sendable {
    package var host: String?
    /// Numeric address; `nil` for this machine.
    package var address: String?
    package var version: String?
    package var platform: String?
    package var deviceFamily: String?
    package var modelIdentifier: String?
    /// How it uses the gateway: the wire's word of ``ClientIdentity/Mode``, or `gateway`.
    package var mode: String?
    /// Seconds since a person last used it.
    package var lastInputSeconds: Int64?
    /// Why the entry is as it is: `self`, `connect`, `disconnect`, or a program's own word.
    package var reason: String?
    package var tags: [String]
    /// One line for people.
    package var text: String
    /// When the entry was written.
    package var at: Timestamp
    package var deviceID: String?
    package var roles: [String]
    package var scopes: [String]
    package var instanceID: String?

    package init(
        host: String? = nil, address: String? = nil, version: String? = nil, platform: String? = nil,
        deviceFamily: String? = nil, modelIdentifier: String? = nil, mode: String? = nil,
        lastInputSeconds: Int64? = nil, reason: String? = nil, tags: [String] = [], text: String? = nil,
        at: Timestamp, deviceID: String? = nil, roles: [String] = [], scopes: [String] = [], instanceID: String? = nil
    ) {
        self.host = host
        self.address = address
        self.version = version
        self.platform = platform
        self.deviceFamily = deviceFamily
        self.modelIdentifier = modelIdentifier
        self.mode = mode
        self.lastInputSeconds = lastInputSeconds
        self.reason = reason
        self.tags = tags
        self.at = at
        self.deviceID = deviceID
        self.roles = roles
        self.scopes = scopes
        self.instanceID = instanceID
        self.text = text ?? ""
        if text == nil { describe() }
    }

    /// A client that was let in.
    package init(of caller: Caller, client: ClientIdentity, address: String, at now: Timestamp) {
        self.init(
            host: client.displayName ?? client.kind.rawValue,
            address: Peer(address: address).isLoopbackAddress
                ? nil : address,
            version: client.version, platform: client.platform, deviceFamily: client.deviceFamily,
            modelIdentifier: client.modelIdentifier, mode: client.mode.rawValue, reason: "connect", at: now,
            deviceID: caller.device?.rawValue, roles: [caller.role.rawValue], scopes: caller.scopes.spellings,
            instanceID: client.instanceID)
    }

    /// The same, for a client that has gone.
    package func gone(at now: Timestamp) -> PresenceEntry {
        var entry = self
        entry.reason = "disconnect"
        entry.at = now
        entry.describe()
        return entry
    }

    /// The wire's object. Parts that are not known are left out.
    package var payload: JSONValue {
        var object = JSONObject()
        object["host"] = host.map { .string($0) }
        object["ip"] = address.map { .string($0) }
        object["version"] = version.map { .string($0) }
        object["platform"] = platform.map { .string($0) }
        object["deviceFamily"] = deviceFamily.map { .string($0) }
        object["modelIdentifier"] = modelIdentifier.map { .string($0) }
        object["mode"] = mode.map { .string($0) }
        object["lastInputSeconds"] = lastInputSeconds.map { .number($0) }
        object["reason"] = reason.map { .string($0) }
        if !tags.isEmpty { object["tags"] = .array(tags.map { .string($0) }) }
        object["text"] = .string(text)
        object["ts"] = .number(at.milliseconds)
        object["deviceId"] = deviceID.map { .string($0) }
        if !roles.isEmpty { object["roles"] = .array(roles.map { .string($0) }) }
        if !scopes.isEmpty { object["scopes"] = .array(scopes.map { .string($0) }) }
        object["instanceId"] = instanceID.map { .string($0) }
        return .object(object)
    }

    private mutating func describe() {
        let kind = mode == "gateway" ? "Gateway" : "Client"
        text = (["\(kind): \(host ?? "unknown")"] + [version, mode, reason].compactMap { $0 }).joined(separator: " · ")
    }
}
