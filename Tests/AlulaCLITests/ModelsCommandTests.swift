import AlulaJSON
import AlulaPrimitives
import AlulaTestSupport
import Testing

@testable import AlulaCLI

struct ModelsCommandTests {
    /// What the payload tests keep as the gateway's answer.
    private func golden(_ name: String) throws -> JSONValue {
        try JSONValue.parse(try #require(Fixture(name, of: "AlulaProtocolTests").text))
    }

    private func scene(_ method: String, _ answer: JSONValue) -> CommandScene {
        CommandScene { $0.localAnswers[method] = answer }
    }

    // MARK: status

    @Test func statusSaysWhyAndWhatToTypeNext() async throws {
        let scene = scene("models.status", try golden("models-status.json"))
        #expect(await scene.run("models", "status") == .done)
        #expect(Fixture("models-status.txt").matches(scene.terminal.output))
    }

    @Test func bareModelsIsStatus() async throws {
        let scene = scene("models.status", try golden("models-status.json"))
        #expect(await scene.run("models") == .done)
        #expect(scene.asked == ["models.status"])
    }

    @Test func statusPrintsTheAnswerItselfWithJSON() async throws {
        let answer = try golden("models-status.json")
        let scene = scene("models.status", answer)
        #expect(await scene.run("models", "status", "--json", "--agent", "work") == .done)
        #expect(scene.terminal.document == answer)
        #expect(scene.lastParameters == ["agentId": "work"])
    }

    @Test(
        arguments: [(0, AlulaCLI.ExitStatus.done), (1, .no), (2, .attention)] as [(Int64, AlulaCLI.ExitStatus)])
    func checkEndsWithTheReportsCode(_ code: Int64, _ status: AlulaCLI.ExitStatus) async {
        let answer: JSONValue = ["resolvedDefault": "a/b", "check": ["exitCode": .number(code)]]
        for mode in [[], ["--json"], ["--plain"]] {
            let scene = scene("models.status", answer)
            #expect(
                await CommandLineTool.run(["models", "status", "--check"] + mode, in: scene.testEnvironment) == status)
            #expect(await CommandLineTool.run(["models", "status"] + mode, in: scene.testEnvironment) == .done)
        }
    }

    @Test func coloursAreForScreensOnly() async throws {
        let answer = try golden("models-status.json")
        let screen = CommandScene(isInteractive: true) { $0.localAnswers["models.status"] = answer }
        await screen.run("models", "status")
        #expect(screen.terminal.output.contains("\u{1B}[32mavailable"))
        let quiet = CommandScene(isInteractive: true) { state in
            state.localAnswers["models.status"] = answer
            state.variables["NO_COLOR"] = "1"
        }
        await quiet.run("models", "status")
        #expect(!quiet.terminal.output.contains("\u{1B}"))
        let flagged = CommandScene(isInteractive: true) { $0.localAnswers["models.status"] = answer }
        await flagged.run("models", "status", "--no-color")
        #expect(!flagged.terminal.output.contains("\u{1B}"))
    }

    @Test func answersCannotControlTheScreen() async {
        let scene = scene("models.status", ["resolvedDefault": "a/\u{1B}[2Jb\u{202E}"])
        await scene.run("models", "status", "--plain")
        #expect(scene.terminal.output == "a/\u{FFFD}[2Jb\u{FFFD}\n")
    }

    // MARK: explain

    @Test func explainShowsWhatWouldBeTriedAndWhatKeepsTheRestOut() async throws {
        let scene = scene("models.explain", try golden("models-explain.json"))
        #expect(await scene.run("models", "explain", "gpt") == .done)
        #expect(scene.lastParameters == ["model": "gpt"])
        #expect(Fixture("models-explain.txt").matches(scene.terminal.output))
    }

    @Test func explainIsToldWhatTheRequestWouldHold() async throws {
        let scene = scene("models.explain", try golden("models-explain.json"))
        #expect(await scene.run("models", "explain", "gpt", "--with", "images", "--with", "tools") == .done)
        #expect(scene.lastParameters == ["model": "gpt", "needs": ["images", "tools"]])
        #expect(await scene.run("models", "explain", "gpt", "--with", "smells") == .usage)
    }

