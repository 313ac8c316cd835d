import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaCLI

@Suite(.timeLimit(.minutes(1)))
struct TopCommandTests {
    private static let running = RunningGateway(
        url: "ws://127.0.0.1:18789", processID: 7, credential: .token(Secret("fake-token")))

    /// A scene with a gateway that answers everything.
    private static func scene(
        isInteractive: Bool = false, _ change: (inout CommandScene.State) -> Void = { _ in }
    ) -> CommandScene {
        CommandScene(isInteractive: isInteractive) { state in
            state.variables["TERM"] = "xterm-256color"
            state.running = running
            state.hello = ["server": ["version": "1.2.3"]]
            state.gatewayAnswers = [
                "health": TopScene.health(), "models.status": TopScene.models(), "system-presence": TopScene.presence,
            ]
            state.pages["/metrics"] = TopScene.page(calls: 10)
            change(&state)
        }
    }

    private func records(_ scene: CommandScene) throws -> [JSONValue] {
        try scene.terminal.output.split(separator: "\n").map { try JSONValue.parse(String($0)) }
    }

    // MARK: One screen after another

    @Test func printsOneScreenAndEnds() async {
        let scene = Self.scene()
        #expect(await scene.run("top", "--once") == .done)
        #expect(scene.terminal.output.hasPrefix("alula top  20:26:40  ws://127.0.0.1:18789  1.2.3  pid 7\n"))
        #expect(scene.terminal.output.contains("anthropic  unavailable until 20:36  rate limited"))
        #expect(!scene.terminal.output.contains("\u{1B}"))
        #expect(scene.asked == ["health", "models.status", "system-presence"])
        #expect(scene.pageCredentials == ["token fake-token"])
        #expect(scene.terminal.errors == "")
    }

    @Test func theAgentIsHandedOn() async {
        let scene = Self.scene()
        #expect(await scene.run("top", "--once", "--agent", "work") == .done)
        #expect(scene.parameters(of: "models.status") == ["agentId": "work"])
    }

    @Test func oneLineOfJSONForEachSample() async throws {
        let scene = Self.scene { state in
            state.onPause = { pause, state in
                state.pages["/metrics"] = TopScene.page(calls: 30, lateBy: 1)
                return pause < 2
            }
        }
        #expect(await scene.run("top", "--json") == .done)
        let records = try records(scene)
        #expect(records.count == 2)
        #expect(records[0]["type"] == "sample")
        #expect(records[0]["gateway"]?["reachable"] == true)
        #expect(records[0]["gateway"]?["version"] == "1.2.3")
        #expect(records[0]["gateway"]?["pid"] == 7)
        #expect(records[0]["providerAuth"]?["generation"] == 7)
        #expect(records[0]["providers"]?.array?.count == 4)
        #expect(records[0]["clients"]?["admitted"]?.double == 2)
        #expect(records[0]["requests"]?.array?.first?["perSecond"] == nil)
        #expect(records[0]["refused"] == [:])
        #expect(records[1]["lateness"] == ["worstMs": 10.0, "isAtLeast": true])
        #expect(records[1]["requests"]?.array?.first?["name"] == "health")
        #expect(records[1]["requests"]?.array?.first?["perSecond"]?.double == 20)
    }

    @Test func aTerminalThatCannotDrawGetsPlainScreens() async {
        for kind in ["dumb", ""] {
            let screen = FakeScreen()
            let scene = Self.scene { state in
                state.variables["TERM"] = kind
                state.screen = screen
                state.onPause = { pause, _ in pause < 2 }
            }
            #expect(await scene.run("top") == .done)
            #expect(screen.frames.isEmpty)
            #expect(scene.terminal.output.split(separator: "\n").count { $0.hasPrefix("alula top") } == 2)
        }
    }

    @Test func itEndsWithItsReader() async {
        let scene = Self.scene { $0.onPause = { _, _ in true } }
        scene.terminal.read(only: 3)
        #expect(await scene.run("top") == .done)
        #expect(scene.terminal.output.split(separator: "\n").count { $0.hasPrefix("alula top") } == 3)
    }

