import AlulaAuth
import AlulaPrimitives
import AlulaSystem
import Testing

@testable import AlulaGateway

struct StoreEditorTests {
    private let pool = BlockingPool()
    private let mainStore = "state/agents/main/agent/auth-profiles.json"

    private func key(_ id: String, _ provider: String) -> String {
        #""\#(id)":{"type":"api_key","provider":"\#(provider)","key":"sk-fake"}"#
    }

    private func editor(_ scene: Installation, isReadOnly: Bool = false) -> StoreEditor {
        StoreEditor(
            layout: scene.layout, pool: pool, isReadOnly: isReadOnly,
            now: { Timestamp(milliseconds: 1_780_000_000_000) })
    }

    private func store(_ agent: AgentID, _ scene: Installation) throws -> StoreID {
        try #require(scene.load().context.agents.first { $0.id == agent }).store
    }

    // upstream: 10.7 20: inherited profiles go, too
    @Test func signsOutOfTheAgentsOwnStoreAndTheInheritedOne() async throws {
        let scene = try Installation("{agents: {list: [{id: 'main'}, {id: 'second'}]}}")
        try scene.store([key("groq:a", "groq"), key("xai:a", "xai")].joined(separator: ","))
        try scene.store(key("groq:b", "groq"), agent: "second")
        let removed = try await editor(scene).signOut(of: "groq", from: store("second", scene))
        #expect(removed == ["groq:a", "groq:b"])
        #expect(try !scene.read(mainStore).contains("groq:a"))
        #expect(try scene.read(mainStore).contains("xai:a"))
        #expect(try !scene.read("state/agents/second/agent/auth-profiles.json").contains("groq:b"))
    }

    // upstream: 10.7 19: a configured reference survives
    @Test func leavesTheConfigurationAlone() async throws {
        let text =
            "{models: {providers: {groq: {baseUrl: 'http://127.0.0.1:1/v1', models: [], apiKey: {source: 'env', provider: 'default', id: 'KEPT'}}}}}"
        let scene = try Installation(text)
        try scene.store(key("groq:a", "groq"))
        #expect(try await editor(scene).signOut(of: "groq", from: store(.main, scene)) == ["groq:a"])
        #expect(try scene.read("state/openclaw.json") == text)
        #expect(
            scene.load().context.providers["groq"]?.key
                == .reference(SecretReference(source: .environment, provider: "default", id: "KEPT")))
    }

    @Test func removesOnlyTheNamedProfiles() async throws {
        let scene = try Installation("{}")
        try scene.store([key("groq:a", "groq"), key("groq:b", "groq")].joined(separator: ","))
        let removed = try await editor(scene).signOut(
            of: "groq", profiles: ["groq:b", "groq:none"], from: store(.main, scene))
        #expect(removed == ["groq:b"])
        #expect(try scene.read(mainStore).contains("groq:a"))
    }

    @Test func removingWhereNothingIsStoredRemovesNothing() async throws {
        let scene = try Installation("{}")
        #expect(try await editor(scene).signOut(of: "groq", from: store(.main, scene)).isEmpty)
        #expect(try !scene.fingerprint().keys.contains { $0.contains("auth-") })
    }

    // upstream: 10.7 22: a failed removal
    @Test func aRefusedRemovalLeavesEverythingInPlace() async throws {
        let scene = try Installation("{}")
        try scene.store(key("groq:a", "groq"))
        let before = try scene.read(mainStore)
        let editor = editor(scene, isReadOnly: true)
        let main = try store(.main, scene)
        let error = await #expect(throws: (any Error).self) {
            try await editor.signOut(of: "groq", from: main)
        }
        #expect(try scene.read(mainStore) == before)
        #expect(try !StoreEditor.reason(#require(error)).isEmpty)
    }
}
