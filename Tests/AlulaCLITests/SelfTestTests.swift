import AlulaJSON
import AlulaPrimitives
import AlulaState
import AlulaSystem
import AlulaTestSupport
import Testing

@testable import AlulaCLI

struct SelfTestTests {
    /// Says what was tried, from a table.
    private struct Table: SelfTesting {
        let report: SelfTestReport
        let isNamed: Bool

        func run(reading layout: StateLayout?) async throws -> SelfTestReport {
            #expect((layout != nil) == isNamed)
            return report
        }
    }

    private func run(_ report: SelfTestReport, _ flags: String...) async -> (AlulaCLI.ExitStatus, FakeTerminal) {
        let scene = CommandScene()
        var environment = scene.testEnvironment
        environment.selfTest = Table(report: report, isNamed: flags.contains("--state-dir"))
        let status = await CommandLineTool.run(["doctor", "--self-test"] + flags, in: environment)
        return (status, scene.terminal)
    }

    private static let fine = SelfTestReport(
        steps: SelfTestReport.Part.allCases.map { .init($0, isDone: true, "done", milliseconds: 7) })

    @Test func theExitCodeSaysWhetherEveryPartWorked() async throws {
        let (status, terminal) = await run(Self.fine, "--json")
        #expect(status == .done)
        #expect(terminal.document?["ok"] == true)
        #expect(
            terminal.document?["steps"]?.array?.first
                == ["step": "worker", "ok": true, "message": "done", "durationMs": 7])
        #expect(await run(Self.fine, "--state-dir", "/somewhere").0 == .done)
    }

    @Test(arguments: SelfTestReport.Part.allCases)
    func onePartThatFailsOrIsMissingIsANo(part: SelfTestReport.Part) async throws {
        var failed = Self.fine
        for index in failed.steps.indices where failed.steps[index].part == part {
            failed.steps[index].isDone = false
            failed.steps[index].message = "the reason"
        }
        let (status, terminal) = await run(failed)
        #expect(status == .no)
        #expect(terminal.output.contains("the reason"))
        var missing = Self.fine
        missing.steps.removeAll { $0.part == part }
        #expect(await run(missing).0 == .no)
    }

    /// The gateway would serve all the same, by reading in its own process; a package must not.
    @Test func theFallbackInPlaceOfTheWorkerIsAFailure() async throws {
        let directory = try TemporaryDirectory()
        let test = LiveSelfTest(
            variables: ["HOME": directory.path, "TMPDIR": directory.path], currentDirectory: directory.path,
            version: "1.2.3", pool: BlockingPool(), connector: CommandScene(),
            executable: directory("no-such-program"))
        let report = try await test.run(reading: nil)
        #expect(!report.isFine)
        #expect(report.steps.map(\.part) == [.worker])
        #expect(report.steps.first?.message.contains("worker_cannot_start") == true)
        #expect(report.steps.first?.message.contains("this process had to") == true)
        #expect(try directory.names == [])
    }

    @Test(arguments: ["exit 1", "exit 0", "echo garbage"])
    func aWorkerThatSaysNothingOfUseIsAFailure(script: String) async throws {
        let directory = try TemporaryDirectory()
        let program = try directory.write("worker", "#!/bin/sh\n\(script)\n", mode: 0o700)
        let test = LiveSelfTest(
            variables: ["HOME": directory.path, "TMPDIR": directory.path], currentDirectory: directory.path,
            version: "1.2.3", pool: BlockingPool(), connector: CommandScene(), executable: program)
        let report = try await test.run(reading: nil)
        #expect(report.steps.map(\.isDone) == [false])
        #expect(report.steps.first?.message.contains("worker_") == true)
        #expect(try directory.names == ["worker"])
    }
}
