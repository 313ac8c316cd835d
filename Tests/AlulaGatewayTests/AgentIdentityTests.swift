import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import Testing

@testable import AlulaGateway

struct AgentIdentityTests {
    private let caller = Caller(
        connectionID: "c", client: nil, role: .operator, scopes: [.read], isDirectLocal: true, version: .four)

    @Test(
        arguments: [
            (nil, ["agentId": "main", "name": "Assistant", "avatar": "A"]),
            ("work", ["agentId": "work", "name": "Ada", "emoji": "🪶", "avatar": "🪶"]),
        ] as [(AgentID?, JSONValue)])
    func anAgentPresentsItself(agent: AgentID?, expected: JSONValue) async throws {
        let bench = try KeeperBench(
            "{agents: {list: [{id: 'main', default: true}, {id: 'work', name: 'w', identity: {name: 'Ada', emoji: '🪶'}}]}}"
        )
        #expect(try await bench.operations().agentIdentity(agent, caller) == expected)
    }

    @Test func anUnknownAgentIsNamed() async throws {
        let bench = try KeeperBench("{}")
        let error = await #expect(throws: GatewayError.self) {
            try await bench.operations().agentIdentity("none", caller)
        }
        #expect(error?.message == "unknown agent id: none")
    }
}
