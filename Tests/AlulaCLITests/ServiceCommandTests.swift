import AlulaJSON
import AlulaPrimitives
import AlulaSystem
import Testing

@testable import AlulaCLI

struct ServiceCommandTests {
    private static let path = "/home/me/.config/systemd/user/alula-gateway.service"

    private static func withSystemd(_ state: inout CommandScene.State) {
        state.services["systemctl"] = ServiceReply(
            status: 0, output: "ActiveState=active\nSubState=running\nMainPID=42\n")
        state.services["loginctl"] = ServiceReply(status: 0, output: "Linger=no\n")
    }

    @Test(arguments: [
        ["service", "install"], ["service", "uninstall"], ["gateway", "restart"], ["service", "start"],
    ])
    func withoutSystemdItSaysSo(_ line: [String]) async {
        let scene = CommandScene()
        #expect(await CommandLineTool.run(line, in: scene.testEnvironment) == .unreachable)
        #expect(scene.terminal.errors.contains("This machine has no systemd"))
        #expect(scene.serviceFiles.isEmpty)
    }

    @Test func statusWithoutSystemdIs69() async {
        let scene = CommandScene()
        #expect(await scene.run("service", "status") == .unreachable)
        #expect(scene.terminal.output.contains("no systemd"))
    }

    @Test func installsAUnitWithoutSecretsAndStartsIt() async throws {
        let scene = CommandScene { state in
            Self.withSystemd(&state)
            state.variables["OPENAI_API_KEY"] = "FAKE-CANARY"
            state.variables["OPENCLAW_GATEWAY_TOKEN"] = "FAKE-CANARY"
            state.variables["PATH"] = "/usr/bin:/opt/100%/bin"
        }
        #expect(await scene.run("service", "install", "--port", "19001") == .done)
        let unit = try #require(scene.serviceFiles[Self.path])
        #expect(unit.contains("ExecStart=/opt/alula/bin/alula gateway run --port 19001\n"))
        #expect(unit.contains("RestartPreventExitStatus=78\n"))
        #expect(unit.contains("Environment=\"PATH=/usr/bin:/opt/100%%/bin\"\n"))
        #expect(unit.contains("Alias=openclaw-gateway.service\n"))
        #expect(!unit.contains("CANARY"))
        #expect(scene.serviceCalls.contains("systemctl --user enable alula-gateway.service"))
        #expect(scene.serviceCalls.contains("systemctl --user restart alula-gateway.service"))
        #expect(scene.terminal.errors.contains("loginctl enable-linger"))
    }

    @Test func doesNotTakeTheNameOfAnInstalledReference() async throws {
        let scene = CommandScene { state in
            Self.withSystemd(&state)
            state.serviceFiles["/home/me/.config/systemd/user/openclaw-gateway.service"] = "[Unit]\n"
        }
        #expect(await scene.run("gateway", "install") == .done)
        #expect(try !#require(scene.serviceFiles[Self.path]).contains("Alias="))
    }

    @Test func anInstalledUnitIsReplacedWithForceOnly() async {
        let scene = CommandScene { state in
            Self.withSystemd(&state)
            state.serviceFiles[Self.path] = "mine"
        }
        #expect(await scene.run("service", "install") == .no)
        #expect(scene.serviceFiles[Self.path] == "mine")
        #expect(await scene.run("service", "install", "--force") == .done)
        #expect(scene.serviceFiles[Self.path] != "mine")
        #expect(await scene.run("service", "status", "--json") == .done)
        #expect(await scene.run("service", "uninstall") == .done)
        #expect(scene.serviceFiles.isEmpty)
    }

    @Test(arguments: ["OPENCLAW_SUPERVISOR_MODE", "OPENCLAW_SERVICE_REPAIR_POLICY"])
    func anotherSupervisorIsLeftAlone(_ name: String) async {
        let scene = CommandScene { state in
            Self.withSystemd(&state)
            state.variables[name] = "external"
        }
        #expect(await scene.run("service", "install") == .no)
        #expect(scene.serviceCalls.isEmpty && scene.serviceFiles.isEmpty)
    }

