import AlulaAuth
import AlulaCLI
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaServer
import AlulaSystem
import Testing

@testable import AlulaGateway

/// The running gateway and the command line without one leave the same files behind.
struct SignOutTests {
    private let configuration = "{agents: {list: [{id: 'main'}, {id: 'second'}]}}"
    private let pool = BlockingPool()

    /// A bench with logins that are inherited, shared between providers, ordered and resting.
    private func bench() throws -> KeeperBench {
        let bench = try KeeperBench(configuration)
        func key(_ id: String, _ provider: String) -> String {
            #""\#(id)":{"type":"api_key","provider":"\#(provider)","key":"sk-fake","note":"kept"}"#
        }
        func state(_ ids: [String]) -> String {
            let usage = ids.map { #""\#($0)":{"errorCount":1,"cooldownUntil":1780000060000}"# }
            let order = ids.map { #""\#($0)""# }
            return #"""
                {"version":1,"usageStats":{\#(usage.joined(separator: ","))},
                 "order":{"byteplus":[\#(order.joined(separator: ","))],"groq":["groq:a"]},
                 "lastGood":{"byteplus":"\#(ids[0])","groq":"groq:a"},"other":{"kept":true}}
                """#
        }
        let main = [key("byteplus:a", "byteplus"), key("byteplus-plan:a", "byteplus-plan"), key("groq:a", "groq")]
        try bench.scene.store(main.joined(separator: ","))
        try bench.scene.write(
            state(["byteplus:a", "byteplus-plan:a", "groq:a"]), to: "state/agents/main/agent/auth-state.json")
        try bench.scene.store(
            [key("byteplus:b", "byteplus"), key("xai:a", "xai")].joined(separator: ","), agent: "second")
        // The agent has records of its own about a login that it inherits.
        try bench.scene.write(
            state(["byteplus:b", "byteplus:a"]), to: "state/agents/second/agent/auth-state.json")
        return bench
    }

    private func files(_ scene: Installation) throws -> [String: JSONValue] {
        var found: [String: JSONValue] = [:]
        for name in try scene.fingerprint().keys where name.hasSuffix(".json") && name.contains("/agents/") {
            found[name] = try JSONValue.parse(scene.read(name))
        }
        return found
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: ["main", "second"], ["byteplus", "byteplus-plan", "groq", "xai", "mistral", "BytePlus"])
    func bothWaysDoTheSame(agent: String, provider: String) async throws {
        let there = try bench()
        await there.keeper.start()
        _ = await there.nextEnded()
        let caller = Caller(
            connectionID: "c", client: nil, role: .operator, scopes: [.admin], isDirectLocal: true, version: .four)
        let answer = try await there.operations().authLogout(
            AuthLogoutQuery(caller: caller, provider: ProviderID(provider), agentID: AgentID(agent)))

        let here = try bench()
        let place = try #require(here.scene.load().context.agents.first { $0.id == AgentID(agent) }).store
        let removed = try await StoreCredentialEditor(
            layout: here.scene.layout, pool: pool, variables: [:], now: { [now = here.now] in now }
        ).signOut(
            of: ProviderID(provider),
            in: CredentialPlace(agent: AgentID(agent), directory: place.directory, isMain: agent == "main"))

        #expect(answer["removedProfiles"]?.array?.compactMap(\.string) == removed.map(\.rawValue))
        #expect(try files(there.scene) == files(here.scene))
        #expect(removed.isEmpty == (provider == "mistral" || (provider == "xai" && agent == "main")))
    }

    @Test func nothingOfASharedLoginIsLeft() async throws {
        let bench = try bench()
        let place = try #require(bench.scene.load().context.agents.first { $0.id == "second" }).store
        let removed = try await bench.editor().signOut(of: "byteplus-plan", from: place)
        #expect(removed == ["byteplus-plan:a", "byteplus:a", "byteplus:b"])
        for (name, document) in try files(bench.scene) {
            let text = String(decoding: document.serialized(.compact), as: UTF8.self)
            #expect(!text.contains("byteplus"), "\(name)")
            if name.hasSuffix("auth-state.json") { #expect(text.contains("kept") && text.contains("groq:a")) }
        }
    }
}
