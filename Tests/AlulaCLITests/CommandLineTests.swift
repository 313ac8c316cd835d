import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaCLI

struct CommandLineTests {
    private static let gateway = RunningGateway(
        url: "ws://127.0.0.1:18789", processID: 42, credential: .token(Secret("from-file")))

    // MARK: Exit codes and failures

    @Test(arguments: [["--version"], ["-V"], ["-v"]])
    func saysItsVersion(_ line: [String]) async {
        let scene = CommandScene()
        #expect(await scene.run(line[0]) == .done)
        #expect(scene.terminal.output == "alula 1.2.3\n")
    }

    @Test func helpLeadsWithAnExample() async {
        let scene = CommandScene()
        #expect(await scene.run("models", "auth", "order", "set", "--help") == .done)
        #expect(scene.terminal.output.contains("USAGE: alula models auth order set --provider openai openai:work"))
        #expect(scene.terminal.errors.isEmpty)
    }

    @Test(arguments: [
        ["models", "nonsense"], ["gateway", "run", "--port", "70000"], ["gateway", "run", "--bind", "x"],
    ])
    func wrongUsageIs64(_ line: [String]) async {
        let scene = CommandScene()
        let status = await CommandLineTool.run(line, in: scene.testEnvironment)
        #expect(status == .usage)
        #expect(scene.terminal.output.isEmpty)
        #expect(!scene.terminal.errors.isEmpty)
    }

    @Test func failsInOneDocumentWithJSON() async throws {
        let scene = CommandScene()
        #expect(await scene.run("gateway", "call", "health", "--json") == .unreachable)
        let document = try #require(scene.terminal.document)
        #expect(document["ok"] == false)
        #expect(document["error"]?["type"] == "cli_error")
        #expect(document["error"]?["message"]?.string?.hasPrefix("No gateway is running") == true)
        #expect(scene.terminal.errors.isEmpty)
    }

    @Test func usageFailsInOneDocumentToo() async throws {
        let scene = CommandScene()
        #expect(await scene.run("models", "status", "--json", "--nonsense") == .usage)
        #expect(try #require(scene.terminal.document)["ok"] == false)
    }

    @Test(
        arguments: [
            (CommandError.Code.gatewayUnreachable, AlulaCLI.ExitStatus.unreachable),
            (.credentialRejected, .notPermitted),
            (.timedOut, .temporary), (.requestRefused, .no), (.malformedAnswer, .internalError),
        ])
    func everyFailureHasItsExitCode(_ code: CommandError.Code, _ status: AlulaCLI.ExitStatus) async {
        let scene = CommandScene { state in
            state.running = Self.gateway
            state.refusal = CommandError(code, "It did not work.")
        }
        #expect(await scene.run("gateway", "call", "health") == status)
        #expect(scene.terminal.errors.hasPrefix("alula: It did not work."))
        let isAdvised = [.unreachable, .notPermitted, .temporary].contains(status)
        #expect((scene.terminal.errors != "alula: It did not work.\n") == isAdvised)
    }

    // MARK: Who is asked

    @Test func asksTheRunningGatewayWithTheTokenOfItsFile() async {
        let scene = CommandScene { state in
            state.running = Self.gateway
            state.gatewayAnswers["models.status"] = ["resolvedDefault": "openai/gpt"]
        }
        #expect(await scene.run("models", "status", "--plain") == .done)
        #expect(scene.terminal.output == "openai/gpt\n")
        #expect(scene.connections.map(\.credential) == ["token from-file"])
        #expect(scene.askedGateway)
    }

    @Test func computesHereWithoutAGateway() async {
        let scene = CommandScene { $0.localAnswers["models.status"] = ["resolvedDefault": "openai/gpt"] }
        #expect(await scene.run("models", "status", "--plain") == .done)
        #expect(scene.terminal.output == "openai/gpt\n")
        #expect(!scene.askedGateway)
    }

    @Test func computesHereWithANoteWhenTheGatewayDoesNotAnswer() async {
        let scene = CommandScene { state in
            state.running = Self.gateway
            state.refusal = CommandError(.timedOut, "The gateway did not answer within 10 s.")
            state.localAnswers["models.status"] = ["resolvedDefault": "openai/gpt"]
        }
        #expect(await scene.run("models", "status", "--plain") == .done)
        #expect(scene.terminal.output == "openai/gpt\n")
        #expect(scene.terminal.errors.contains("did not answer within 10 s"))
    }

