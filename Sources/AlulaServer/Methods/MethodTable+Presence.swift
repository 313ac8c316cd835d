import AlulaJSON
import AlulaPrimitives
import AlulaProtocol

extension MethodTable {
    /// Who is there.
    static let presence: [GatewayMethod] = [
        GatewayMethod(
            "system-presence", .scope(.read), .nothing, "Who is connected, the gateway itself first.",
            result: "an array of entries: `{host?, ip?, version?, platform?, mode?, reason?, text, ts, …}`",
            inMemory: { _, caller, core in .array(core.presence.entries(for: caller)) }),
        GatewayMethod(
            "system-event", .scope(.admin),
            .object([
                .required("text", .text(minimumLength: 1, maximumLength: 2000)), .optional("deviceId", word),
                .optional("instanceId", word), .optional("host", word), .optional("ip", word),
                .optional("mode", word), .optional("version", word), .optional("platform", word),
                .optional("deviceFamily", word), .optional("modelIdentifier", word),
                .optional("lastInputSeconds", .integer(minimum: 0)), .optional("reason", word),
                .optional("roles", .array(of: word, maximumCount: 16)),
                .optional("scopes", .array(of: word, maximumCount: 64)),
                .optional("tags", .array(of: word, maximumCount: 64)),
            ]), "Says something about a program or device, which the others then see.", result: "`{ok}`",
            inServer: { parameters, caller, core in
                core.presence.reported(PresenceEntry(parameters, at: core.now()), by: caller.connectionID)
                return ["ok": true]
            }),
    ]

    private static let word = ParameterSchema.text(minimumLength: 1, maximumLength: 256)
}

extension PresenceEntry {
    /// Reads the parameters of `system-event`, whose schema holds.
    fileprivate init(_ parameters: JSONValue, at now: Timestamp) {
        func words(_ name: String) -> [String] { parameters[name]?.array?.compactMap(\.string) ?? [] }
        self.init(
            host: parameters["host"]?.string, address: parameters["ip"]?.string,
            version: parameters["version"]?.string, platform: parameters["platform"]?.string,
            deviceFamily: parameters["deviceFamily"]?.string, modelIdentifier: parameters["modelIdentifier"]?.string,
            mode: parameters["mode"]?.string, lastInputSeconds: parameters["lastInputSeconds"]?.integer,
            reason: parameters["reason"]?.string, tags: words("tags"), text: parameters["text"]?.string, at: now,
            deviceID: parameters["deviceId"]?.string, roles: words("roles"), scopes: words("scopes"),
            instanceID: parameters["instanceId"]?.string)
    }
}
