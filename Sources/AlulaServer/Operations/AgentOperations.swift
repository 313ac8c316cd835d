package import AlulaJSON
package import AlulaProtocol

/// The operations behind `agents.*`.
package protocol AgentOperations: Sendable {
    /// `agents.list`: the configured agents.
    func agentsList(_ caller: Caller) async throws(GatewayError) -> JSONValue
}
