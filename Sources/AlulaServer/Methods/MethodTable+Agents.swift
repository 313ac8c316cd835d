import AlulaJSON
import AlulaPrimitives
import AlulaProtocol

extension MethodTable {
    /// `agents.*`.
    static let agents: [GatewayMethod] = [
        GatewayMethod(
            "agents.list", .scope(.read), .nothing, "The configured agents."
        ) { (_, caller, operations) async throws(GatewayError) in try await operations.agentsList(caller) }
    ]
}