    @Test func theWidthOfAPipeIsTheOneThatIsSet() async {
        let scene = Self.scene { $0.variables["COLUMNS"] = "40" }
        #expect(await scene.run("top", "--once") == .done)
        #expect(scene.terminal.output.split(separator: "\n").allSatisfy { String($0).displayWidth <= 40 })
        #expect(scene.terminal.output.contains("…"))
    }

    @Test(
        arguments: [
            (["LANG": "C"], false), (["LANG": "de_DE.UTF-8"], true), (["LC_ALL": "POSIX", "LANG": "C.UTF-8"], false),
            (["LC_CTYPE": "C.utf8", "LANG": "C"], true), ([:], true),
            (["LC_ALL": "", "LANG": "en_US.ISO-8859-1"], false),
        ] as [([String: String], Bool)])
    func lettersBeyondASCIIAreForThoseWhoSeeThem(_ variables: [String: String], _ usesUnicode: Bool) async {
        let scene = Self.scene { state in
            state.variables["COLUMNS"] = "40"
            state.variables.merge(variables) { $1 }
        }
        #expect(await scene.run("top", "--once") == .done)
        #expect(scene.terminal.output.contains("…") == usesUnicode)
        #expect(scene.terminal.output.utf8.allSatisfy { $0 < 0x80 } == !usesUnicode)
    }

    // MARK: Gateways that are not there

    @Test func withoutAGatewayItEndsAsOtherCommandsDo() async {
        let screen = FakeScreen()
        let scene = Self.scene { ($0.running, $0.screen) = (nil, screen) }
        #expect(await scene.run("top") == .unreachable)
        #expect(scene.terminal.errors.contains("Start one with: alula gateway run"))
        #expect(screen.frames.isEmpty)
    }

    @Test func whoIsNotLetInIsToldSo() async {
        let scene = Self.scene { $0.refusal = CommandError(.credentialRejected, "No.") }
        #expect(await scene.run("top") == .notPermitted)
    }

    @Test func aGatewayThatRestartsIsWaitedFor() async throws {
        let scene = Self.scene { state in
            state.onPause = { pause, state in
                switch pause {
                case 1: state.failures["health"] = [CommandError(.gatewayUnreachable, "The connection broke.")]
                case 2: state.running = nil
                case 3: state.running = Self.running
                default: return false
                }
                return true
            }
        }
        #expect(await scene.run("top", "--json") == .done)
        let records = try records(scene)
        #expect(records.map { $0["gateway"]?["reachable"] } == [true, false, false, true])
        #expect(records[1]["gateway"]?["error"] == "The connection broke.")
        #expect(records[2]["gateway"]?["error"]?.string?.contains("No gateway is running") == true)
        // What was known before is not said again as if it were new.
        #expect(records[1]["providers"] == nil && records[1]["requests"] == nil)
        #expect(scene.connections.count == 2)
    }

    @Test func aGatewayThatDoesNotWantUsAnyMoreEndsIt() async {
        let scene = Self.scene { state in
            state.onPause = { _, state in
                state.failures["health"] = [CommandError(.gatewayUnreachable, "4001")]
                state.refusal = CommandError(.credentialRejected, "The token is another now.")
                return true
            }
        }
        #expect(await scene.run("top") == .notPermitted)
        #expect(scene.terminal.errors.contains("The token is another now."))
    }

    @Test func whatItMayNotSeeIsMissing() async throws {
        let scene = Self.scene { state in
            state.pages = [:]
            state.gatewayAnswers["models.status"] = nil
        }
        #expect(await scene.run("top", "--once", "--json") == .done)
        let record = try #require(try records(scene).first)
        #expect(record["refused"]?["models.status"]?.string?.contains("unknown method") == true)
        #expect(record["refused"]?["/metrics"]?.string?.contains("does not show") == true)
        #expect(record["providerAuth"]?["generation"] == 7)
        #expect(record["requests"] == nil)
    }