    @Test func explainEndsWithOneWhenNobodyWouldBeAsked() async throws {
        let scene = scene("models.explain", ["model": "openclaw", "agentId": "main", "attempts": []])
        #expect(await scene.run("models", "explain") == .no)
        #expect(scene.lastParameters == ["model": "openclaw"])
        #expect(scene.terminal.output.contains("Nobody would be asked now."))
        #expect(await scene.run("models", "explain", "--plain") == .no)
    }

    @Test func explainPrintsTheAnswerItselfWithJSON() async throws {
        let answer = try golden("models-explain.json")
        let scene = scene("models.explain", answer)
        #expect(await scene.run("models", "explain", "gpt", "--json") == .done)
        #expect(scene.terminal.document == answer)
        let plain = self.scene("models.explain", answer)
        #expect(await plain.run("models", "explain", "gpt", "--plain") == .done)
        #expect(plain.terminal.output == "openai/gpt-5.5 env: OPENAI_API_KEY\n")
    }

    // MARK: list

    @Test func listShowsWhatCanBeChosen() async throws {
        let scene = scene("models.list", try golden("models-list.json"))
        #expect(await scene.run("models", "list") == .done)
        #expect(scene.lastParameters == ["view": "default"])
        #expect(Fixture("models-list.txt").matches(scene.terminal.output))
    }

