package import AlulaJSON
import AlulaPrimitives

/// The answer to `connect`.
package struct HelloPayload: Sendable {
    package var caller: Caller
    package var serverVersion: String
    /// The methods that are advertised, sorted.
    package var methods: [String]
    package var events: [String]
    package var snapshot: HelloSnapshot
    package var presence: [JSONValue]
    package var stateVersion: StateVersion
    /// `token`, `password` or `none`.
    package var authMode: String
    package var limits: ConnectionLimits
    /// The device's own token, if it has one. Nobody else is told.
    package var deviceToken: DeviceToken?

    package init(
        caller: Caller, serverVersion: String, methods: [String], events: [String], snapshot: HelloSnapshot,
        presence: [JSONValue], stateVersion: StateVersion, authMode: String, limits: ConnectionLimits,
        deviceToken: DeviceToken? = nil
    ) {
        self.caller = caller
        self.serverVersion = serverVersion
        self.methods = methods
        self.events = events
        self.snapshot = snapshot
        self.presence = presence
        self.stateVersion = stateVersion
        self.authMode = authMode
        self.limits = limits
        self.deviceToken = deviceToken
    }

    /// The wire's object. Version 3 has no `auth` without a device token, version 4 always has it.
    package var payload: JSONValue {
        var snapshotObject = snapshotWithoutHealth
        snapshotObject["health"] = snapshot.health
        var object = payloadWithoutSnapshot
        object["snapshot"] = .object(snapshotObject)
        return .object(object)
    }

    /// The whole frame that answers the request `id`, equal to ``payload`` in an answer, without encoding health again.
    package func encoded(answering id: String) -> [UInt8] {
        // Neither object is empty, so what is left out goes before its closing brace.
        var bytes = Array(#"{"type":"res","ok":true,"id":"#.utf8)
        bytes += JSONValue.string(id).serialized(.compact)
        bytes += Array(#","payload":"#.utf8)
        bytes += JSONValue.object(payloadWithoutSnapshot).serialized(.compact).dropLast()
        bytes += Array(#","snapshot":"#.utf8)
        bytes += JSONValue.object(snapshotWithoutHealth).serialized(.compact).dropLast()
        bytes += Array(#","health":"#.utf8)
        bytes += snapshot.encodedHealth
        bytes += Array("}}}".utf8)
        return bytes
    }

    private var payloadWithoutSnapshot: JSONObject {
        var object = JSONObject()
        object["type"] = "hello-ok"
        object["protocol"] = .number(caller.version.rawValue)
        object["server"] = ["version": .string(serverVersion), "connId": .string(caller.connectionID)]
        object["features"] = [
            "methods": .array(methods.map { .string($0) }), "events": .array(events.map { .string($0) }),
        ]
        if caller.version == .four || deviceToken != nil {
            var auth = JSONObject()
            auth["deviceToken"] = deviceToken.map { .string($0.token.exposed) }
            auth["role"] = .string(caller.role.rawValue)
            auth["scopes"] = .array(caller.scopes.spellings.map { .string($0) })
            auth["issuedAtMs"] = deviceToken.map { .number($0.issuedAt.milliseconds) }
            object["auth"] = .object(auth)
        }
        object["policy"] = [
            "maxPayload": .number(limits.maximumMessage.bytes),
            "maxBufferedBytes": .number(limits.maximumBuffered.bytes),
            "tickIntervalMs": .number(limits.tickInterval.milliseconds),
        ]
        return object
    }

    private var snapshotWithoutHealth: JSONObject {
        var object = JSONObject()
        object["presence"] = .array(presence)
        object["stateVersion"] = stateVersion.payload
        object["uptimeMs"] = .number(snapshot.uptime.milliseconds)
        // Version 3 shows these to everybody; a stranger has no use for paths, so here both versions hold them back.
        if caller.isAdministrator {
            object["configPath"] = snapshot.configurationPath.map { .string($0) }
            object["stateDir"] = snapshot.stateDirectory.map { .string($0) }
            object["authMode"] = .string(authMode)
        }
        object["sessionDefaults"] = [
            "defaultAgentId": .string(snapshot.defaultAgent), "mainKey": .string(snapshot.mainKey),
            "mainSessionKey": .string("agent:\(snapshot.defaultAgent):\(snapshot.mainKey)"),
            "scope": .string(snapshot.sessionScope),
        ]
        return object
    }
}
