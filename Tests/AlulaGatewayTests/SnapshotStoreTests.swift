import AlulaAuth
import AlulaPrimitives
import AlulaProtocol
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

    // MARK: Times that can't be

    /// Numbers that no clock shows, as a damaged or edited file could have them.
    static let absurd = [
        "9223372036854775807", "-9223372036854775808", "-1", "0", "253402300800000", "9223372036854775808", "1e400",
        "-1e308", "1.5", "\"NaN\"", "null", "true",
    ]

    /// What stands in the file for each time that a snapshot has.
    static let times: [(name: String, milliseconds: Int64)] = [
        ("cooldown", 1_780_000_000_001), ("disabled", 1_780_000_000_002), ("blocked", 1_780_000_000_003),
        ("used", 1_780_000_000_004), ("failed", 1_780_000_000_005), ("expiry", 1_780_000_000_006),
        ("modified", 1_780_000_000_007), ("login", 1_780_000_000_008),
    ]

    private func snapshotWithTimes(_ state: LoadedState) throws -> String {
        func time(_ name: String) throws -> Timestamp {
            Timestamp(milliseconds: try #require(Self.times.first { $0.name == name }).milliseconds)
        }
        let token = ProfileFact(
            provider: "openai", kind: .oauth, inlineDigest: FactVersion(rawValue: 7), refreshDigest: nil,
            expiry: .at(try time("expiry")))
        let key = ProfileFact(provider: "openai", kind: .token, inlineDigest: FactVersion(rawValue: 9))
        let usage = ProfileUsage(
            lastUsed: try time("used"), cooldownUntil: try time("cooldown"), cooldownReason: .overloaded,
            disabledUntil: try time("disabled"), disabledReason: .billing, blockedUntil: try time("blocked"),
            errorCount: 3, failureCounts: [.overloaded: 3], lastFailureAt: try time("failed"))
        let store = StoreFact(
            origin: .profiles, profiles: ["openai:a": token, "openai:b": key],
            usage: ["openai:a": usage, "openai:b": usage])
        let login = LoginFact(
            tool: .codex, kind: .oauth, digest: FactVersion(rawValue: 1), expiry: .at(try time("login")),
            modified: try time("modified"), path: "/nowhere")
        var facts = AuthFacts(
            stores: [state.context.mainStore: .found(store, version: FactVersion(rawValue: 8))],
            logins: [.codex: .found(login, version: FactVersion(rawValue: 2))])
        facts.environment = state.environmentFact
        try save(
            AuthPreparer.prepare(context: state.context, facts: facts, generation: 41, gathering: .worker, now: now))
        return try scene.read("state/alula/prepared-auth.json")
    }

    /// Every report that reads a snapshot.
    private func readAll(_ prepared: PreparedAuth, _ state: LoadedState) {
        let book = AnswerBook(state: state, prepared: prepared, now: now)
        for view in ModelRow.View.allCases { _ = book.modelsList(view: view, agent: nil) }
        _ = book.modelsStatus(agent: nil)
        _ = book.authStatus(agent: nil)
        _ = StartBanner.text(prepared, now: now)
        _ =
            AnswerBook.health(
                state: state, prepared: prepared, now: now, warm: WarmStatus(), eventLoop: nil, version: "1.2.3"
            ).health
    }

    @Test(arguments: times.map(\.name) + ["preparedAt"], absurd)
    func timesThatCanNotBeNeitherEndTheGatewayNorHoldAnAnswer(name: String, absurd: String) throws {
        let state = scene.load()
        var text = try snapshotWithTimes(state)
        let written = Self.times.first { $0.name == name }?.milliseconds ?? now.milliseconds
        let parts = text.split(separator: "\(written)", omittingEmptySubsequences: false)
        try #require(parts.count > 1)
        text = parts.joined(separator: absurd)
        try scene.write(text, to: "state/alula/prepared-auth.json")
        // Whether the snapshot counts then does not matter: the first warm replaces it. What follows must not trap.
        guard let prepared = load(state) else { return }
        readAll(prepared, state)
        if let next = prepared.nextChange { #expect(next > now && next <= .maximum) }
    }

    @Test func timesThatCanBeAreReadBack() throws {
        let state = scene.load()
        _ = try snapshotWithTimes(state)
        readAll(try #require(load(state)), state)
    }
}
