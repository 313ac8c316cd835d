import AlulaJSON
import AlulaPrimitives
import AlulaProtocol

extension MethodTable {
    /// `agents.*` and `agent.*`.
    static let agents: [GatewayMethod] = [
        GatewayMethod(
            "agent.identity.get", .scope(.read),
            .object([.optional("agentId", .nonEmptyString), .optional("sessionKey", .nonEmptyString)]),
            "How an agent presents itself.", result: "`{agentId, name, emoji?, avatar}`"
        ) { (parameters, caller, operations) async throws(GatewayError) in
            // The key of a session begins with `agent:` and the agent's id.
            let parts = parameters["sessionKey"]?.string?.split(separator: ":") ?? []
            let ofSession = parts.count > 2 && parts[0] == "agent" ? AgentID(String(parts[1])) : nil
            return try await operations.agentIdentity(parameters.agentID ?? ofSession, caller)
        },
        GatewayMethod(
            "agents.list", .scope(.read), .nothing, "The configured agents.",
            result: "`{defaultId, mainKey, scope, agents[{id, name?, workspace, agentDir, model?, isDefault}]}`"
        ) { (_, caller, operations) async throws(GatewayError) in try await operations.agentsList(caller) },
    ]
}
