import AlulaAuth
import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaCLI

struct DoctorTests {
    private static let store = StoreID("/home/me/.openclaw/agents/main/agent")

    private func prepared(
        inUse: [ProviderID] = ["openai"], _ change: (inout AuthContext, inout AuthFacts) -> Void = { _, _ in }
    ) -> PreparedAuth {
        var context = AuthContext(
            agents: [.init(id: .main, store: Self.store, workspace: "/w")], defaultAgent: .main, mainStore: Self.store,
            providerIDs: ["groq", "openai"], providersInUse: inUse)
        var facts = AuthFacts(
            environment: EnvironmentFact(origins: ["OPENAI_API_KEY": .process]), stores: [Self.store: .absent],
            googleCredentials: .absent, awsFiles: .absent)
        change(&context, &facts)
        return AuthPreparer.prepare(
            context: context, facts: facts, generation: 1, gathering: .blockingPool, now: CommandScene.now)
    }

    private func scene(_ prepared: PreparedAuth, _ change: (inout CommandScene.State) -> Void = { _ in })
        -> CommandScene
    {
        CommandScene { state in
            state.prepared = prepared
            state.files["/home/me/.openclaw"] = FileInspection(kind: .directory, mode: 0o700)
            change(&state)
        }
    }

    private func findings(_ scene: CommandScene, _ flags: String...) async throws -> [JSONValue] {
        #expect(await CommandLineTool.run(["doctor", "--json"] + flags, in: scene.testEnvironment) == .done)
        return try #require(scene.terminal.document?["findings"]?.array)
    }

    @Test func aHealthyMachineHasNoFindings() async throws {
        let scene = scene(prepared()) { $0.running = RunningGateway(url: "ws://127.0.0.1:18789", processID: 7) }
        let found = try await findings(scene)
        #expect(found.map { $0["checkId"]?.string } == ["gateway.lock"])
        #expect(scene.terminal.document?["ok"] == true)
        #expect(scene.terminal.document?["checksRun"]?.integer ?? 0 > 10)
    }