    @Test(arguments: ["0", "0.05", "nan", "inf", "-1", "3601", "soon"])
    func refusesIntervalsThatMakeNoSense(_ interval: String) async {
        #expect(await Self.scene().run("top", "--once", "--interval=\(interval)") == .usage)
    }

    // MARK: The whole screen

    /// Runs until the screen gets `event`, which comes with the second pause.
    private func ending(
        with event: ScreenEvent?, _ change: @escaping @Sendable (Int, inout CommandScene.State) -> Void = { _, _ in }
    ) async -> (AlulaCLI.ExitStatus, FakeScreen, CommandScene) {
        let screen = FakeScreen()
        let scene = Self.scene(isInteractive: true) { state in
            state.screen = screen
            state.onPause = { pause, state in
                change(pause, &state)
                if pause == 2, let event { screen.send(event) }
                return true
            }
        }
        return (await scene.run("top"), screen, scene)
    }

    @Test func aPersonLeaves() async throws {
        let (status, screen, scene) = await ending(with: .quit)
        #expect(status == .done)
        #expect(screen.timesLeft == 1)
        #expect(scene.terminal.output == "")
        let first = try #require(screen.frames.first)
        #expect(first.count == 24)
        #expect(first.last?.withoutEscapes == "q quits")
        #expect(first.first?.contains("\u{1B}[1malula top\u{1B}[0m") == true)
        #expect(first.allSatisfy { $0.withoutEscapes.displayWidth <= 80 })
    }

    @Test func aSignalEndsItAsShellsTellIt() async {
        let (status, screen, _) = await ending(with: .ended(signal: 15))
        #expect(status.rawValue == 143)
        #expect(screen.timesLeft == 1)
    }

    @Test func theTerminalIsGivenBackBeforeAnErrorIsTold() async {
        let (status, screen, scene) = await ending(with: nil) { _, state in
            state.failures["health"] = [CommandError(.gatewayUnreachable, "4001")]
            state.refusal = CommandError(.credentialRejected, "The token is another now.")
        }
        #expect(status == .notPermitted)
        #expect(screen.timesLeft == 1)
        #expect(scene.terminal.errors.contains("The token is another now."))
    }

    @Test func anotherSizeIsAnotherFrameAtOnce() async {
        let screen = FakeScreen()
        let scene = Self.scene(isInteractive: true) { state in
            state.screen = screen
            state.onPause = { pause, _ in
                if pause == 1 { screen.resize(columns: 40, rows: 10) }
                if screen.frames.contains(where: { $0.count == 10 }) { screen.send(.quit) }
                return true
            }
        }
        #expect(await scene.run("top") == .done)
        let small = screen.frames.filter { $0.count == 10 }
        #expect(!small.isEmpty)
        #expect(small.joined().allSatisfy { $0.withoutEscapes.displayWidth <= 40 })
    }

    @Test func noColoursWhenNoneAreWanted() async {
        let screen = FakeScreen()
        let scene = Self.scene(isInteractive: true) { state in
            state.variables["NO_COLOR"] = "1"
            state.screen = screen
            state.onPause = { _, _ in
                screen.send(.quit)
                return true
            }
        }
        #expect(await scene.run("top") == .done)
        #expect(!screen.frames.isEmpty)
        #expect(!screen.frames.joined().contains { $0.contains("\u{1B}") })
    }

    @Test(arguments: [["--once"], ["--json", "--once"], ["--plain", "--once"]])
    func whoWantsTextGetsNoScreen(_ flags: [String]) async {
        let screen = FakeScreen()
        let scene = Self.scene(isInteractive: true) { $0.screen = screen }
        #expect(await scene.run(["top"] + flags) == .done)
        #expect(screen.frames.isEmpty && screen.timesLeft == 0)
        #expect(!scene.terminal.output.isEmpty)
    }
}
