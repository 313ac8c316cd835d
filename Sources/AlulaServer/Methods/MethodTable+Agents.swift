import AlulaJSON
import AlulaPrimitives
import AlulaProtocol

extension MethodTable {
    /// `agents.*`.
    static let agents: [GatewayMethod] = [
        GatewayMethod(
            "agents.list", .scope(.read), .nothing, "The configured agents.",
            result: "`{defaultId, mainKey, scope, agents[{id, name?, workspace, agentDir, model?, isDefault}]}`"
        ) { (_, caller, operations) async throws(GatewayError) in try await operations.agentsList(caller) }
    ]
}
