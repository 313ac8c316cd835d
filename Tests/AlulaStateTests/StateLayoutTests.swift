import AlulaPrimitives
import Testing

@testable import AlulaState

struct StateLayoutTests {
    private func layout(
        _ variables: [String: String], request: StateLayout.Request = .init(), existing: Set<String> = []
    ) -> StateLayout {
        StateLayout(
            request: request, variables: variables, currentDirectory: "/here", exists: { existing.contains($0) })
    }

    @Test func takesTheFirstOfFlagOursAndTheReferences() {
        let all = ["HOME": "/h", "ALULA_STATE_DIR": "/ours", "OPENCLAW_STATE_DIR": "/theirs"]
        #expect(layout(all, request: .init(stateDirectory: "/flag")).state == "/flag")
        #expect(layout(all).state == "/ours")
        #expect(layout(["HOME": "/h", "OPENCLAW_STATE_DIR": " ~/x/../y "]).state == "/h/y")
    }

    @Test(
        arguments: [
            ([], "/h/.openclaw"), (["/h/.clawdbot"], "/h/.clawdbot"),
            (["/h/.openclaw", "/h/.clawdbot"], "/h/.openclaw"),
        ] as [(Set<String>, String)])
    func looksForTheFormerPlaceOnlyWhenTheNewOneIsMissing(_ existing: Set<String>, _ expected: String) {
        #expect(layout(["HOME": "/h"], existing: existing).state == expected)
    }

    @Test(arguments: ["undefined", "null", "", "  "])
    func wordsThatScriptsLeaveByMistakeAreNothing(_ text: String) {
        #expect(layout(["HOME": "/h", "OPENCLAW_STATE_DIR": text]).state == "/h/.openclaw")
        #expect(layout(["HOME": text, "USERPROFILE": "/u"]).state == "/u/.openclaw")
    }

    @Test func aProfileHasItsOwnDirectory() {
        #expect(layout(["HOME": "/h", "OPENCLAW_PROFILE": "work"]).state == "/h/.openclaw-work")
        #expect(layout(["HOME": "/h", "OPENCLAW_PROFILE": "default"]).state == "/h/.openclaw")
        #expect(layout(["HOME": "/h"], request: .init(profile: "dev")).state == "/h/.openclaw-dev")
        #expect(layout(["HOME": "/h", "OPENCLAW_STATE_DIR": "/s", "OPENCLAW_PROFILE": "w"]).state == "/s")
    }

    @Test func anotherHomeMovesEverything() {
        let moved = layout(["HOME": "/h", "OPENCLAW_HOME": "~/other"])
        #expect(moved.state == "/h/other/.openclaw")
        #expect(moved.home == "/h/other")
    }

    @Test func findsTheConfigurationUnderItsFormerNameToo() {
        #expect(layout(["HOME": "/h"]).configuration == "/h/.openclaw/openclaw.json")
        #expect(
            layout(["HOME": "/h"], existing: ["/h/.openclaw", "/h/.openclaw/clawdbot.json"]).configuration
                == "/h/.openclaw/clawdbot.json")
        #expect(layout(["HOME": "/h", "OPENCLAW_CONFIG_PATH": "conf.json5"]).configuration == "/here/conf.json5")
    }

    @Test func knowsEachAgentsPlace() {
        let layout = layout(["HOME": "/h"])
        #expect(layout.mainAgentDirectory == "/h/.openclaw/agents/main/agent")
        #expect(layout.agentDirectory("work") == "/h/.openclaw/agents/work/agent")
        #expect(layout.agentDirectory("work", configured: "~/w") == "/h/w")
    }

    @Test(
        arguments: [
            (true, "/own", "/common", "/own"), (true, nil, "/common", "/common"),
            (true, nil, nil, "/h/.openclaw/workspace"),
            (false, nil, "/common", "/common/work"), (false, nil, nil, "/h/.openclaw/workspace-work"),
            (false, "~/o\u{0}wn", nil, "/h/own"),
        ] as [(Bool, String?, String?, String)])
    func knowsEachAgentsWorkspace(_ isDefault: Bool, _ own: String?, _ common: String?, _ expected: String) {
        #expect(layout(["HOME": "/h"]).workspace("work", isDefault: isDefault, own: own, common: common) == expected)
    }
}

struct MergedEnvironmentTests {
    @Test func laterPlacesOnlyFillGaps() {
        var merged = MergedEnvironment(process: ["A": "process", "EMPTY": ""])
        merged.fill(from: ["A": Secret("file"), "EMPTY": Secret("filled"), "B": Secret("b")], origin: .stateFile)
        merged.fill(from: ["B": Secret("config"), "C": Secret("c")], origin: .configuration)
        #expect(merged.exposed == ["A": "process", "EMPTY": "filled", "B": "b", "C": "c"])
        #expect(merged.variables["C"]?.origin == .configuration)
    }

    @Test(arguments: [
        "OPENAI_API_KEY", "OPENCLAW_STATE_DIR", "ALULA_HOME", "X_BASE_URL", "x_endpoint", "GH_TOKEN", "FAL_KEY",
    ])
    func theWorkingDirectoryMayNotSupply(_ name: String) {
        var merged = MergedEnvironment(process: [:])
        merged.fill(
            from: [name: Secret("x"), "EDITOR": Secret("vi")], origin: .workingDirectoryFile,
            isCredential: { $0 == "FAL_KEY" })
        #expect(merged.exposed == ["EDITOR": "vi"])
    }
}

struct DotEnvTests {
    @Test(
        arguments: [
            ("A=1\nB = two words \n", ["A": "1", "B": "two words"]), ("export A='x y' # c", ["A": "x y"]),
            ("A=\"l1\\nl2\\\"q\\\"\"", ["A": "l1\nl2\"q\""]), ("A=v # comment\nB=v#not", ["A": "v", "B": "v#not"]),
            ("# A=1\n=x\n1A=2\nA B=3\n", [:]), ("A=\"first\nsecond\"\nB=1", ["A": "first\nsecond", "B": "1"]),
            ("A='open", ["A": "open"]), ("A=1\r\nB=2\r\n", ["A": "1", "B": "2"]), ("A=1\nA=2", ["A": "2"]),
        ] as [(String, [String: String])])
    func reads(_ text: String, _ expected: [String: String]) { #expect(DotEnv.parse(Array(text.utf8)) == expected) }

    @Test func anyBytesAreReadSomehow() {
        #expect(DotEnv.parse([0xFF, 0x3D, 0xFE, 0x0A] + Array("A=ok".utf8)) == ["A": "ok"])
    }
}
