import AlulaAuth
import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaCLI

/// `alula models auth login`, with and without a browser that comes back.
@Suite(.timeLimit(.minutes(1)))
struct LoginCommandTests {
    private static let login = ["models", "auth", "login", "--provider"]
    private static let place = "/home/me/.openclaw/agents/main/agent"
    private static let stored = "login of openai-codex as openai-codex:default in \(place)"

    private static func scene(
        input: String? = nil, isInteractive: Bool = false, _ change: (inout FakeSignIn.State) -> Void = { _ in }
    ) -> CommandScene {
        let scene = CommandScene(input: input, isInteractive: isInteractive)
        scene.signIn.change(change)
        return scene
    }

    private static func said(_ scene: CommandScene) -> String { scene.terminal.output + scene.terminal.errors }

    /// Whatever happens: no secret is shown, and nobody goes on listening.
    private static func isClean(_ scene: CommandScene) -> Bool {
        scene.signIn.left == 0 && !said(scene).contains("CANARY")
    }

    @Test(arguments: [true, false])
    func theBrowserComesBack(isInteractive: Bool) async {
        let scene = Self.scene(isInteractive: isInteractive) { $0.answer = .code(Secret("CANARY-code")) }
        #expect(await scene.run(Self.login + ["OpenAI-Codex"]) == .done)
        #expect(scene.credentials.calls == [Self.stored])
        #expect(scene.signIn.redeemed == ["CANARY-code"])
        #expect(scene.signIn.opened == [scene.signIn.url])
        #expect(scene.terminal.errors.contains("\n  \(scene.signIn.url)\n"))
        #expect(scene.terminal.output == "Stored openai-codex:default in \(Self.place)/auth-profiles.json.\n")
        #expect(Self.isClean(scene))
    }

    @Test func aPersonPastesWhatTheBrowserShows() async {
        let scene = Self.scene(input: "elsewhere\n\nold\nright\nnot read", isInteractive: true)
        #expect(await scene.run(Self.login + ["openai-codex", "--no-browser"]) == .done)
        #expect(scene.credentials.calls == [Self.stored])
        #expect(scene.signIn.opened.isEmpty)
        #expect(scene.terminal.errors.contains("That is not the address that the browser ends at"))
        #expect(scene.terminal.errors.contains("That belongs to another attempt"))
        #expect(Self.isClean(scene))
    }