    @Test func saysThatTheConfigurationIsBroken() async {
        let scene = CommandScene { state in
            state.configuration = "{ gateway: { port: 99999, bind: 'nowhere' } "
            state.localAnswers["models.status"] = ["resolvedDefault": "openai/gpt"]
        }
        #expect(await scene.run("models", "status") == .done)
        #expect(scene.terminal.errors == "The configuration has an error. See with: alula config validate\n")
    }

    @Test func aNamedGatewayIsNotReplacedAndGetsNoOtherToken() async {
        let scene = CommandScene { state in
            state.variables["ALULA_GATEWAY_TOKEN"] = "from-environment"
            state.refusal = CommandError(.gatewayUnreachable, "Nobody is there.")
        }
        #expect(await scene.run("models", "status", "--url", "ws://elsewhere:1") == .unreachable)
        #expect(scene.connections.map(\.url) == ["ws://elsewhere:1"])
        #expect(scene.connections.map(\.credential) == [nil])
    }

    @Test(
        arguments: [
            (["ALULA_GATEWAY_TOKEN": "ours", "OPENCLAW_GATEWAY_TOKEN": "theirs"], nil, "token ours"),
            (["OPENCLAW_GATEWAY_TOKEN": "theirs"], nil, "token theirs"),
            (["OPENCLAW_GATEWAY_TOKEN": "undefined"], nil, "token from-file"),
            (["OPENCLAW_GATEWAY_PASSWORD": "word"], nil, "password word"),
            (["ALULA_GATEWAY_TOKEN": "ours"], "flag", "token flag"),
        ] as [([String: String], String?, String)])
    func takesTheTokenInOrder(_ variables: [String: String], flag: String?, credential: String) async {
        let scene = CommandScene { state in
            state.variables = variables
            state.running = Self.gateway
            state.gatewayAnswers["health"] = ["ok": true]
        }
        let line = ["health"] + (flag.map { ["--token", $0] } ?? [])
        #expect(await CommandLineTool.run(line, in: scene.testEnvironment) == .done)
        #expect(scene.connections.map(\.credential) == [credential])
    }

    // MARK: Where the state is

    @Test(
        arguments: [
            (["--state-dir", "/flag"], ["ALULA_STATE_DIR": "/ours"], "/flag/openclaw.json"),
            ([], ["ALULA_STATE_DIR": "/ours", "OPENCLAW_STATE_DIR": "/theirs"], "/ours/openclaw.json"),
            ([], ["OPENCLAW_STATE_DIR": "/theirs"], "/theirs/openclaw.json"),
            ([], ["HOME": "/home/me"], "/home/me/.openclaw/openclaw.json"),
            (["--profile", "work"], ["HOME": "/home/me"], "/home/me/.openclaw-work/openclaw.json"),
            (["--dev"], ["HOME": "/home/me"], "/home/me/.openclaw-dev/openclaw.json"),
            ([], ["OPENCLAW_CONFIG_PATH": "/x/y.json"], "/x/y.json"),
        ] as [([String], [String: String], String)])
    func findsTheConfiguration(_ flags: [String], _ variables: [String: String], path: String) async {
        let scene = CommandScene { $0.variables = variables }
        for line in [["config", "file"] + flags, flags + ["config", "file"]] {
            #expect(await CommandLineTool.run(line, in: scene.testEnvironment) == .done)
        }
        #expect(scene.terminal.output == "\(path)\n\(path)\n", "options count before and after the command")
    }

    // MARK: gateway

    @Test func callPrintsTheAnswer() async {
        let scene = CommandScene { state in
            state.running = Self.gateway
            state.gatewayAnswers["models.list"] = ["models": []]
        }
        #expect(await scene.run("gateway", "call", "models.list", "--params", #"{"view":"all"}"#, "--json") == .done)
        #expect(scene.terminal.output == #"{"models":[]}"# + "\n")
        #expect(scene.lastParameters == ["view": "all"])
    }

    @Test(arguments: ["nonsense", "[1]"])
    func callRefusesParametersThatAreNoObject(_ parameters: String) async {
        let scene = CommandScene { $0.running = Self.gateway }
        #expect(await scene.run("gateway", "call", "health", "--params", parameters) == .usage)
    }

