import AlulaJSON
import AlulaPrimitives
import AlulaSystem
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// `alula top` at a real terminal: it shows the gateway, and leaves the terminal as it was, however it ends.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct TopEndToEndTests {
    private static let enter = "\u{1B}[?1049h"
    private static let leave = "\u{1B}[0m\u{1B}[?25h\u{1B}[?1049l"
    private static let line = ["top", "--interval", "0.2"]

    private func installation() throws -> Installation {
        let installation = try Installation(variables: ["OPENAI_API_KEY": "sk-fake-not-a-key", "LANG": "C.UTF-8"])
        try installation.write("openclaw.json", Fixtures.configuration)
        return installation
    }

    /// A program that has drawn its first screens.
    private func shown(_ installation: Installation) async throws -> ProgramAtTerminal {
        let program = try ProgramAtTerminal(installation, Self.line)
        try await program.wait { text in
            text.contains("PER SECOND") && ProgramAtTerminal.frames(text).contains { $0.joined().contains("health ") }
        }
        #expect(try !program.settings().isEchoing)
        return program
    }

    private func expectRestored(_ program: ProgramAtTerminal) throws {
        #expect(try program.settings() == program.before)
        #expect(program.text.hasSuffix(Self.leave), "\(program.text.suffix(200).debugDescription)")
        #expect(program.text.count(of: Self.leave) == program.text.count(of: Self.enter))
    }

    @Test(
        arguments: [
            ("q", .exited(0)), ("\u{3}", .exited(0)), ("\u{1B}[A\u{1B}[1;5Bq", .exited(0)), ("\u{1C}", .exited(131)),
        ] as [(String, ProgramAtTerminal.End)])
    func keysEndItAndTheTerminalIsAsBefore(_ keys: String, _ end: ProgramAtTerminal.End) async throws {
        let installation = try installation()
        let gateway = try await installation.startGateway()
        let program = try await shown(installation)
        program.type(Array(keys.utf8))
        #expect(try await program.end() == end)
        try expectRestored(program)
        for text in ["openai", "Prepared", "Clients", "127.0.0.1:\(gateway.port)"] {
            #expect(program.text.contains(text), "\(text)")
        }
        #expect(!program.text.contains("sk-fake"))
        _ = try await gateway.stop()
    }

    @Test(
        arguments: [
            (SIGTERM, .exited(143)), (SIGHUP, .exited(129)),
            // A crash is one, but not for the terminal.
            (SIGABRT, .killed(SIGABRT)), (SIGSEGV, .killed(SIGSEGV)),
        ] as [(Int32, ProgramAtTerminal.End)])
    func signalsEndItAndTheTerminalIsAsBefore(_ signal: Int32, _ end: ProgramAtTerminal.End) async throws {
        let installation = try installation()
        let gateway = try await installation.startGateway()
        let program = try await shown(installation)
        kill(program.pid, signal)
        #expect(try await program.end() == end)
        try expectRestored(program)
        _ = try await gateway.stop()
    }

    @Test func whoClosesTheWindowLeavesNoProgramBehind() async throws {
        let installation = try installation()
        let gateway = try await installation.startGateway()
        let program = try await shown(installation)
        program.hangUp()
        let end = try await program.end()
        #expect(end == .exited(129))
        _ = try await gateway.stop()
    }

    @Test func itIsStoppedAndGoesOn() async throws {
        let installation = try installation()
        let gateway = try await installation.startGateway()
        let program = try await shown(installation)
        program.type([0x1A])
        #expect(try await program.end() == .stopped)
        try expectRestored(program)
        kill(program.pid, SIGCONT)
        try await program.wait { $0.count(of: Self.enter) == 2 && $0.hasSuffix("q quits\u{1B}[K") }
        #expect(try !program.settings().isEchoing)
        program.type([UInt8(ascii: "q")])
        #expect(try await program.end() == .exited(0))
        try expectRestored(program)
        _ = try await gateway.stop()
    }

    @Test func aSmallerWindowIsDrawnAnew() async throws {
        let installation = try installation()
        let gateway = try await installation.startGateway()
        let program = try await shown(installation)
        try program.resize(columns: 40, rows: 9)
        try await program.wait { text in ProgramAtTerminal.frames(text).contains { $0.count == 9 } }
        let small = ProgramAtTerminal.frames(program.text).filter { $0.count == 9 }
        for line in small.joined() {
            let bare = line.split(separator: "\u{1B}[K").joined().split(separator: "\u{1B}[J").joined()
            #expect(bare.count <= 40, "\(bare)")
        }
        program.type([UInt8(ascii: "q")])
        #expect(try await program.end() == .exited(0))
        _ = try await gateway.stop()
    }

    @Test func aGatewayThatGoesAwayIsWaitedFor() async throws {
        let installation = try installation()
        let first = try await installation.startGateway()
        let program = try await shown(installation)
        _ = try await first.stop()
        try await program.wait { $0.contains("No answer since") }
        let second = try await installation.startGateway()
        let address = "127.0.0.1:\(second.port)"
        try await program.wait { text in
            ProgramAtTerminal.frames(text).last.map { $0.joined() }
                .map { $0.contains(address) && !$0.contains("No answer since") } ?? false
        }
        program.type([UInt8(ascii: "q")])
        #expect(try await program.end() == .exited(0))
        try expectRestored(program)
        _ = try await second.stop()
    }

    @Test func withoutAGatewayTheTerminalIsNotEvenTaken() async throws {
        let program = try ProgramAtTerminal(try installation(), Self.line)
        #expect(try await program.end() == .exited(69))
        #expect(!program.text.contains("\u{1B}"))
        #expect(program.text.contains("No gateway is running"))
        #expect(try program.settings() == program.before)
    }

    @Test func intoAPipeGoesText() async throws {
        let installation = try installation()
        let gateway = try await installation.startGateway()
        try await gateway.waitUntilReady()
        let screen = try await installation.alula("top", "--once")
        #expect(screen.status == 0, "\(screen.errors)")
        #expect(screen.output.contains("openai") && screen.output.contains("Prepared"))
        #expect(!screen.output.contains("\u{1B}"))
        let several = try await installation.shell("\(Installation.program) top --json --interval 0.1 | head -n 3")
        let records = try several.output.split(separator: "\n").map { try JSONValue.parse(String($0)) }
        #expect(records.count == 3)
        #expect(records.allSatisfy { $0["gateway"]?["reachable"] == true && $0["refused"] == [:] })
        let health = try #require(records.last?["requests"]?.array?.first { $0["name"] == "health" })
        #expect(try #require(health["perSecond"]?.double) > 0)
        _ = try await gateway.stop()
    }
}

extension String {
    /// How often `part` is in it.
    fileprivate func count(of part: String) -> Int {
        split(separator: part, omittingEmptySubsequences: false).count - 1
    }
}
