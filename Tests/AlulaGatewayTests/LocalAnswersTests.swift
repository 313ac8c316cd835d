import AlulaAuth
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaSystem
import Testing

@testable import AlulaGateway

/// No source here is slow, so only a machine that is busy elsewhere could use up the patience.
struct LocalAnswersTests {
    private let pool = BlockingPool()

    private func answers(_ scene: Installation, _ variables: [String: String] = [:]) -> LocalAnswers {
        LocalAnswers(
            layout: scene.layout, variables: variables, currentDirectory: scene.home, version: "1.2.3", pool: pool,
            patience: .seconds(3600), now: { Timestamp(milliseconds: 1_780_000_000_000) })
    }

    private func models(_ answer: JSONValue) throws -> [String] {
        try #require(answer["models"]?.array).map { row in
            "\(row["provider"]?.string ?? "")/\(row["id"]?.string ?? "")"
        }
    }

    private func providers(_ rows: [String]) -> Set<String> {
        Set(rows.map { row in String(row.prefix { $0 != "/" }) })
    }

    private let configured = """
        {models: {providers: {mine: {baseUrl: 'http://127.0.0.1:1/v1', apiKey: 'sk-fake-CANARY',
                  models: [{id: 'm1', name: 'One', params: {secretive: 'CANARY', extra_body: {token: 'CANARY', plain: 'CANARY'}}}, {id: 'm2', name: 'Two'}]}}},
         agents: {defaults: {model: 'mine/m1'}, list: [{id: 'main'}, {id: 'second'}]}}
        """

    @Test(arguments: ["models.list", "models.status", "models.authStatus", "agents.list", "health", "status"])
    func answersWhatNeedsNoGateway(method: String) async throws {
        let scene = try Installation(configured)
        let answer = try await answers(scene).ask(method, [:])
        #expect(answer.object?.isEmpty == false)
        #expect(!String(decoding: answer.serialized(.compact), as: UTF8.self).contains("CANARY"))
    }

    @Test func explainsWhatARequestWouldTry() async throws {
        let scene = try Installation(configured)
        let answer = try await answers(scene).ask("models.explain", ["model": "openclaw"])
        #expect(answer["attempts"]?.array == [["model": "mine/m1", "login": "models.json", "probe": false]])
        let error = await #expect(throws: GatewayError.self) {
            _ = try await answers(scene).ask("models.explain", ["model": "nobody/m"])
        }
        #expect(error?.message.contains("does not exist here") == true)
    }

    @Test func tellsTheSchemaOfTheConfiguration() async throws {
        let local = answers(try Installation("{}"))
        let answer = try await local.ask("config.schema", [:])
        #expect(answer["schema"]?["properties"]?["gateway"]?["type"] == "object")
        #expect(answer["uiHints"]?["gateway.auth.token"]?["sensitive"] == true)
        #expect(answer["version"] == "1.2.3")
        #expect(answer["generatedAt"] == "2026-05-28T20:26:40Z")
        let place = try await local.ask("config.schema.lookup", ["path": "gateway.port"])
        #expect(place["schema"]?["maximum"] == 65535)
        #expect(place["reloadKind"] == "restart")
        let error = await #expect(throws: GatewayError.self) {
            try await local.ask("config.schema.lookup", ["path": "gateway.prot"])
        }
        #expect(error?.message == "config schema path not found")
    }

    // upstream: 10.1 2, 10.1 3: nothing is written, and no other tool's login is imported
    @Test func lookingChangesNothingOnDisk() async throws {
        let scene = try Installation("{models: {}}")
        try scene.store(#""groq:a":{"type":"api_key","provider":"groq","key":"sk-fake"}"#)
        try scene.write(
            #"{"OPENAI_API_KEY":null,"tokens":{"access_token":"fake","refresh_token":"fake","account_id":"acct"}}"#,
            to: ".codex/auth.json")
        let before = try scene.fingerprint()
        let local = answers(scene)
        for method in ["models.list", "models.status", "models.authStatus"] { _ = try await local.ask(method, [:]) }
        #expect(try scene.fingerprint() == before)
    }

    @Test func anUnknownAgentOrMethodIsSaidToBeSo() async throws {
        let scene = try Installation(configured)
        let local = answers(scene)
        let agent = await #expect(throws: GatewayError.self) { try await local.ask("models.list", ["agentId": "none"]) }
        #expect(agent?.code == .invalidRequest)
        let method = await #expect(throws: GatewayError.self) { try await local.ask("chat.send", [:]) }
        #expect(method?.code == .unavailable)
        #expect(method?.message.contains("alula gateway run") == true)
        _ = try await local.ask("models.list", ["agentId": "second"])
    }

    // upstream: 10.9 models: all is exact, parameters stay hidden
    @Test func theViewsShowWhatTheyAreNamedFor() async throws {
        let scene = try Installation(configured)
        let local = answers(scene)
        let configuredRows = try await models(local.ask("models.list", ["view": "configured"]))
        #expect(configuredRows == ["mine/m1", "mine/m2"])
        let all = try await local.ask("models.list", ["view": "all"])
        #expect(try Set(configuredRows).isSubset(of: models(all)))
        #expect(try models(all).count > 2)
        #expect(try Set(models(all)).count == models(all).count)
        #expect(!String(decoding: all.serialized(.compact), as: UTF8.self).contains("secretive"))
    }

    // upstream: 10.9 browse: the prepared catalog is the default, and nothing is asked for it
    @Test func theDefaultViewAddsWhatCanAnswer() async throws {
        let scene = try Installation(configured)
        let without = try await providers(models(answers(scene).ask("models.list", [:])))
        // The built-in test model needs no login, so it can always answer.
        #expect(without == ["alula", "mine"])
        let withKey = answers(scene, ["GROQ_API_KEY": "sk-fake"])
        let rows = try await models(withKey.ask("models.list", [:]))
        #expect(rows == (try await models(withKey.ask("models.list", ["view": "default"]))))
        #expect(providers(rows) == ["alula", "groq", "mine"])
    }

    // upstream: 10.9 visibility: an allow list limits what can be chosen, and not what is known
    @Test func anAllowListLimitsTheDefaultView() async throws {
        let scene = try Installation(
            """
            {models: {providers: {mine: {baseUrl: 'http://127.0.0.1:1/v1', apiKey: 'sk-fake', models: [{id: 'm1', name: 'One'}]}}},
             agents: {defaults: {model: 'mine/m1', modelPolicy: {allow: ['mine/*']}}}}
            """)
        let local = answers(scene, ["GROQ_API_KEY": "sk-fake"])
        #expect(try await models(local.ask("models.list", [:])) == ["mine/m1"])
        #expect(try await models(local.ask("models.list", ["view": "all"])).contains { $0.hasPrefix("groq/") })
    }

    @Test func aBrokenConfigurationIsAnsweredWithTheDefaults() async throws {
        let scene = try Installation("{")
        let answer = try await answers(scene).ask("agents.list", [:])
        #expect(answer["agents"]?.array?.count == 1)
    }
}
