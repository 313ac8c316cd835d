import AlulaJSON
import AlulaState
import Testing

@testable import AlulaCLI

struct ConfigCommandTests {
    private static let current: JSONValue = [
        "hash": "h1", "resolved": ["gateway": ["port": 18_789]], "config": ["gateway": ["port": 18_789]],
    ]

    private func scene(failing failures: [CommandError] = []) -> CommandScene {
        CommandScene {
            $0.localAnswers = ["config.get": Self.current, "config.patch": ["ok": true]]
            $0.failures = ["config.patch": failures]
        }
    }

    private static let stale = CommandError(.requestRefused, "In other words.", detailCode: "config-changed")

    @Test func printsTheSchemaAndOnePlaceOfIt() async {
        let scene = CommandScene {
            $0.localAnswers = [
                "config.schema": ["schema": ["type": "object"], "uiHints": [:], "version": "1.2.3"],
                "config.schema.lookup": ["path": "gateway.port", "children": []],
            ]
        }
        #expect(await scene.run("config", "schema") == .done)
        #expect(scene.terminal.document == ["type": "object"])
        #expect(await scene.run("config", "schema", "gateway.port") == .done)
        #expect(scene.lastParameters == ["path": "gateway.port"])
        #expect(scene.terminal.output.contains(#""path": "gateway.port""#))
    }

    @Test func saysThatNothingIsKnownOfAPath() async {
        let unknown = CommandError(.requestRefused, "In other words.", detailCode: "config-path-unknown")
        let scene = CommandScene { $0.failures = ["config.schema.lookup": [unknown, unknown]] }
        #expect(await scene.run("config", "schema", "gateway.prot") == .no)
        #expect(scene.terminal.errors.hasPrefix("Nothing is known of gateway.prot."))
        #expect(await scene.run("config", "schema", "gateway.prot", "--json") == .no)
        #expect(scene.terminal.document == ["error": "Nothing is known of gateway.prot."])
    }

    @Test func readsAgainWhenTheConfigurationIsAnotherByNow() async {
        let scene = scene(failing: [Self.stale, Self.stale])
        #expect(await scene.run("config", "set", "gateway.port", "19000") == .done)
        #expect(scene.asked == Array(repeating: ["config.get", "config.patch"], count: 3).flatMap { $0 })
        #expect(scene.lastParameters == ["raw": #"{"gateway":{"port":19000}}"#, "baseHash": "h1"])
    }

