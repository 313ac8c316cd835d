import AlulaPrimitives
import AlulaTestSupport
import Testing

@testable import AlulaSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

struct ChildProcessTests {
    private func run(
        _ script: String, input: [UInt8]? = nil, environment: [String: String] = ["PATH": "/usr/bin:/bin"],
        directory: String? = nil, limit: Duration = .seconds(30), silence: Duration? = nil,
        maximumOutput: ByteCount = .mebibytes(1)
    ) throws -> ChildOutcome {
        try BlockingContext.permit {
            try ChildProcess.run(
                ChildCommand(
                    executable: "/bin/sh", arguments: ["-c", script], environment: environment,
                    workingDirectory: directory),
                input: input,
                limits: ChildLimits(deadline: .after(limit), silence: silence, maximumOutput: maximumOutput))
        }
    }

    private func code(of body: () throws -> ChildOutcome) -> SystemError.Code? {
        #expect(throws: SystemError.self) { try body() }?.code
    }

    /// Whether the process whose id `file` holds is gone.
    private func isGone(_ file: String) async throws -> Bool {
        let text = try BlockingContext.permit { try FileReader.read(file, maximum: .kibibytes(1)).text }
        let pid = try #require(Int32(text.trimmed()))
        return await eventually { BlockingContext.permit { !ProcessTable.isAlive(pid) } }
    }

    @Test func collectsOutputErrorsAndCode() throws {
        let outcome = try run("echo out; echo err >&2; exit 3")
        #expect(outcome.status == .exited(3))
        #expect(String(decoding: outcome.output, as: UTF8.self) == "out\n")
        #expect(String(decoding: outcome.errorOutput, as: UTF8.self) == "err\n")
        #expect(!outcome.isSuccess)
    }

    @Test func tellsWhichSignalEndedIt() throws {
        #expect(try run("kill -9 $$").status == .signalled(SIGKILL))
    }

    @Test func givesOnlyTheNamedEnvironment() throws {
        let outcome = try run("/usr/bin/env", environment: ["PATH": "/bin", "GIVEN": "a b=c"])
        let lines = String(decoding: outcome.output, as: UTF8.self).split(separator: "\n").sorted()
        #expect(lines.contains("GIVEN=a b=c"))
        #expect(!lines.contains { $0.hasPrefix("HOME=") })
    }

    @Test func startsInTheGivenDirectory() throws {
        let directory = try TemporaryDirectory()
        let outcome = try run("pwd -P", directory: directory.path)
        let path = try BlockingContext.permit { try Directory.realPath(directory.path) }
        #expect(String(decoding: outcome.output, as: UTF8.self) == path + "\n")
    }

    @Test func feedsInputLargerThanAPipeBothWays() throws {
        let input = [UInt8](repeating: 65, count: 700_000)
        #expect(try run("cat", input: input).output == input)
    }

    @Test func givesAnEmptyInputToWhoeverReadsForEver() throws {
        #expect(try run("cat").output.isEmpty)
        #expect(try run("cat", input: []).output.isEmpty)
    }

    @Test func doesNotMindAChildThatReadsNothing() throws {
        #expect(try run("exec <&-; sleep 0.05; echo done", input: [UInt8](repeating: 65, count: 700_000)).isSuccess)
    }

    @Test func passesNoDescriptorOn() throws {
        let descriptor = open("/dev/null", O_RDONLY)
        defer { close(descriptor) }
        let listed = String(decoding: try run("ls /proc/self/fd").output, as: UTF8.self).split(separator: "\n")
        // The fourth is the listing's own.
        #expect(listed == ["0", "1", "2", "3"])
    }

    @Test func startsWithoutBlockedOrIgnoredSignals() async throws {
        let lines = try await BlockingPool().run("status", deadline: .after(.seconds(30))) {
            // Threads of the pool block every signal.
            String(decoding: try self.run("grep -E '^Sig(Blk|Ign)' /proc/self/status").output, as: UTF8.self)
        }
        let masks = lines.split(separator: "\n").map { UInt64($0.suffix(16), radix: 16) }
        #expect(masks.count == 2)
        // The real-time signals 32 and 33 belong to the C library.
        #expect(masks.allSatisfy { ($0 ?? .max) & 0x7FFF_FFFF == 0 })
    }

    @Test func endsAChildAtTheDeadline() throws {
        #expect(code { try run("sleep 600", limit: .milliseconds(50)) } == .deadlineExceeded)
    }

    @Test func killsAChildThatIgnoresTheRequestToEnd() async throws {
        let directory = try TemporaryDirectory()
        let script = "trap '' TERM; echo $$ > \(directory("pid")); while :; do sleep 0.01; done"
        #expect(code { try run(script, limit: .seconds(3)) } == .deadlineExceeded)
        #expect(try await isGone(directory("pid")))
    }

    @Test func killsGrandchildrenAtTheDeadline() async throws {
        let directory = try TemporaryDirectory()
        let script = "sh -c 'trap \"\" TERM; echo $$ > \(directory("pid")); while :; do sleep 0.01; done' & wait"
        #expect(code { try run(script, limit: .seconds(3)) } == .deadlineExceeded)
        #expect(try await isGone(directory("pid")))
    }

    @Test func answersThoughAGrandchildHoldsTheOutputOpen() async throws {
        let directory = try TemporaryDirectory()
        let outcome = try run("sleep 600 & echo $! > \(directory("pid")); echo answer")
        #expect(outcome.isSuccess)
        #expect(String(decoding: outcome.output, as: UTF8.self) == "answer\n")
        #expect(try await isGone(directory("pid")))
    }

    @Test func endsASilentChild() {
        #expect(code { try run("echo a; sleep 600", silence: .milliseconds(100)) } == .silent)
    }

    @Test func bearsWithASlowChildThatIsNotSilent() throws {
        let outcome = try run("for i in 1 2 3 4 5 6; do sleep 0.05; echo $i; done", silence: .seconds(10))
        #expect(outcome.output.count == 12)
    }

    @Test func endsAFloodOfOutput() {
        #expect(code { try run("yes", maximumOutput: .kibibytes(64)) } == .outputTooLarge)
        #expect(code { try run("yes >&2") } == .outputTooLarge)
    }

    @Test(arguments: ["/nonexistent/program", "/etc/passwd", "/", "/bin/sh\0x"])
    func tellsWhenAProgramCannotBeStarted(executable: String) {
        let error = #expect(throws: SystemError.self) {
            try BlockingContext.permit {
                try ChildProcess.run(
                    ChildCommand(executable: executable), limits: ChildLimits(deadline: .after(.seconds(30))))
            }
        }
        #expect(error?.code == .cannotStart)
    }

    @Test func leavesNoZombieAndNoDescriptor() throws {
        func descriptors() throws -> Int {
            try BlockingContext.permit { try Directory.list("/proc/self/fd").count }
        }
        _ = try run("true")
        let before = try descriptors()
        for _ in 0..<20 { _ = try run("true") }
        // Other tests open and close files of their own meanwhile.
        #expect(try descriptors() < before + 20)
    }
}
