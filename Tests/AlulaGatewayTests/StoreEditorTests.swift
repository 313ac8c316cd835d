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

    private func editor(isReadOnly: Bool = false) -> StoreEditor {
        StoreEditor(pool: pool, isReadOnly: isReadOnly, now: { Timestamp(milliseconds: 1_780_000_000_000) })
    }

    // upstream: 10.7 20: inherited profiles go, too
    @Test func signsOutOfTheAgentsOwnStoreAndTheInheritedOne() async throws {
        let scene = try Installation("{agents: {list: [{id: 'main'}, {id: 'second'}]}}")
        try scene.store([key("groq:a", "groq"), key("xai:a", "xai")].joined(separator: ","))
        try scene.store(key("groq:b", "groq"), agent: "second")
        let removed = try await editor().remove(
            provider: "groq", profiles: [], agent: "second", in: scene.load())
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
        #expect(
            try await editor().remove(provider: "groq", profiles: [], agent: .main, in: scene.load()) == ["groq:a"])
        #expect(try scene.read("state/openclaw.json") == text)
        #expect(
            scene.load().context.providers["groq"]?.key
                == .reference(SecretReference(source: .environment, provider: "default", id: "KEPT")))
    }

    @Test func removesOnlyTheNamedProfiles() async throws {
        let scene = try Installation("{}")
        try scene.store([key("groq:a", "groq"), key("groq:b", "groq")].joined(separator: ","))
        let removed = try await editor().remove(
            provider: "groq", profiles: ["groq:b", "groq:none"], agent: .main, in: scene.load())
        #expect(removed == ["groq:b"])
        #expect(try scene.read(mainStore).contains("groq:a"))
    }

    @Test func removingWhereNothingIsStoredRemovesNothing() async throws {
        let scene = try Installation("{}")
        #expect(try await editor().remove(provider: "groq", profiles: [], agent: .main, in: scene.load()).isEmpty)
    }

    // upstream: 10.7 22: a failed removal
    @Test func aRefusedRemovalLeavesEverythingInPlace() async throws {
        let scene = try Installation("{}")
        try scene.store(key("groq:a", "groq"))
        let before = try scene.read(mainStore)
        let state = scene.load()
        let editor = editor(isReadOnly: true)
        let error = await #expect(throws: (any Error).self) {
            try await editor.remove(provider: "groq", profiles: [], agent: .main, in: state)
        }
        #expect(try scene.read(mainStore) == before)
        #expect(try !StoreEditor.reason(#require(error)).isEmpty)
    }
}
