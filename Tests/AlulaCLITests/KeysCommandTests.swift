import AlulaJSON
import AlulaPrimitives
import AlulaState
import AlulaSystem
import AlulaTestSupport
import Testing

@testable import AlulaCLI

/// `alula keys`, on a real file.
struct KeysCommandTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// Runs one command, and returns how it ended and what it said.
    private func run(_ line: String...) async -> (status: AlulaCLI.ExitStatus, terminal: FakeTerminal) {
        let scene = CommandScene()
        var environment = scene.testEnvironment
        let path = directory.path
        environment.apiKeys = { _ in
            let layout = StateLayout(
                request: .init(stateDirectory: path), variables: ["HOME": path], currentDirectory: "/",
                exists: { _ in false })
            return APIKeyFileEditor(layout: layout, pool: BlockingPool(), now: { CommandScene.now })
        }
        return (await CommandLineTool.run(["keys"] + line, in: environment), scene.terminal)
    }

    @Test func theKeyAloneIsOnStandardOutput() async throws {
        let (status, terminal) = await run("create", "laptop")
        #expect(status == .done)
        let lines = terminal.output.split(separator: "\n")
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix("alula-") == true)
        #expect(lines.first?.utf8.count == "alula-".utf8.count + 43)
        #expect(terminal.errors.contains("alula keys revoke laptop"))
    }

    @Test func theListShowsWhatEachMayDoAndNoKey() async throws {
        let empty = await run()
        #expect(empty.terminal.output.contains("alula keys create <name>"))
        let made = await run(
            "create", "kids", "--model", "openai/*", "--model", "alula/echo", "--requests-per-minute", "20",
            "--tokens-per-day", "5000", "--expires-in", "90d")
        let key = made.terminal.output.trimmed()
        _ = await run("create", "all")
        let (status, terminal) = await run("list")
        #expect(status == .done)
        #expect(terminal.output.contains("openai/* alula/echo  20          5000"))
        #expect(terminal.output.contains("all   all"))
        #expect(!terminal.output.contains(key))
        let document = try #require(await run("list", "--json").terminal.document)
        let second = document["keys"]?.array?.last
        #expect(second?["name"] == "kids")
        #expect(second?["models"] == ["openai/*", "alula/echo"])
        #expect(second?["expiresAtMs"]?.integer == CommandScene.now.milliseconds + 90 * 86_400_000)
        #expect(await run("list", "--plain").terminal.output == "all\nkids\n")
    }

    @Test func theDocumentOfANewKeyHoldsIt() async throws {
        let document = try #require(await run("create", "laptop", "--json").terminal.document)
        #expect(document["key"]?.string?.hasPrefix("alula-") == true)
        #expect(document["name"] == "laptop")
        #expect(document["requestsPerMinute"] == .null)
    }

    @Test func aNameThatIsTakenIsRefused() async {
        _ = await run("create", "laptop")
        let (status, terminal) = await run("create", "laptop")
        #expect(status == .no)
        #expect(terminal.output.isEmpty)
        #expect(terminal.errors.contains("There is a key \"laptop\" already"))
    }

    @Test func aKeyIsRevokedOnce() async {
        _ = await run("create", "laptop")
        #expect(await run("revoke", "laptop").terminal.output == "Revoked laptop.\n")
        let (status, terminal) = await run("revoke", "laptop")
        #expect(status == .no)
        #expect(terminal.errors.contains("alula keys list"))
    }

    @Test(
        arguments: [
            ["create", "a b"], ["create", ""], ["create", "x", "--model", "gpt-5.5"],
            ["create", "x", "--requests-per-minute", "0"], ["create", "x", "--requests-per-minute", "100001"],
            ["create", "x", "--tokens-per-day", "0"], ["create", "x", "--tokens-per-day", "-5"],
            ["create", "x", "--expires-in", "soon"], ["create"], ["revoke"],
        ])
    func whatMakesNoSenseIsRefusedBeforeAnythingIsWritten(_ line: [String]) async {
        let scene = CommandScene()
        #expect(await CommandLineTool.run(["keys"] + line, in: scene.testEnvironment) == .usage)
        #expect(scene.terminal.output.isEmpty)
    }
}
