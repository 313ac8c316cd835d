import AlulaJSON
import AlulaPrimitives
import AlulaProtocol

/// The methods that are served. Help, documentation and `features` derive from this one list.
package enum MethodTable {
    /// In the order of the alphabet. Each subject has a list in a file of its own.
    package static let methods: [GatewayMethod] = [
        agents, channels, configuration, devices, logs, models, presence, schedule, secrets, sessions, state,
        usage,
    ].flatMap(\.self).sorted { $0.name < $1.name }

    /// Names of the methods, sorted.
    package static let names = methods.map(\.name)

    /// Names of the events that are sent.
    package static let events = [
        "connect.challenge", "device.pair.requested", "device.pair.resolved", "health", "models.auth.changed",
        "presence",
        "shutdown", "tick",
    ]

    private static let byName = Dictionary(uniqueKeysWithValues: methods.map { ($0.name, $0) })

    /// `name` if it is served, else what stands for all others.
    static func servedName(_ name: String) -> String { byName[name] == nil ? ServerEvents.otherMethod : name }

    /// What `name` accepts, or `nil` when it is not served.
    static func schema(of name: String) -> ParameterSchema? { byName[name]?.schema }

    /// The method, or what to answer to a call of something that is not served.
    static func method(_ name: String, for caller: Caller) throws(GatewayError) -> GatewayMethod {
        if let method = byName[name] {
            if let refusal = method.access.refusal(of: caller) { throw refusal }
            return method
        }
        guard let access = KnownMethods.access(to: name) else { throw .invalidRequest("unknown method: \(name)") }
        if let refusal = access.refusal(of: caller) { throw refusal }
        throw .unavailable("\(name) is not served by this gateway yet")
    }
}

extension JSONValue {
    /// The member `agentId`; `nil` means the default agent.
    var agentID: AgentID? { self["agentId"]?.string.map { AgentID($0) } }
}
