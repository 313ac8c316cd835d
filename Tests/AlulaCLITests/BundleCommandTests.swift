import AlulaJSON
import AlulaPrimitives
import AlulaSystem
import AlulaTestSupport
import Synchronization
import Testing

@testable import AlulaCLI

struct BundleCommandTests {
    /// Keeps what is written, and fails where it is told to.
    private final class Machine: SupportMachine {
        let written = Mutex<[String: [UInt8]]>([:])
        let compressed: [UInt8]?
        let fails: Bool

        init(compressed: [UInt8]? = [0x1F, 0x8B], fails: Bool = false) {
            self.compressed = compressed
            self.fails = fails
        }

        var paths: [String] { written.withLock { $0.keys.sorted() } }

        func description() async throws -> JSONValue {
            if fails { throw CommandError(.unavailable, "It is too dark.") }
            return ["system": "Linux"]
        }

        func look(at directory: String) async throws -> SupportListing {
            if fails { throw SystemError(.notPermitted, "Nobody may look.") }
            return SupportListing(found: [], isCut: false)
        }

        func compress(_ bytes: [UInt8]) async throws -> [UInt8]? {
            if fails { throw SystemError(.cannotStart, "It does not start.") }
            return compressed
        }

        func create(_ path: String, _ bytes: [UInt8]) async throws { written.withLock { $0[path] = bytes } }
    }

    private func run(
        _ machine: Machine, _ arguments: String..., scene: CommandScene = CommandScene()
    ) async -> (status: AlulaCLI.ExitStatus, terminal: FakeTerminal) {
        var environment = scene.testEnvironment
        environment.support = machine
        let status = await CommandLineTool.run(["doctor", "--bundle"] + arguments, in: environment)
        return (status, scene.terminal)
    }

    private static let names = [
        "configuration.json", "problems.json", "machine.json", "models-status.json", "health.json", "status.json",
        "log.json", "state.json", "service.json",
    ]

    private static func answering(_ change: (inout CommandScene.State) -> Void = { _ in }) -> CommandScene {
        CommandScene {
            let answers: [String: JSONValue] = ["models.status": ["ok": 1], "health": ["ok": 2], "status": ["ok": 3]]
            $0.localAnswers = answers
            $0.logParts = [["lines": []]]
            change(&$0)
        }
    }

    @Test func aBundleIsWrittenUnderItsTimeAndToldPartByPart() async throws {
        let machine = Machine()
        let (status, terminal) = await run(machine, scene: Self.answering())
        #expect(status == .done)
        #expect(machine.paths == ["/home/me/alula-bundle-20260528T202640Z.tar.gz"])
        for name in Self.names { #expect(terminal.output.contains(name), "\(name)") }
        #expect(!terminal.output.contains("failed"))
        #expect(terminal.errors.contains("Look at it before you send it."))
    }

    @Test func aPartThatFailsIsNotedAndTheRestGoesOn() async throws {
        let machine = Machine(fails: true)
        let (status, terminal) = await run(machine, "--json")
        #expect(status == .done)
        let parts = try #require(terminal.document?["parts"]?.array)
        #expect(parts.compactMap { $0["file"]?.string } == Self.names)
        let failed = parts.filter { $0["failed"] != nil }.compactMap { $0["file"]?.string }
        #expect(
            failed == ["machine.json", "models-status.json", "health.json", "status.json", "log.json", "state.json"])
        #expect(terminal.document?["compressed"] == false)
        // Without gzip the bytes are the archive itself, whose manifest says the same.
        let path = try #require(machine.paths.first)
        #expect(path.hasSuffix("Z.tar"))
        let text = String(decoding: machine.written.withLock { $0[path] ?? [] }, as: UTF8.self)
        #expect(text.contains("\"failed\": \"It is too dark.\""))
        #expect(text.contains("\"failed\": \"Nobody may look.\""))
        #expect(text.contains("alula-bundle-20260528T202640Z/configuration.json"))
        #expect(!text.contains("alula-bundle-20260528T202640Z/machine.json"))
    }

    @Test(arguments: [("x.tar", "/home/me/x.tar", false), ("/t/y", "/t/y", true), ("~/z.tgz", "/home/me/z.tgz", true)])
    func theFileMayBeNamed(name: String, path: String, isCompressed: Bool) async throws {
        let machine = Machine()
        let (status, terminal) = await run(machine, name, "--json", scene: Self.answering())
        #expect(status == .done)
        #expect(machine.paths == [path])
        #expect(terminal.document?["compressed"] == .bool(isCompressed))
    }