    @Test func aProgramMayPasteToo() async {
        let scene = Self.scene(input: "right\n")
        #expect(await scene.run(Self.login + ["openai-codex", "--json"]) == .done)
        #expect(
            scene.terminal.document == [
                "ok": true, "provider": "openai-codex", "profileId": "openai-codex:default", "agentId": "main",
                "storePath": .string("\(Self.place)/auth-profiles.json"), "type": "oauth",
                "expiresAt": 1_780_003_600_000,
            ])
        #expect(Self.isClean(scene))
    }

    @Test func theInputsEndDoesNotEndTheWaitForTheBrowser() async {
        let scene = Self.scene(input: "") { $0.answer = .code(Secret("CANARY-code")) }
        #expect(await scene.run(Self.login + ["openai-codex"]) == .done)
        #expect(Self.isClean(scene))
    }

    @Test func whatAProgramSendsWrongEndsIt() async {
        let scene = Self.scene(input: "elsewhere\nold\n")
        #expect(await scene.run(Self.login + ["openai-codex"]) == .usage)
        #expect(scene.terminal.errors.contains("That belongs to another attempt"))
        #expect(scene.credentials.calls.isEmpty)
        #expect(Self.isClean(scene))
    }

    @Test func nobodySendsLinesForEver() async {
        let scene = Self.scene(input: String(repeating: "nonsense\n", count: 1000))
        #expect(await scene.run(Self.login + ["openai-codex"]) == .usage)
        #expect(Self.isClean(scene))
    }

    @Test(arguments: [true, false])
    func aRefusalStoresNothing(byBrowser: Bool) async {
        let scene = Self.scene(input: byBrowser ? nil : "no", isInteractive: true) {
            if byBrowser { $0.answer = .refused("access_denied") }
        }
        #expect(await scene.run(Self.login + ["openai-codex"]) == .notPermitted)
        #expect(scene.terminal.errors.contains("Signing in was refused (access_denied); nothing was stored."))
        #expect(scene.credentials.calls.isEmpty)
        #expect(scene.signIn.redeemed.isEmpty)
        #expect(Self.isClean(scene))
    }

    @Test(arguments: [
        (RenewalFailure.Code.refused, AlulaCLI.ExitStatus.notPermitted),
        (.unreachable, .temporary), (.malformedAnswer, .temporary),
    ])
    func aCodeThatIsNotTakenStoresNothing(code: RenewalFailure.Code, status: AlulaCLI.ExitStatus) async {
        let scene = Self.scene {
            $0.answer = .code(Secret("CANARY-code"))
            $0.failure = RenewalFailure(code, "the provider did not answer")
        }
        #expect(await scene.run(Self.login + ["openai-codex"]) == status)
        #expect(scene.terminal.errors.contains("No login came of it: the provider did not answer. Nothing was stored"))
        #expect(scene.credentials.calls.isEmpty)
        #expect(Self.isClean(scene))
    }

    @Test func aTakenPortLeavesPasting() async {
        let scene = Self.scene(input: "right", isInteractive: true) { $0.hindrance = "another program listens there" }
        #expect(await scene.run(Self.login + ["openai-codex"]) == .done)
        #expect(scene.terminal.errors.contains("The browser can't come back by itself: another program listens there."))
        #expect(scene.credentials.calls == [Self.stored])
        #expect(Self.isClean(scene))
    }

    @Test(arguments: [("", false, []), ("right", true, ["--no-input"])] as [(String, Bool, [String])])
    func withoutEitherWayItEnds(input: String, isInteractive: Bool, flags: [String]) async {
        let scene = Self.scene(input: input, isInteractive: isInteractive) { $0.hindrance = "another program listens" }
        #expect(await scene.run(Self.login + ["openai-codex"] + flags) == .temporary)
        #expect(scene.terminal.errors.contains("nothing was stored"))
        #expect(Self.isClean(scene))
    }

    @Test func nobodyIsAskedWithNoInput() async {
        let scene = Self.scene(input: "nonsense", isInteractive: true) { $0.answer = .code(Secret("CANARY-code")) }
        #expect(await scene.run(Self.login + ["openai-codex", "--no-input"]) == .done)
        #expect(!scene.terminal.errors.contains("not understood"))
    }

    @Test func anInterruptedLoginLeavesNothing() async {
        let scene = Self.scene(isInteractive: true)
        let login = Task { await scene.run(Self.login + ["openai-codex"]) }
        while scene.signIn.opened.isEmpty { await Task.yield() }
        login.cancel()
        #expect(await login.value == .temporary)
        #expect(scene.credentials.calls.isEmpty)
        #expect(Self.isClean(scene))
    }

    @Test func nobodySignsInForAStoreThatCanNotBeWritten() async {
        let scene = Self.scene { $0.answer = .code(Secret("CANARY-code")) }
        scene.credentials.makeReadOnly()
        #expect(await scene.run(Self.login + ["openai-codex"]) == .temporary)
        #expect(scene.signIn.begun == 0)
    }

    @Test func anIdAndAnAgentCanBeNamed() async {
        let scene = CommandScene {
            $0.configuration = #"{ "agents": { "list": [ { "id": "main" }, { "id": "work" } ] } }"#
        }
        scene.signIn.change { $0.answer = .code(Secret("CANARY-code")) }
        #expect(
            await scene.run(Self.login + ["openai-codex", "--agent", "work", "--profile-id", "openai-codex:w"]) == .done
        )
        #expect(
            scene.credentials.calls
                == ["login of openai-codex as openai-codex:w in /home/me/.openclaw/agents/work/agent"])
        #expect(await scene.run(Self.login + ["openai-codex", "--agent", "nobody"]) == .no)
        #expect(scene.signIn.begun == 1)
    }

    @Test func saysWhatItCanNotDo() async throws {
        let scene = Self.scene {
            $0.answer = .code(Secret("CANARY-code"))
            $0.canBeRenewed = false
        }
        let place = CredentialPlace(agent: .main, directory: Self.place, isMain: true)
        try await scene.credentials.setOrder(["openai-codex:a"], of: "openai-codex", in: place)
        #expect(await scene.run(Self.login + ["openai-codex"]) == .done)
        #expect(scene.terminal.errors.contains("It can't be renewed and ends at"))
        #expect(scene.terminal.errors.contains("It is not used yet: the order of openai-codex's logins"))
        let listed = Self.scene { $0.answer = .code(Secret("CANARY-code")) }
        try await listed.credentials.setOrder(["openai-codex:default"], of: "openai-codex", in: place)
        #expect(await listed.run(Self.login + ["openai-codex"]) == .done)
        #expect(!listed.terminal.errors.contains("not used yet"))
    }

    @Test(arguments: [
        (#""order": { "openai-codex": ["openai-codex:a"] }"#, "auth.order.openai-codex in the configuration"),
        (
            #""profiles": { "openai-codex:a": { "provider": "openai-codex", "mode": "oauth" } }"#,
            "auth.profiles in the configuration"
        ),
        (#""order": { "openai-codex": ["openai-codex:default"] }"#, nil),
        (#""order": { "groq": [] }, "profiles": { "groq:a": { "provider": "groq", "mode": "api_key" } }"#, nil),
    ])
    func saysWhatKeepsItFromBeingUsed(auth: String, place: String?) async {
        let scene = CommandScene { $0.configuration = "{ \"auth\": { \(auth) } }" }
        scene.signIn.change { $0.answer = .code(Secret("CANARY-code")) }
        #expect(await scene.run(Self.login + ["openai-codex"]) == .done)
        if let place {
            #expect(scene.terminal.errors.contains("It is not used yet: \(place) does not name it. Add it there."))
        } else {
            #expect(!scene.terminal.errors.contains("not used yet"))
        }
    }

    // MARK: Without a browser

    @Test func otherProvidersTakeAKey() async {
        let scene = Self.scene(input: "sk-fake-CANARY\n")
        #expect(await scene.run(Self.login + ["groq"]) == .done)
        #expect(scene.credentials.calls == ["key sk-fake-CANARY\n as groq:default for groq in \(Self.place)"])
        #expect(Self.isClean(scene))
    }

    @Test func aSetupTokenIsOne() async {
        let scene = Self.scene(input: "sk-ant-oat01-fake\n")
        #expect(await scene.run(Self.login + ["anthropic", "--profile-id", "anthropic:me"]) == .done)
        #expect(scene.credentials.calls == ["token sk-ant-oat01-fake\n as anthropic:me for anthropic until -"])
    }

    @Test func tellsOfTheAccountBesideTheKey() async {
        let scene = Self.scene(input: "sk-fake\n")
        #expect(await scene.run(Self.login + ["openai"]) == .done)
        #expect(scene.terminal.errors.contains("alula models auth login --provider openai-codex"))
    }

    @Test func tellsWhichClientIsNeeded() async {
        let scene = Self.scene(input: "cpk_fake\n") { $0.clientVariable = "CHUTES_CLIENT_ID" }
        #expect(await scene.run(Self.login + ["chutes"]) == .done)
        #expect(scene.terminal.errors.contains("register an application with chutes and set CHUTES_CLIENT_ID"))
        #expect(scene.credentials.calls == ["key cpk_fake\n as chutes:default for chutes in \(Self.place)"])
    }

    @Test(arguments: [("claude-cli", "run claude and log in"), ("codex", "run codex login")])
    func othersLoginsAreTheirs(provider: String, advice: String) async {
        let scene = Self.scene(input: "sk-fake\n")
        #expect(await scene.run(Self.login + [provider]) == .usage)
        #expect(scene.terminal.errors.contains(advice))
        #expect(scene.credentials.calls.isEmpty)
    }

    @Test func aProviderHasToBeNamed() async {
        #expect(await CommandScene().run("models", "auth", "login") == .usage)
        #expect(await CommandScene().run("models", "auth", "login", "--provider", " ") == .usage)
    }
}