    @Test func printsTheUnitAndChangesNothing() async {
        let scene = CommandScene()
        #expect(await scene.run("service", "install", "--print") == .done)
        #expect(scene.terminal.output.contains("[Install]\nWantedBy=default.target"))
        #expect(scene.serviceFiles.isEmpty)
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func completesForEveryShell(_ shell: String) async {
        let scene = CommandScene()
        #expect(await scene.run("completion", shell) == .done)
        #expect(scene.terminal.output.contains("models"))
        #expect(await scene.run("completion", "nosuch") == .usage)
    }

    // MARK: gateway status

    @Test func theStatusOfTheGatewaySaysHowItsServiceStands() async throws {
        let scene = CommandScene { state in
            Self.withSystemd(&state)
            state.serviceFiles[Self.path] = "mine"
        }
        #expect(await scene.run("gateway", "status") == .done)
        #expect(scene.terminal.output.contains("Service  running (pid 42; not started at login)"))
        let asked = CommandScene { state in
            Self.withSystemd(&state)
            state.serviceFiles[Self.path] = "mine"
            state.serviceFiles["/home/me/.config/systemd/user/openclaw-gateway.service"] = "theirs"
        }
        #expect(await asked.run("gateway", "status", "--json") == .done)
        let document = try #require(asked.terminal.document)
        let service = try #require(document["service"])
        #expect(service["label"] == "systemd")
        #expect(service["installed"] == true)
        #expect(service["unit"] == "alula-gateway.service")
        #expect(service["command"]?["sourcePath"] == .string(Self.path))
        #expect(service["runtime"]?["status"] == "running")
        #expect(service["runtime"]?["pid"] == 42)
        #expect(document["extraServices"]?.array?.first?["label"] == "openclaw-gateway.service")
        // A look changes nothing.
        #expect(asked.serviceCalls.allSatisfy { $0.hasPrefix("systemctl --user show") })
    }

    @Test func anotherNameOfOurUnitIsNoOtherService() async throws {
        let scene = CommandScene { state in
            Self.withSystemd(&state)
            state.serviceFiles[Self.path] = "mine"
            state.serviceFiles["/home/me/.config/systemd/user/openclaw-gateway.service"] = "mine"
        }
        #expect(await scene.run("gateway", "status", "--json") == .done)
        #expect(try #require(scene.terminal.document)["extraServices"] == [])
    }

    @Test func theStatusOfTheGatewaySaysThatThereIsNoSystemdAndGoesOn() async throws {
        let scene = CommandScene()
        #expect(await scene.run("gateway", "status") == .done)
        #expect(scene.terminal.output.contains("Service  not installed"))
        #expect(scene.terminal.output.contains("This machine has no systemd"))
        let asked = CommandScene()
        #expect(await asked.run("gateway", "status", "--json") == .done)
        let service = try #require(asked.terminal.document?["service"])
        #expect(service["installed"] == false)
        #expect(service["loaded"] == false)
        #expect(service["runtime"]?["status"] == "unknown")
        #expect(service["runtime"]?["detail"]?.string?.contains("no systemd") == true)
    }

    @Test func aSystemdThatDoesNotAnswerHoldsUpNoStatus() async throws {
        let scene = CommandScene { state in
            state.serviceFailure = SystemError(.deadlineExceeded, "Late.")
            state.serviceFiles[Self.path] = "mine"
            state.running = RunningGateway(url: "ws://127.0.0.1:18789", processID: 42)
            state.gatewayAnswers["health"] = ["ok": true]
        }
        #expect(await scene.run("gateway", "status", "--json", "--require-rpc") == .done)
        let document = try #require(scene.terminal.document)
        #expect(document["rpc"]?["ok"] == true)
        #expect(document["service"]?["installed"] == true)
        #expect(document["service"]?["runtime"]?["detail"] == "systemd did not answer within a few seconds.")
    }

    // MARK: Others

    @Test func probeSaysWhatTheCallerMayDo() async throws {
        let scene = CommandScene { state in
            state.running = RunningGateway(url: "ws://127.0.0.1:18789", processID: 42)
            state.hello = ["auth": ["role": "operator", "scopes": ["operator.read"]]]
            state.gatewayAnswers["health"] = ["ok": true]
        }
        #expect(await scene.run("gateway", "probe", "--json") == .done)
        let document = try #require(scene.terminal.document)
        #expect(document["ok"] == true)
        #expect(document["capability"] == "read_only")
        #expect(document["degraded"] == true)
        let target = try #require(document["targets"]?.array?.first)
        #expect(target["connect"]?["rpcOk"] == true)
        #expect(target["auth"]?["scopes"] == ["operator.read"])
    }

    @Test func probeOfNobodyEndsWithOne() async {
        let scene = CommandScene()
        #expect(await scene.run("gateway", "probe") == .no)
        #expect(scene.terminal.output.contains("not reachable"))
    }

    @Test func aDeepStatusAddsHealthFilesAndService() async throws {
        let scene = CommandScene { state in
            state.running = RunningGateway(url: "ws://127.0.0.1:18789", processID: 42)
            state.gatewayAnswers = [
                "health": ["ok": true, "eventLoop": ["degraded": false, "delayMaxMs": 3]], "status": [:],
                "agents.list": ["agents": []], "models.status": [:],
            ]
        }
        #expect(await scene.run("status", "--deep", "--json") == .done)
        let document = try #require(scene.terminal.document)
        #expect(document["health"]?["ok"] == true)
        #expect(document["securityAudit"]?["summary"]?["warn"] != nil)
        #expect(document["gatewayService"]?["installed"] == false)
    }
}
