import AlulaAuth
import AlulaConfiguration
import AlulaModels
import AlulaPrimitives
import AlulaState
import AlulaSystem
import Testing

@testable import AlulaGateway

struct StateLoaderTests {
    private func origin(_ state: LoadedState, _ name: String) -> EnvironmentFact.Origin? {
        state.environmentFact.origins[name]
    }

    @Test func theFirstPlaceThatHasAVariableWins() throws {
        let scene = try Installation(
            "{env: {vars: {GROQ_API_KEY: 'sk-fake-c', XAI_API_KEY: 'sk-fake-c', MISTRAL_API_KEY: 'sk-fake-c'}}}")
        try scene.write("GROQ_API_KEY=sk-fake-s\nXAI_API_KEY=sk-fake-s\n", to: "state/.env")
        var loader = scene.loader(["GROQ_API_KEY": "sk-fake-p"])
        loader.shellVariables = ["MISTRAL_API_KEY": Secret("sk-fake-x"), "DEEPSEEK_API_KEY": Secret("sk-fake-x")]
        let state = BlockingContext.permit { loader.load() }
        #expect(origin(state, "GROQ_API_KEY") == .process)
        #expect(origin(state, "XAI_API_KEY") == .stateFile)
        #expect(origin(state, "MISTRAL_API_KEY") == .configuration)
        #expect(origin(state, "DEEPSEEK_API_KEY") == .shell)
        #expect(state.environment["XAI_API_KEY"]?.exposed == "sk-fake-s")
    }

    @Test func aMissingConfigurationIsTheDefaults() throws {
        let state = try Installation().load()
        #expect(!state.isUnreadable)
        #expect(state.context.agents.map(\.id) == [.main])
    }

    // upstream: 10.9 reload: an invalid file is handled
    @Test(arguments: ["{agents: {list: [", "\u{0}", "[]"])
    func aFileThatCanNotBeReadLeavesTheOneBeforeInForce(text: String) throws {
        let scene = try Installation("{agents: {list: [{id: 'main'}, {id: 'second'}]}, gateway: {port: 19001}}")
        let good = scene.load()
        try scene.write(text, to: "state/openclaw.json")
        let bad = scene.load(previous: good)
        #expect(bad.isUnreadable)
        #expect(!bad.problems.isEmpty)
        #expect(bad.configuration.gateway.port == 19001)
        #expect(bad.context.fingerprint == good.context.fingerprint)
        // Once more, and then it is mended.
        try scene.write("{gateway: {port: 19002}}", to: "state/openclaw.json")
        let mended = scene.load(previous: bad)
        #expect(!mended.isUnreadable)
        #expect(mended.configuration.gateway.port == 19002)
    }

    @Test(arguments: ["", "  \n"])
    func aFileThatWasJustEmptiedCountsOnlyAtTheSecondLook(text: String) throws {
        let scene = try Installation("{gateway: {port: 19001}}")
        let good = scene.load()
        try scene.write(text, to: "state/openclaw.json")
        let first = scene.load(previous: good, acceptsBlank: false)
        #expect(first.isUnreadable)
        #expect(first.configuration.gateway.port == 19001)
        let second = scene.load(previous: first, acceptsBlank: true)
        #expect(!second.isUnreadable)
        #expect(second.configuration.gateway.port != 19001)
    }

    @Test func aReloadWithABrokenIncludedFileKeepsTheOneBefore() throws {
        let scene = try Installation("{agents: {$include: './agents.json5'}}")
        try scene.write("{list: [{id: 'main'}, {id: 'second'}]}", to: "state/agents.json5")
        let good = scene.load()
        try scene.write("{list: [", to: "state/agents.json5")
        let bad = scene.load(previous: good)
        #expect(bad.isUnreadable)
        #expect(bad.context.fingerprint == good.context.fingerprint)
        // A start has nothing to keep and goes on with what there is.
        #expect(!scene.load().isUnreadable)
    }

    @Test func variablesAreReadAnewAlthoughTheConfigurationIsBroken() throws {
        let scene = try Installation("{}")
        let good = scene.load()
        try scene.write("{", to: "state/openclaw.json")
        try scene.write("GROQ_API_KEY=sk-fake\n", to: "state/.env")
        #expect(origin(scene.load(previous: good), "GROQ_API_KEY") == .stateFile)
    }

    @Test func includedFilesAreWatched() throws {
        let scene = try Installation("{agents: {$include: './agents.json5'}}")
        try scene.write("{list: [{id: 'second'}]}", to: "state/agents.json5")
        let state = scene.load()
        #expect(state.configurationPaths.contains(scene.path("state/agents.json5")))
        #expect(state.context.agents.contains { $0.id == "second" })
    }

    @Test func aGeneratedListOfModelsThatIsGarbageGivesNoHints() throws {
        let scene = try Installation("{}")
        let before = scene.load().catalog.models.count
        try scene.write("{\"providers\":", to: "state/agents/main/agent/models.json")
        #expect(scene.load().catalog.models.count == before)
    }

    // upstream: 10.1 2: loading is read-only
    @Test func loadingWritesNothing() throws {
        let scene = try Installation("{env: {vars: {A: 'b'}}}")
        try scene.store(#""groq:a":{"type":"api_key","provider":"groq","key":"sk-fake"}"#)
        let before = try scene.fingerprint()
        _ = scene.load()
        #expect(try scene.fingerprint() == before)
    }
}