    @Test func statusSaysThatNothingRuns() async {
        let scene = CommandScene()
        #expect(await scene.run("gateway", "status") == .done)
        #expect(scene.terminal.output.contains("Gateway  not running"))
        #expect(await scene.run("gateway", "status", "--require-rpc") == .unreachable)
    }

    @Test func statusAsksTheRunningOne() async throws {
        let scene = CommandScene { state in
            state.running = Self.gateway
            state.gatewayAnswers["health"] = ["ok": true]
        }
        #expect(await scene.run("gateway", "status", "--json", "--require-rpc") == .done)
        let document = try #require(scene.terminal.document)
        #expect(document["rpc"]?["ok"] == true)
        #expect(document["gateway"]?["pid"] == 42)
        #expect(document["config"]?["cli"]?["valid"] == true)
    }

    @Test func runPassesItsOptionsOn() async {
        let scene = CommandScene()
        #expect(await scene.run("gateway", "run", "--port", "19001", "--bind", "lan", "--allow-unconfigured") == .done)
        #expect(scene.runner.last == GatewayRunRequest(port: 19_001, bind: "lan", allowsUnconfigured: true))
    }

    @Test func runTakesNoTokenFromTheCommandLine() async {
        let scene = CommandScene()
        #expect(await scene.run("gateway", "run", "--token", "secret-canary") == .usage)
        #expect(!scene.terminal.errors.contains("secret-canary"))
        #expect(scene.runner.last == nil)
    }

    // MARK: config

    @Test func validateListsProblemsWithTheirPlaces() async throws {
        let scene = CommandScene { $0.configuration = "{\n  gateway: { port: 99999 },\n  extra: 1\n}" }
        #expect(await scene.run("config", "validate") == .no)
        #expect(scene.terminal.output.contains("openclaw.json:2:20: error: gateway.port"))
        #expect(scene.terminal.output.contains("is not valid"))
    }

    @Test func warningsLeaveTheConfigurationValid() async throws {
        let scene = CommandScene { $0.configuration = "{ gatewai: {} }" }
        #expect(await scene.run("config", "validate", "--json") == .done)
        let document = try #require(scene.terminal.document)
        #expect(document["valid"] == true)
        #expect(document["path"] == "/home/me/.openclaw/openclaw.json")
        #expect(document["warnings"]?.array?.count == 1)
    }

    @Test func aMissingFileIsNotValid() async throws {
        let scene = CommandScene { $0.isConfigurationMissing = true }
        #expect(await scene.run("config", "validate", "--json") == .no)
        #expect(try #require(scene.terminal.document)["error"] == "The file is missing or empty.")
    }

    @Test func getHidesSecrets() async {
        let scene = CommandScene {
            $0.configuration =
                #"{ models: { providers: { groq: { apiKey: "sk-fake-canary" } } }, gateway: { port: 18790 } }"#
        }
        #expect(await scene.run("config", "get", "gateway.port") == .done)
        #expect(scene.terminal.output == "18790\n")
        #expect(await scene.run("config", "get") == .done)
        #expect(scene.terminal.output.contains("__OPENCLAW_REDACTED__"))
        #expect(!scene.terminal.output.contains("sk-fake-canary"))
    }

    @Test func getSaysThatAPathIsMissing() async throws {
        let scene = CommandScene()
        #expect(await scene.run("config", "get", "a.b", "--json") == .no)
        #expect(try #require(scene.terminal.document)["error"] == "Config path not found: a.b")
    }

    // MARK: agents

    @Test func listsAgentsInTheCommandsOwnShape() async throws {
        let scene = CommandScene {
            $0.localAnswers["agents.list"] = [
                "defaultId": "work", "mainKey": "main", "scope": "per-sender",
                "agents": [
                    ["id": "work", "name": "Work", "workspace": "/w", "agentDir": "/a", "model": ["primary": "x/y"]]
                ],
            ]
        }
        #expect(await scene.run("agents", "list", "--json") == .done)
        let first = try #require(scene.terminal.document?.array?.first)
        #expect(
            first == [
                "id": "work", "name": "Work", "workspace": "/w", "agentDir": "/a", "model": "x/y", "bindings": 0,
                "isDefault": true,
            ])
    }
}
