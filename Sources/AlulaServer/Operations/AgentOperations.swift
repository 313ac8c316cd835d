package import AlulaJSON
package import AlulaPrimitives
package import AlulaProtocol

/// The operations behind `agents.*`.
package protocol AgentOperations: Sendable {
    /// `agents.list`: the configured agents.
    func agentsList(_ caller: Caller) async throws(GatewayError) -> JSONValue

    /// `agent.identity.get`: how one agent presents itself; `nil` means the default agent.
    func agentIdentity(_ agent: AgentID?, _ caller: Caller) async throws(GatewayError) -> JSONValue
}