    @Test func listHasTheCommandsOwnRows() async throws {
        let scene = scene("models.list", try golden("models-list.json"))
        #expect(await scene.run("models", "list", "--all", "--provider", "OpenAI", "--json") == .done)
        #expect(scene.lastParameters == ["view": "all"])
        #expect(
            scene.terminal.document == [
                "count": 1,
                "models": [
                    [
                        "key": "openai/gpt-5.5", "name": "GPT-5.5", "input": "text+image", "contextWindow": 400_000,
                        "local": false, "available": true, "tags": ["default", "configured", "alias:gpt"],
                        "missing": false,
                    ]
                ],
            ])
    }

    @Test func listIsPlainForScripts() async throws {
        let scene = scene("models.list", try golden("models-list.json"))
        #expect(await scene.run("models", "list", "--plain", "--local") == .done)
        #expect(scene.terminal.output == "ollama/qwen\n")
    }

    // MARK: auth

    @Test func listsLoginsWithoutSecrets() async throws {
        let scene = scene("models.status", try golden("models-status.json"))
        #expect(await scene.run("models", "auth", "list") == .done)
        #expect(Fixture("auth-list.txt").matches(scene.terminal.output))
    }

    @Test(arguments: ["paste-api-key", "add"])
    func pastesAKeyFromStandardInput(_ verb: String) async throws {
        let scene = CommandScene(input: "sk-fake-canary\n")
        #expect(await scene.run("models", "auth", verb, "--provider", "Groq", "--json") == .done)
        #expect(
            scene.credentials.calls == [
                "key sk-fake-canary\n as groq:default for groq in /home/me/.openclaw/agents/main/agent"
            ])
        #expect(
            scene.terminal.document?["storePath"] == "/home/me/.openclaw/agents/main/agent/auth-profiles.json")
        #expect(!(scene.terminal.output + scene.terminal.errors).contains("sk-fake-canary"))
    }

    @Test(arguments: ["", "  \n", "GROQ_API_KEY", "secretref-env:X"])
    func storesNothingThatIsNoSecret(_ input: String) async {
        let scene = CommandScene(input: input)
        #expect(await scene.run("models", "auth", "paste-api-key", "--provider", "groq") == .usage)
        #expect(scene.credentials.calls.isEmpty)
    }

    @Test func asksNobodyWithNoInput() async {
        let scene = CommandScene(input: "sk-fake", isInteractive: true)
        #expect(await scene.run("models", "auth", "paste-api-key", "--provider", "groq", "--no-input") == .usage)
        #expect(scene.credentials.calls.isEmpty)
    }

    @Test func aTokenMayEnd() async {
        let scene = CommandScene(input: "tok-fake")
        #expect(
            await scene.run("models", "auth", "paste-token", "--provider", "anthropic", "--expires-in", "24h") == .done)
        #expect(
            scene.credentials.calls == ["token tok-fake as anthropic:default for anthropic until 2026-05-29T20:26:40Z"])
    }

    @Test func anUnknownAgentIsRefused() async {
        let scene = CommandScene(input: "sk-fake")
        #expect(await scene.run("models", "auth", "add", "--provider", "groq", "--agent", "nobody") == .no)
        #expect(scene.terminal.errors.contains("There is no agent \"nobody\""))
    }

    @Test func anAgentHasItsOwnStore() async {
        let scene = CommandScene(input: "sk-fake") {
            $0.configuration =
                #"{ agents: { list: [{ id: "main", default: true }, { id: "work", agentDir: "/x/work" }] } }"#
        }
        #expect(await scene.run("models", "auth", "add", "--provider", "groq", "--agent", "Work") == .done)
        #expect(scene.credentials.calls.first?.hasSuffix("in /x/work") == true)
    }

    @Test func ordersCanBeSetShownAndCleared() async throws {
        let scene = CommandScene()
        #expect(
            await scene.run("models", "auth", "order", "set", "--provider", "openai", "openai:b", "openai:a") == .done)
        #expect(await scene.run("models", "auth", "order", "get", "--provider", "openai", "--plain") == .done)
        #expect(scene.terminal.output.hasSuffix("openai:b\nopenai:a\n"))

        let json = CommandScene()
        #expect(await json.run("models", "auth", "order", "clear", "--provider", "openai", "--json") == .done)
        #expect(
            json.terminal.document == [
                "agentId": "main", "agentDir": "/home/me/.openclaw/agents/main/agent", "provider": "openai",
                "authStatePath": "/home/me/.openclaw/agents/main/agent/auth-state.json", "order": .null,
            ])
    }

    @Test(
        arguments: [
            (["anthropic:work"], ["anthropic:work"]), (["--provider", "groq"], ["groq:default"]),
            (["--all"], ["anthropic:work", "groq:default", "openai:a"]),
        ] as [([String], [String])])
    func clearsTheCooldownsThatAreMeant(_ flags: [String], _ cleared: [String]) async {
        let scene = CommandScene()
        let line = ["models", "auth", "clear-cooldown"] + flags + ["--json"]
        #expect(await CommandLineTool.run(line, in: scene.testEnvironment) == .done)
        #expect(scene.terminal.document?["cleared"]?.strings == cleared)
    }

    @Test func clearCooldownWantsToKnowWhich() async {
        #expect(await CommandScene().run("models", "auth", "clear-cooldown") == .usage)
    }

    @Test func logoutGoesThroughTheRunningGateway() async {  // upstream: 10.7 17
        let scene = CommandScene { state in
            state.running = RunningGateway(url: "ws://127.0.0.1:1")
            state.gatewayAnswers["models.authLogout"] = [
                "provider": "openai", "removedProfiles": ["openai:a"], "abortedRunIds": [],
            ]
        }
        #expect(await scene.run("models", "auth", "logout", "--provider", "OpenAI") == .done)
        #expect(scene.lastParameters == ["provider": "openai"])
        #expect(scene.terminal.output == "Removed openai:a.\n")
        #expect(scene.credentials.calls.isEmpty)
    }

    @Test func logoutIsForTheNamedAgent() async {
        let scene = CommandScene {
            $0.configuration = #"{ agents: { list: [{ id: "main", default: true }, { id: "work" }] } }"#
        }
        #expect(await scene.run("models", "auth", "logout", "--provider", "byteplus", "--agent", "work") == .done)
        #expect(
            scene.credentials.calls == ["sign out of byteplus in /home/me/.openclaw/agents/work/agent"])
        #expect(scene.terminal.output == "Removed openai:default.\n")
    }

    @Test func logoutWantsAProvider() async {  // upstream: 10.7 24
        #expect(await CommandScene().run("models", "auth", "logout", "--provider", " ") == .usage)
    }

    // MARK: status at a glance

    @Test func statusIsTheSameWithAndWithoutAGateway() async throws {
        let answers: [String: JSONValue] = [
            "status": try golden("status.json"), "agents.list": try golden("agents-list.json"),
            "models.status": try golden("models-status.json"),
        ]
        let here = CommandScene { $0.localAnswers = answers }
        #expect(await here.run("status") == .done)
        #expect(Fixture("status.txt").matches(here.terminal.output))
        let there = CommandScene { state in
            state.running = RunningGateway(url: "ws://127.0.0.1:18789", processID: 42)
            state.gatewayAnswers = answers
        }
        #expect(await there.run("status") == .done)
        #expect(Fixture("status-running.txt").matches(there.terminal.output))
        let table = { (text: String) in text.split(separator: "\n").drop { !$0.hasPrefix("PROVIDER") } }
        #expect(Array(table(here.terminal.output)) == Array(table(there.terminal.output)))
    }
}
