import AlulaAuth
import AlulaPrimitives
import Testing

@testable import AlulaGateway

struct AuthContextBuilderTests {
    private func context(_ configuration: String) throws -> AuthContext {
        try Installation(configuration).load().context
    }

    @Test(
        arguments: [
            ("", .absent), ("apiKey: ''", .absent), ("apiKey: 'sk-fake-literal'", .literal),
            ("apiKey: 'ollama-local'", .marker("ollama-local")),
            ("apiKey: 'openai:work'", .profile("openai:work")), ("apiKey: 'nobody:work'", .literal),
            ("apiKey: 'openai:'", .literal),
            (
                "apiKey: {source: 'env', provider: 'default', id: 'SOME_KEY'}",
                .reference(SecretReference(source: .environment, provider: "default", id: "SOME_KEY"))
            ),
            (
                "apiKey: {source: 'exec', provider: 'vault', id: 'a'}",
                .reference(SecretReference(source: .helper, provider: "vault", id: "a"))
            ),
        ] as [(String, AuthContext.Provider.Key)])
    func saysWhatKindOfKeyThereIsAndNeverTheKey(entry: String, key: AuthContext.Provider.Key) throws {
        let context = try context(
            "{models: {providers: {mine: {baseUrl: 'http://127.0.0.1:1/v1', models: [], \(entry)}}}}")
        #expect(context.providers["mine"]?.key == key)
        #expect(!"\(context)".contains("sk-fake-literal"))
    }

    @Test func aRefusedEntryIsThereAndInvalid() throws {
        let context = try context(
            "{models: {providers: {broken: 'x', good: {baseUrl: 'http://127.0.0.1:1/v1', models: []}}}}")
        #expect(context.providers["broken"]?.isInvalid == true)
        #expect(context.providers["good"]?.isInvalid == false)
        #expect(context.providerIDs.contains("broken"))
    }

    @Test func namesEveryProviderThatTheConfigurationUses() throws {
        let context = try context(
            """
            {models: {providers: {mine: {baseUrl: 'http://127.0.0.1:1/v1', models: []}}},
             auth: {profiles: {'groq:a': {provider: 'groq', mode: 'api_key'}}, order: {mistral: ['mistral:a']}},
             agents: {defaults: {model: {primary: 'anthropic/claude-sonnet-4-5', fallbacks: ['xai/grok-4']}},
                      list: [{id: 'second', model: 'deepseek/deepseek-chat'}]}}
            """)
        #expect(context.providersInUse == ["anthropic", "deepseek", "groq", "mine", "mistral", "xai"])
        #expect(Set(context.providersInUse).isSubset(of: context.providerIDs))
        #expect(context.configuredOrder == ["mistral": ["mistral:a"]])
        #expect(context.configuredProfiles["groq:a"]?.mode == "api_key")
    }

    @Test func theStandardModelsProviderIsInUseWhenNoneIsChosen() throws {
        #expect(try !context("{}").providersInUse.isEmpty)
    }

    @Test func bothWaysToWriteAgentsNameTheSamePlaces() throws {
        let list = try context("{agents: {list: [{id: 'main'}, {id: 'second', workspace: '/w/2'}]}}")
        let entries = try context("{agents: {entries: {main: {}, second: {workspace: '/w/2'}}}}")
        #expect(list.agents.map(\.id) == ["main", "second"])
        #expect(entries.agents.map(\.id) == list.agents.map(\.id))
        #expect(entries.agents.last?.workspace == "/w/2")
        #expect(list.agents.last?.workspace == "/w/2")
    }

    @Test(arguments: [
        "{agents: {defaults: {heartbeat: {every: '5m'}}}}", "{channels: {telegram: {enabled: false}}}",
        "{logging: {level: 'debug'}}", "{gateway: {port: 19000}}",
    ])
    func theFingerprintStaysWhileOnlyOtherThingsChange(edited: String) throws {
        let scene = try Installation("{}")
        let before = scene.load().context
        #expect(scene.load().context.fingerprint == before.fingerprint)
        try scene.write(edited, to: "state/openclaw.json")
        #expect(scene.load().context.fingerprint == before.fingerprint)
    }

    @Test(arguments: [
        "{auth: {order: {openai: []}}}", "{auth: {profiles: {'groq:a': {provider: 'groq', mode: 'oauth'}}}}",
        "{models: {providers: {mine: {baseUrl: 'http://127.0.0.1:1/v1', models: [], apiKey: 'sk-fake'}}}}",
        "{agents: {list: [{id: 'second'}]}}", "{secrets: {defaults: {env: 'other'}}}",
        "{secrets: {providers: {v: {source: 'env', allowlist: ['A']}}}}",
    ])
    func theFingerprintFollowsWhatAnswersDependOn(edited: String) throws {
        let scene = try Installation("{}")
        let before = scene.load().context
        try scene.write(edited, to: "state/openclaw.json")
        #expect(scene.load().context.fingerprint != before.fingerprint)
    }

    @Test(arguments: [
        "{agents: {list: [{id: 'main', agentDir: '/elsewhere/main'}]}}",
        "{agents: {list: [{id: 'main', workspace: '/elsewhere/work'}]}}",
        "{agents: {defaults: {workspace: '/elsewhere/all'}}}",
    ])
    func theFingerprintFollowsWhereAgentsKeepTheirThings(edited: String) throws {
        let scene = try Installation("{agents: {list: [{id: 'main'}]}}")
        let before = scene.load().context
        try scene.write(edited, to: "state/openclaw.json")
        let after = scene.load().context
        #expect(after.agents.map(\.id) == before.agents.map(\.id))
        #expect(after.fingerprint != before.fingerprint)
        #expect(after.agents != before.agents)
    }

    // MARK: Variables in place of keys

    /// The key of a provider whose entry says `text`, with `variables` set.
    private func key(_ text: String, _ variables: [String: String] = [:]) throws -> AuthContext.Provider.Key? {
        let scene = try Installation(
            "{models: {providers: {mine: {baseUrl: 'http://127.0.0.1:1/v1', models: [], apiKey: '\(text)'}}}}")
        let context = scene.load(variables).context
        #expect(!"\(context)".contains("CANARY"))
        return context.providers["mine"]?.key
    }

    private func pointer(_ name: String) -> AuthContext.Provider.Key {
        .reference(SecretReference(source: .environment, provider: "default", id: name))
    }

    @Test(arguments: ["${SOME_KEY}", "$SOME_KEY", "secretref-env:SOME_KEY"])
    func aVariableInAKeyIsAPointerWhetherOrNotItIsSet(text: String) throws {
        #expect(try key(text) == pointer("SOME_KEY"))
        #expect(try key(text, ["SOME_KEY": "sk-fake-CANARY"]) == pointer("SOME_KEY"))
    }

    @Test func aVariableInTheMiddleOfAKeyIsFilledIn() throws {
        #expect(try key("sk-fake-${SOME_KEY}", ["SOME_KEY": "CANARY"]) == .literal)
    }

    @Test func aBareVariableNameIsAMarkerOnlyIfSomeProviderTakesIt() throws {
        #expect(try key("OPENAI_API_KEY", ["OPENAI_API_KEY": "sk-fake-CANARY"]) == .marker("OPENAI_API_KEY"))
        #expect(try key("PERPLEXITY_API_KEY") == .marker("PERPLEXITY_API_KEY"))
        #expect(try key("NOBODYS_API_KEY", ["NOBODYS_API_KEY": "sk-fake-CANARY"]) == .literal)
        #expect(try key(" OPENAI_API_KEY ") == .marker("OPENAI_API_KEY"))
    }
}
