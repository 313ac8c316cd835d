import AlulaAuth
import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaCLI

/// `alula models auth login --device-code`.
@Suite(.timeLimit(.minutes(1)))
struct DeviceLoginTests {
    private static let login = ["models", "auth", "login", "--device-code", "--provider"]

    /// A second passes with each pause.
    private static func scene(_ device: FakeDevice, pauses: Int = 2000) -> CommandScene {
        let scene = CommandScene { $0.onPause = { number, _ in number < pauses } }
        scene.signIn.change { $0.device = device }
        return scene
    }

    private static func isClean(_ scene: CommandScene, _ device: FakeDevice) -> Bool {
        device.ended == 1 && !(scene.terminal.output + scene.terminal.errors).contains("CANARY")
    }

    @Test func aCodeIsTypedElsewhere() async {
        let device = FakeDevice([.notYet, .failed(.unreachable), .notYet, .typed])
        let scene = Self.scene(device)
        #expect(await scene.run(Self.login + ["openai-codex"]) == .done)
        #expect(device.asked == 4)
        #expect(scene.terminal.errors.contains("\n  https://sign.example/device\n"))
        #expect(scene.terminal.errors.contains("\n  FAKE-1234\n"))
        #expect(scene.terminal.errors.contains("within 15 minutes"))
        #expect(
            scene.credentials.calls
                == ["login of openai-codex as openai-codex:default in /home/me/.openclaw/agents/main/agent"])
        // Whoever signs in elsewhere wants no browser here.
        #expect(scene.signIn.opened.isEmpty)
        #expect(Self.isClean(scene, device))
    }

    @Test func nobodyTypesIt() async {
        let device = FakeDevice([.notYet])
        let scene = Self.scene(device)
        #expect(await scene.run(Self.login + ["openai-codex"]) == .temporary)
        #expect(scene.terminal.errors.contains("Nobody typed the code in time; nothing was stored."))
        #expect((800...900).contains(device.asked))
        #expect(scene.credentials.calls.isEmpty)
        #expect(Self.isClean(scene, device))
    }

    @Test func aRefusalEndsIt() async {
        let device = FakeDevice([.notYet, .failed(.refused), .typed])
        let scene = Self.scene(device)
        #expect(await scene.run(Self.login + ["openai-codex"]) == .notPermitted)
        #expect(scene.terminal.errors.contains("No login came of it: the provider said no."))
        #expect(device.asked == 2)
        #expect(scene.credentials.calls.isEmpty)
        #expect(Self.isClean(scene, device))
    }

    /// What was typed is good once, so it is not asked for again.
    @Test func whatCanNotBeRedeemedEndsItToo() async {
        let device = FakeDevice([.typed], redeeming: .unreachable)
        let scene = Self.scene(device)
        #expect(await scene.run(Self.login + ["openai-codex"]) == .temporary)
        #expect(device.asked == 1)
        #expect(scene.credentials.calls.isEmpty)
        #expect(Self.isClean(scene, device))
    }

    @Test func canBeInterrupted() async {
        let device = FakeDevice([.notYet])
        // The scene's pauses end as a cancelled one does.
        let scene = Self.scene(device, pauses: 3)
        #expect(await scene.run(Self.login + ["openai-codex"]) == .temporary)
        #expect(scene.credentials.calls.isEmpty)
        #expect(Self.isClean(scene, device))
    }

    @Test(arguments: ["groq", "openai", "chutes"])
    func othersHaveNoSuchWay(provider: String) async {
        let scene = CommandScene(input: "sk-fake")
        #expect(await scene.run(Self.login + [provider]) == .usage)
        #expect(scene.terminal.errors.contains("Nobody signs in to \(provider) with a code"))
        #expect(scene.credentials.calls.isEmpty)
    }

    @Test func aProviderThatGivesNoCodeSaysSo() async {
        let scene = CommandScene()
        scene.signIn.change {
            $0.failure = RenewalFailure(.unsupported, "the provider lets nobody sign in with a code now")
        }
        #expect(await scene.run(Self.login + ["openai-codex"]) == .temporary)
        #expect(scene.terminal.errors.contains("the provider lets nobody sign in with a code now"))
    }

    /// There is no other way, so that nobody has to ask for it.
    @Test(arguments: [[], ["--device-code"]] as [[String]])
    func copilotIsSignedInToWithACode(flags: [String]) async {
        let device = FakeDevice([.notYet, .gaveToken])
        let scene = Self.scene(device)
        let arguments = ["models", "auth", "login", "--provider", "github-copilot", "--json"] + flags
        #expect(await scene.run(arguments) == .done)
        #expect(scene.terminal.errors.contains("FAKE-1234"))
        #expect(scene.terminal.document?["profileId"] == "github-copilot:github")
        #expect(scene.terminal.document?["type"] == "token")
        #expect(scene.terminal.document?["expiresAt"] == nil)
        #expect(!scene.terminal.errors.contains("can't be renewed"))
        #expect(Self.isClean(scene, device))
    }
}
