import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaConfiguration

struct AgentsSettingsTests {
    private func agents(_ text: String) throws -> AgentsSettings {
        try MemoryFiles(main: text).loaded().configuration.agents
    }

    @Test func readsTheOlderSpelling() throws {
        let text = """
            {agents: {defaults: {workspace: '~/w', model: 'openai/gpt-5.5', imageModel: {primary: 'a/b', fallbacks: []}, models: {'openai/gpt-5.5': {alias: 'gpt', agentRuntime: {id: 'codex'}}, 'x/*': {}},
               subagents: {model: 'c/d'}, heartbeat: {every: '30m'}},
              list: [{id: 'Work Agent', workspace: '/w', agentDir: '/d', model: {primary: 'a/b', fallbacks: ['c/d']}, models: {'e/f': {}}, subagents: {model: {primary: 'g/h'}}, identity: {name: 'Al', emoji: 'x'}, heartbeat: {}},
                     {id: 'main', default: true, name: 'Main'}]}}
            """
        let loaded = try MemoryFiles(main: text).loaded()
        let agents = loaded.configuration.agents
        #expect(loaded.findings == ["warning invalid_value agents.list[0].id"])
        #expect(agents.defaults.model == ModelChoice(primary: "openai/gpt-5.5"))
        #expect(agents.defaults.imageModel == ModelChoice(primary: "a/b", fallbacks: []))
        #expect(agents.defaults.models.map(\.reference) == ["openai/gpt-5.5", "x/*"])
        #expect(agents.defaults.models.first?.alias == "gpt")
        #expect(agents.defaults.models.first?.agentRuntime == "codex")
        #expect(agents.defaults.subagentModel?.primary == "c/d")
        #expect(agents.agents.map(\.id) == ["work-agent", "main"])
        #expect(agents.defaultAgent == "main")
        let work = try #require(agents["work-agent"])
        #expect(work.workspace == "/w" && work.directory == "/d" && work.identity.name == "Al" && !work.isDefault)
        #expect(work.model == ModelChoice(primary: "a/b", fallbacks: ["c/d"]))
        #expect(work.subagentModel?.primary == "g/h")
        #expect(agents.allowListRule == .legacyModelsMap)
        #expect(agents.allowedModels(for: "main") == ["openai/gpt-5.5", "x/*"])
    }