    @Test func aRunningGatewayIsAskedAndThisProcessWhereItFails() async throws {
        let machine = Machine(compressed: nil)
        let scene = Self.answering {
            $0.running = RunningGateway(url: "ws://127.0.0.1:1", credential: nil)
            $0.gatewayAnswers = ["health": ["from": "gateway"], "status": ["from": "gateway"]]
        }
        let (status, _) = await run(machine, "b.tar", scene: scene)
        #expect(status == .done)
        let text = String(decoding: machine.written.withLock { $0["/home/me/b.tar"] ?? [] }, as: UTF8.self)
        #expect(text.contains("answered by the running gateway"))
        #expect(text.contains("computed here, since the gateway did not answer"))
        #expect(scene.asked == ["models.status", "models.status", "health", "status"])
    }

    @Test(arguments: [["--self-test"], ["--lint"]])
    func itGoesWithNoOtherWork(flags: [String]) async {
        let scene = CommandScene()
        #expect(await scene.run(["doctor", "--bundle"] + flags) == .usage)
    }

    @Test func aFileWithoutABundleIsAMistake() async { #expect(await CommandScene().run("doctor", "x.tar") == .usage) }

    // MARK: The real machine

    private func live(_ variables: [String: String] = ["PATH": "/usr/bin:/bin"]) -> LiveSupportMachine {
        let pool = BlockingPool()
        return LiveSupportMachine(pool: pool, variables: variables, files: SystemFileInspector(pool: pool))
    }

    @Test func aFileThatIsThereStaysAsItIs() async throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("b.tar", "mine")
        await #expect(throws: CommandError.self) { try await live().create(path, [1]) }
        #expect(try directory.text("b.tar") == "mine")
        try await live().create(directory("new"), Array("bundle".utf8))
        #expect(try directory.text("new") == "bundle")
        let mode = try BlockingContext.permit { try FileIdentity.of(directory("new")).mode }
        #expect(mode == 0o600)
        await #expect(throws: SystemError.self) { try await live().create(directory("none/x"), [1]) }
    }

    @Test func onlyAGzipThatDoesItsWorkIsUsed() async throws {
        let directory = try TemporaryDirectory()
        #expect(try await live(["PATH": directory.path]).compress([1]) == nil)
        try directory.write("gzip", "#!/bin/sh\nwhile read -r line; do :; done\necho hello\n", mode: 0o700)
        #expect(try await live(["PATH": directory.path]).compress([1]) == nil)
        #expect(try await live().compress([1])?.starts(with: [0x1F, 0x8B]) == true)
    }

    @Test func aLookFollowsNoLinksAndOpensNothing() async throws {
        let directory = try TemporaryDirectory()
        try BlockingContext.permit { try Directory.make(directory("1/2/3/4/5/6/7")) }
        try directory.write("file", "12345")
        let made = try await BlockingPool().run("make special files", deadline: .after(.seconds(20))) {
            let command = ChildCommand(
                executable: "/bin/sh", arguments: ["-c", "mkfifo pipe && ln -s . loop"],
                environment: ["PATH": "/usr/bin:/bin"], workingDirectory: directory.path)
            return try ChildProcess.run(command, limits: ChildLimits(deadline: .after(.seconds(10)))).status
        }
        #expect(made == .exited(0))
        let listing = try await live().look(at: directory.path)
        #expect(listing.isCut)
        let kinds = Dictionary(uniqueKeysWithValues: listing.found.map { ($0.path.joined(separator: "/"), $0.kind) })
        #expect(kinds["pipe"] == "pipe")
        #expect(kinds["loop"] == "symbolic_link" || kinds["loop"] == "symbolicLink")
        #expect(kinds["1/2/3/4/5/6"] == "directory")
        #expect(kinds["1/2/3/4/5/6/7"] == nil)
        #expect(listing.found.first { $0.path == ["file"] }?.size == 5)
        await #expect(throws: SystemError.self) { try await live().look(at: directory("none")) }
    }

    @Test func theMachineIsDescribedWithoutNames() async throws {
        let object = try #require(try await live().description().object)
        #expect(object["system"]?.string?.isEmpty == false)
        #expect((object["processors"]?.integer ?? 0) > 0)
        #expect((object["memoryBytes"]?.integer ?? 0) > 1 << 20)
        #expect(object.keys.allSatisfy { !["nodename", "host", "user"].contains($0) })
    }
}