    @Test func saysWhatAChangeBringsAndWhatWaits() async {
        let scene = CommandScene {
            $0.localAnswers = [
                "config.get": Self.current,
                "config.patch": [
                    "ok": true, "restart": ["paths": ["gateway.port"]],
                    "warnings": [["path": "gateway.prot", "message": "The key is not known here."]],
                ],
            ]
        }
        #expect(await scene.run("config", "set", "gateway.port", "19000") == .done)
        #expect(
            scene.terminal.errors == """
                warning: gateway.prot: The key is not known here.
                Takes effect when the gateway is started again: gateway.port.

                """)
        #expect(scene.terminal.output == "Set gateway.port.\n")
    }

    @Test func givesUpAfterThreeTimes() async {
        let scene = scene(failing: [Self.stale, Self.stale, Self.stale])
        #expect(await scene.run("config", "set", "gateway.port", "19000") == .no)
        #expect(scene.terminal.errors.contains("In other words."))
    }

    @Test func goesByTheCodeAndNotByTheText() async {
        let scene = scene(failing: [CommandError(.requestRefused, "config changed since last load")])
        #expect(await scene.run("config", "set", "gateway.port", "19000") == .no)
        #expect(scene.asked == ["config.get", "config.patch"])
    }

    // MARK: set

    private static let catalog = CommandScene.answering([
        "hash": "h1", "exists": true,
        "resolved": [
            "agents": [
                "defaults": ["models": ["a/b": ["alias": "x"], "c/d": [:]]], "list": [["id": "main", "name": "M"]],
            ],
            "models": ["providers": ["groq": ["models": [["id": "one"], ["id": "two"]]]]],
        ],
    ])

    @Test(arguments: [
        (["agents.defaults.models", #"{ "a/b": {} }"#], "agents.defaults.models would lose c/d"),
        (["agents.defaults", "{}"], "agents.defaults.models would lose a/b, c/d"),
        (["models.providers", "{ other: {} }"], "models.providers would lose groq"),
        (["models.providers.groq.models", #"[{ id: "two" }]"#], "models.providers.groq.models would lose one"),
    ])
    func losesNoEntriesInPassing(_ arguments: [String], _ message: String) async {
        let scene = Self.catalog { _ in }
        #expect(await scene.run(["config", "set"] + arguments) == .no)
        #expect(scene.terminal.errors.contains(message))
        #expect(scene.asked == ["config.get"])
        #expect(await scene.run(["config", "set", "--replace"] + arguments) == .done)
        #expect(scene.asked.last == "config.patch")
    }

    @Test func replacesAListAsAWhole() async {
        let scene = Self.catalog { _ in }
        #expect(await scene.run("config", "set", "--replace", "models.providers.groq.models", "[]") == .done)
        #expect(
            scene.lastParameters == [
                "raw": #"{"models":{"providers":{"groq":{"models":[]}}}}"#, "baseHash": "h1",
                "replacePaths": ["models.providers.groq.models"],
            ])
    }

    @Test func mergesObjectsAndListsOfEntries() async {
        let scene = Self.catalog { _ in }
        let patch = #"{ models: { "c/d": null, "e/f": {} } }"#
        #expect(await scene.run("config", "set", "--merge", "agents.defaults", patch) == .done)
        #expect(scene.lastParameters?["raw"] == #"{"agents":{"defaults":{"models":{"e/f":{},"c/d":null}}}}"#)
        #expect(await scene.run("config", "set", "--merge", "agents.list", #"[{ id: "main", model: "m" }]"#) == .done)
        #expect(
            scene.lastParameters?["raw"] == #"{"agents":{"list":[{"id":"main","name":"M","model":"m"}]}}"#)
        #expect(await scene.run("config", "set", "--merge", "gateway.port", "1") == .usage)
        #expect(await scene.run("config", "set", "--merge", "--replace", "gateway.port", "{}") == .usage)
    }

    @Test func setsWithinListsAndMakesThem() async {
        let scene = Self.catalog { _ in }
        #expect(await scene.run("config", "set", "agents.list[0].name", "N") == .done)
        #expect(scene.lastParameters?["raw"] == #"{"agents":{"list":[{"id":"main","name":"N"}]}}"#)
        #expect(await scene.run("config", "set", "gateway.trustedProxies[0]", "10.0.0.1") == .done)
        #expect(scene.lastParameters?["raw"] == #"{"gateway":{"trustedProxies":["10.0.0.1"]}}"#)
        #expect(await scene.run("config", "set", "agents.list[5].name", "N") == .no)
        #expect(await scene.run("config", "set", "agents.list[0].id.deeper", "N") == .no)
    }

    @Test func doesABatchAsAWhole() async throws {
        let scene = Self.catalog {
            $0.texts["edits.json5"] = #"[{ path: "a.b", value: 1 }, { path: "a.c", value: "x" }]"#
        }
        #expect(await scene.run("config", "set", "--batch-file", "edits.json5", "--json") == .done)
        #expect(scene.asked == ["config.get", "config.patch"])
        #expect(scene.lastParameters?["raw"] == #"{"a":{"b":1,"c":"x"}}"#)
        #expect(scene.terminal.document == ["ok": true, "operations": 2])
        let batch = #"[{ path: "channels.discord.token", ref: { source: "env", provider: "default", id: "TOKEN" } }]"#
        #expect(await scene.run("config", "set", "--batch-json", batch) == .done)
        #expect(
            scene.lastParameters?["raw"]
                == #"{"channels":{"discord":{"token":{"source":"env","provider":"default","id":"TOKEN"}}}}"#)
    }

    @Test(arguments: [
        "{}", "[]", "[{ path: 'a' }]", "[{ path: 'a', value: null }]", "[{ value: 1 }]", "[",
        "[{ path: 'a', value: 1, ref: 2 }]",
    ])
    func refusesABatchThatIsNone(_ batch: String) async {
        let scene = Self.catalog { _ in }
        #expect(await scene.run("config", "set", "--batch-json", batch) == .usage)
        #expect(scene.asked == [])
    }

    @Test func saysWhatIsMissing() async {
        let scene = Self.catalog { _ in }
        #expect(await scene.run("config", "set") == .usage)
        #expect(await scene.run("config", "set", "gateway.port") == .usage)
        #expect(await scene.run("config", "set", "a.b", "1", "--batch-json", "[]") == .usage)
    }

    @Test func aDryRunAsksForOne() async {
        let scene = Self.catalog { _ in }
        #expect(await scene.run("config", "set", "gateway.port", "19000", "--dry-run", "--json") == .done)
        #expect(scene.lastParameters?["dryRun"] == true)
        #expect(
            scene.terminal.document == [
                "ok": true, "operations": 1, "configPath": "/home/me/.openclaw/openclaw.json", "inputModes": ["value"],
                "checks": ["schema": true, "resolvability": false, "resolvabilityComplete": false], "refsChecked": 0,
                "skippedExecRefs": 0,
            ])
    }

    @Test(arguments: [("invalid", "schema"), ("no_such_place", "missing-path"), ("config-changed", "conflict")])
    func aDryRunSaysWhatWouldBeRefused(_ code: String, _ kind: String) async {
        let refusal = CommandError(.requestRefused, "No.", detailCode: code)
        let scene = Self.catalog { $0.failures["config.patch"] = [refusal, refusal, refusal] }
        #expect(await scene.run("config", "set", "gateway.port", "1", "--dry-run", "--json") == .no)
        #expect(scene.terminal.document?["ok"] == false)
        #expect(scene.terminal.document?["errors"] == [["kind": .string(kind), "message": "No."]])
    }

    // MARK: get and validate

    @Test(arguments: [["config", "get"], ["config", "validate"], ["config", "validate", "--json"]])
    func sayTheSameWithAndWithoutAGateway(_ line: [String]) async throws {
        let text =
            "{\n  gateway: { port: 99999 },\n  models: { providers: { groq: { apiKey: 'fake-key' } } },\n  extra: 1\n}"
        let local = CommandScene { $0.configuration = text }
        let remote = CommandScene {
            $0.configuration = text
            $0.running = RunningGateway(url: "ws://127.0.0.1:18789")
        }
        #expect(await local.run(line) == (await remote.run(line)))
        #expect(!local.terminal.output.isEmpty)
        #expect(local.terminal.output == remote.terminal.output)
        #expect(local.terminal.errors == remote.terminal.errors)
        #expect(remote.askedGateway)
        #expect(!local.askedGateway)
    }
}
