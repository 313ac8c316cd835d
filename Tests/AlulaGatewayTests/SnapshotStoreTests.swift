import AlulaAuth
import AlulaPrimitives
import AlulaSystem
import Testing

@testable import AlulaGateway

struct SnapshotStoreTests {
    private let now = Timestamp(milliseconds: 1_780_000_000_000)
    private let scene: Installation
    private let store: SnapshotStore

    init() throws {
        scene = try Installation("{}")
        store = SnapshotStore(path: scene.path("state/alula/prepared-auth.json"))
        try scene.write("", to: "state/alula/prepared-auth.json")
    }

    /// What a warm with one stored key comes to.
    private func prepared(_ state: LoadedState) -> PreparedAuth {
        let key = ProfileFact(provider: "groq", kind: .apiKey, inlineDigest: FactVersion(rawValue: 7))
        let fact = StoreFact(origin: .profiles, profiles: ["groq:a": key])
        var facts = AuthFacts(stores: [state.context.mainStore: .found(fact, version: FactVersion(rawValue: 8))])
        facts.environment = state.environmentFact
        return AuthPreparer.prepare(
            context: state.context, facts: facts, generation: 41, gathering: .worker, now: now)
    }

    private func save(_ prepared: PreparedAuth) throws { try BlockingContext.permit { try store.save(prepared) } }

    private func load(_ state: LoadedState) -> PreparedAuth? {
        BlockingContext.permit {
            store.load(
                context: state.context, environment: state.environmentFact, now: now.advanced(by: .seconds(60)))
        }
    }

    @Test func aRestartServesTheSameAnswersMarkedStale() throws {
        let state = scene.load()
        let before = prepared(state)
        try save(before)
        let after = try #require(load(state))
        #expect(after.generation == 41)
        #expect(after.isStale)
        #expect(after.gathering == .persisted)
        #expect(after.agents == before.agents)
        #expect(after.answer("groq", for: .main)?.isAvailable == true)
    }

    @Test func theEnvironmentOfTheNewProcessCounts() throws {
        let state = scene.load(["XAI_API_KEY": "sk-fake"])
        try save(prepared(state))
        let after = try #require(load(scene.load(["MISTRAL_API_KEY": "sk-fake"])))
        #expect(after.answer("mistral", for: .main)?.isAvailable == true)
        #expect(after.answer("xai", for: .main)?.isAvailable == false)
    }

    @Test func aSnapshotOfOtherSettingsIsNone() throws {
        try save(prepared(scene.load()))
        try scene.write("{auth: {order: {groq: []}}}", to: "state/openclaw.json")
        #expect(load(scene.load()) == nil)
    }

    @Test(arguments: ["", "{", "[]", "null", "CANARY", #"{"schema":1}"#])
    func whatCanNotBeReadIsNone(text: String) throws {
        try scene.write(text, to: "state/alula/prepared-auth.json")
        #expect(load(scene.load()) == nil)
    }

    @Test func noPartOfASnapshotIsTakenForTheWhole() throws {
        let state = scene.load()
        try save(prepared(state))
        let whole = try scene.read("state/alula/prepared-auth.json")
        for length in stride(from: 0, to: whole.utf8.count - 1, by: 37) {
            try scene.write(String(whole.prefix(length)), to: "state/alula/prepared-auth.json")
            #expect(load(state) == nil)
        }
    }

    @Test(arguments: [(#""schema":1"#, #""schema":2"#), (#""generation":"41""#, #""generation":"-1""#)])
    func anotherSchemaOrNumberIsNone(written: String, instead: String) throws {
        let state = scene.load()
        try save(prepared(state))
        let whole = try scene.read("state/alula/prepared-auth.json")
        let parts = whole.split(separator: written, omittingEmptySubsequences: false)
        try #require(parts.count == 2)
        try scene.write(parts.joined(separator: instead), to: "state/alula/prepared-auth.json")
        #expect(load(state) == nil)
    }

    @Test func aMissingFileIsNone() throws {
        let elsewhere = SnapshotStore(path: scene.path("nowhere/prepared-auth.json"))
        let state = scene.load()
        let found = BlockingContext.permit {
            elsewhere.load(context: state.context, environment: state.environmentFact, now: now)
        }
        #expect(found == nil)
    }
}