    @Test(
        arguments: [
            (0o755, "warning", "Other users may look into the state directory."),
            (0o777, "error", "Other users may change the state directory."),
        ] as [(UInt32, String, String)])
    func seesAnOpenStateDirectory(_ mode: UInt32, _ severity: String, _ message: String) async throws {
        let scene = scene(prepared()) {
            $0.files["/home/me/.openclaw"] = FileInspection(kind: .directory, mode: mode)
        }
        let found = try await findings(scene, "--only", "state")
        #expect(
            found == [
                [
                    "checkId": "state.directory", "severity": .string(severity), "message": .string(message),
                    "path": "/home/me/.openclaw", "fixHint": "run chmod 700 /home/me/.openclaw",
                ]
            ])
    }

    @Test func seesSecretsThatOthersMayRead() async throws {
        let scene = scene(prepared()) { state in
            state.files["/home/me/.openclaw/alula/gateway-token"] = FileInspection(kind: .file, mode: 0o644)
            state.files["/home/me/.openclaw/openclaw.json"] = FileInspection(kind: .file, mode: 0o644)
        }
        let found = try await findings(scene, "--only", "gateway.token", "--only", "config.mode")
        #expect(found.map { $0["fixHint"]?.string?.hasPrefix("run chmod 600 ") } == [true, true])
    }

    @Test func repeatsWhatTheConfigurationSays() async throws {
        let scene = scene(prepared()) { $0.configuration = "{\n  gateway: { mode: 'local', port: 99999 }\n}" }
        let found = try await findings(scene, "--only", "config.valid")
        #expect(found.first?["path"] == "/home/me/.openclaw/openclaw.json:2:35")
        #expect(found.first?["severity"] == "error")
        #expect(scene.terminal.document?["ok"] == false)
    }

    @Test func warnsOfAGatewayThatLetsEverybodyIn() async throws {
        let scene = scene(prepared()) {
            $0.configuration = "{ gateway: { mode: 'local', bind: 'lan', auth: { mode: 'none' } } }"
        }
        let found = try await findings(scene, "--only", "gateway.exposure")
        #expect(found.contains { $0["severity"] == "error" && $0["path"] == "gateway.auth.mode" })
    }

    @Test func showsWhatIsWrongWithStores() async throws {
        let scene = scene(
            prepared { _, facts in
                facts.stores[Self.store] = .failed(
                    SourceProblem(
                        .malformed, "The credential store is not JSON.", path: "/s/auth-profiles.json", line: 3,
                        column: 7, remedy: "Restore the file from a copy."))
            })
        let found = try await findings(scene, "--only", "auth.stores")
        #expect(
            found == [
                [
                    "checkId": "auth.stores", "severity": "error", "message": "The credential store is not JSON.",
                    "path": "/s/auth-profiles.json:3:7", "fixHint": "Restore the file from a copy.",
                ]
            ])
    }

    @Test func runsHelpersOnlyWhenAllowed() async throws {
        let answer = prepared { context, facts in
            context.secretProviders["vault"] = .init(source: .helper)
            facts.secretSources["vault"] = .found(
                SecretSourceFact(ids: ["a": .present, "b": .missing(code: "NOT_FOUND")]),
                version: FactVersion(rawValue: 1))
        }
        let careful = scene(answer)
        #expect(try await findings(careful, "--only", "auth.secrets").map { $0["severity"] } == ["info"])
        #expect(!careful.ranHelpers)
        let bold = scene(answer)
        let found = try await findings(bold, "--only", "auth.secrets", "--allow-exec")
        #expect(found.map { $0["message"] } == ["The secret \"b\" was not found."])
        #expect(bold.ranHelpers)
    }

    @Test func saysOfEachProviderInUseWhatToDo() async throws {
        let scene = scene(prepared(inUse: ["openai", "groq"]))
        let found = try await findings(scene, "--only", "providers.in-use")
        #expect(
            found == [
                [
                    "checkId": "providers.in-use", "severity": "error",
                    "message": "groq is unavailable: no login.", "path": "groq",
                    "fixHint": "set GROQ_API_KEY or run alula models auth paste-api-key --provider groq",
                ]
            ])
    }

    @Test func seesAPortThatIsTaken() async throws {
        let scene = scene(prepared()) { $0.usedPorts = [18_789] }
        #expect(try await findings(scene, "--only", "gateway.port").map { $0["severity"] } == ["warning"])
        let running = self.scene(prepared()) { state in
            state.usedPorts = [18_789]
            state.running = RunningGateway(url: "ws://127.0.0.1:18789")
        }
        #expect(try await findings(running, "--only", "gateway.port").isEmpty)
    }

    @Test func goesOnWhenProvidersCannotBeLookedAt() async throws {
        let scene = CommandScene { $0.files["/home/me/.openclaw"] = FileInspection(kind: .directory, mode: 0o700) }
        let found = try await findings(scene)
        #expect(found.contains { $0["checkId"] == "auth.gathering" && $0["message"] == "Nothing was prepared." })
        #expect(found.contains { $0["checkId"] == "gateway.lock" })
    }

    @Test(
        arguments: [
            (["--lint"], AlulaCLI.ExitStatus.no), (["--lint", "--severity-min", "error"], .no),
            (["--lint", "--only", "state"], .done), (["--lint", "--only", "nothing"], .attention),
            (["--lint", "--skip", "providers", "--skip", "auth"], .done), ([], .done),
            (["--severity-min", "huge"], .usage),
        ] as [([String], AlulaCLI.ExitStatus)])
    func lintSaysWithItsCodeWhetherSomethingWasFound(_ flags: [String], _ status: AlulaCLI.ExitStatus) async {
        let scene = scene(prepared(inUse: ["groq"]))
        #expect(await CommandLineTool.run(["doctor"] + flags, in: scene.testEnvironment) == status)
    }

    @Test func printsATableWithRemedies() async {
        let scene = scene(prepared(inUse: ["groq"]))
        #expect(await scene.run("doctor") == .done)
        #expect(
            scene.terminal.output.contains(
                "error  providers.in-use  groq is unavailable: no login. [groq]  set GROQ_API_KEY or run"))
        #expect(scene.terminal.output.contains("checks: 1 error, 0 warnings"))
    }

    @Test(arguments: [("18789", 18_789), ("127.0.0.1:19001", 19_001), ("[::1]:80", 80), ("x", nil), ("99999", nil)])
    func readsPortsInEverySpelling(_ text: String, _ port: Int?) {
        #expect(MachineChecks.port(text) == port)
    }
}