    /// An id, a workspace or a name may repeat a secret, so problems say where the other one is.
    @Test func problemsAboutAgentsQuoteNoValue() throws {
        let text = """
            {agents: {list: [{id: 'FAKE-id', default: true, workspace: '/FAKE-w'}, {id: 'fake-id'},
                             {id: 'b', default: true, workspace: '/FAKE-w'}]}}
            """
        let problems = try MemoryFiles(main: text).loaded().problems
        #expect(
            problems.map(\.message) == [
                "Several agents are marked as the default; the first of them counts.",
                "The agent goes by another id here.", "agents.list[0] has the same id. The agent is left out.",
                "agents.list[0] works in the same directory.",
            ])
        #expect(!problems.map(\.description).joined().lowercased().contains("fake"))
    }

    @Test func readsTheNewerSpelling() throws {
        let text =
            "{agents: {ownership: 'explicit', defaults: {systemAgent: {agentId: 'two'}, modelPolicy: {allow: ['a/*']}}, entries: {one: {model: 'x/y'}, two: {modelPolicy: {allow: []}}}}}"
        let agents = try agents(text)
        #expect(agents.agents.map(\.id) == ["one", "two"])
        #expect(agents.defaultAgent == "two")
        #expect(agents.allowListRule == .modelPolicy)
        #expect(agents.allowedModels(for: "one") == ["a/*"])
        #expect(agents.allowedModels(for: "two") == nil)
    }

    @Test(
        arguments: [
            ("{}", "main"), ("{agents: {list: []}}", "main"), ("{agents: {list: [{id: 'a'}, {id: 'b'}]}}", "a"),
            ("{agents: {list: [{id: 'a'}, {id: 'b', default: true}, {id: 'c', default: true}]}}", "b"),
            ("{agents: {entries: {a: {}}}}", "a"), ("{agents: {entries: {a: {}, main: {}}}}", "main"),
            ("{agents: {entries: {a: {}, b: {}}}}", "a"), ("{agents: {entries: {a: {}, b: {default: true}}}}", "b"),
            ("{agents: {list: [{id: 'a'}], entries: {b: {default: true}}}}", "b"),
            ("{agents: {list: [{}, 'x', {id: 'c'}]}}", "c"),
        ])
    func choosesExactlyOneDefault(text: String, expected: String) throws {
        let agents = try agents(text)
        #expect(agents.defaultAgent.rawValue == expected)
        #expect(agents.agents.filter(\.isDefault).count == 1)
    }

    @Test func duplicatesAreRefusedAfterNormalising() throws {
        let loaded = try MemoryFiles(
            main:
                "{agents: {list: [{id: 'a', workspace: '/w'}, {id: 'A', model: 'x/y'}, {id: 'b', workspace: '/w'}], entries: {b: {}}}}"
        ).loaded()
        #expect(loaded.configuration.agents.agents.map(\.id) == ["a", "b"])
        #expect(loaded.configuration.agents["a"]?.model == nil)
        #expect(
            loaded.findings == [
                "error duplicate_entry agents.list[1]", "warning invalid_value agents.list[1].id",
                "warning conflict agents.list[2].workspace", "error duplicate_entry agents.entries.b",
            ])
    }

    @Test(
        arguments: [
            ("{agents: {defaults: {models: {'a/b': {}}}, list: [{id: 'x'}]}}", .legacyModelsMap, ["a/b"]),
            ("{agents: {defaults: {models: {'a/b': {}}}}}", .modelPolicy, nil),
            (
                "{meta: {lastTouchedVersion: '2026.4.12-beta.1'}, agents: {defaults: {models: {'a/b': {}}}}}",
                .legacyModelsMap, ["a/b"]
            ),
            ("{meta: {lastTouchedVersion: '2026.8.1'}, agents: {defaults: {models: {'a/b': {}}}}}", .modelPolicy, nil),
            (
                "{meta: {lastTouchedVersion: '2026.4.1'}, agents: {defaults: {modelPolicy: {allow: ['c/d']}}, list: [{id: 'x'}]}}",
                .modelPolicy, ["c/d"]
            ),
            ("{agents: {defaults: {models: {'a/b': {}}, modelPolicy: {allow: []}}}}", .modelPolicy, nil),
            ("{meta: {lastTouchedVersion: '2026.4.1'}}", .legacyModelsMap, nil),
            ("{agents: {defaults: {modelPolicy: {allow: [7]}}}}", .modelPolicy, [""]),
            ("{meta: {lastTouchedVersion: 'x'}}", .modelPolicy, nil),
        ] as [(String, AgentsSettings.AllowListRule, [String]?)])
    func saysWhichRuleIsInForce(text: String, rule: AgentsSettings.AllowListRule, allowed: [String]?) throws {
        let agents = try agents(text)
        #expect(agents.allowListRule == rule)
        #expect(agents.allowedModels(for: agents.defaultAgent) == allowed)
    }

    @Test func aWrongAgentIsLeftOutAndTheOthersStay() throws {
        let loaded = try MemoryFiles(
            main:
                "{agents: {list: [{id: 'a', model: 7}, {id: 'b', models: {'x/y': {alias: 7}, 'z/w': {}}}, {id: 'c', default: 'yes'}]}}"
        ).loaded()
        #expect(loaded.configuration.agents.agents.map(\.id) == ["b"])
        #expect(loaded.configuration.agents["b"]?.models.map(\.reference) == ["z/w"])
        #expect(
            loaded.findings == [
                "error wrong_type agents.list[0].model",
                "error wrong_type agents.list[1].models[\"x/y\"].alias".replacing("[\"x/y\"]", with: ".x/y"),
                "error wrong_type agents.list[2].default",
            ])
    }

    @Test func manyAgentsAreReadInLinearTime() throws {
        let list = (0..<2000).map { "a\($0): {workspace: '/w/\($0)'}" }.joined(separator: ",")
        #expect(try agents("{agents: {entries: {\(list)}}}").agents.count == 2000)
    }
}
