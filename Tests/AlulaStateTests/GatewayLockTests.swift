import AlulaPrimitives
import AlulaSystem
import AlulaTestSupport
import Testing

@testable import AlulaState

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

struct GatewayLockTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private static let pause = LockPause(
        now: { Timestamp(milliseconds: 1_795_608_000_000) }, sleep: { _ in }, random: { 0 })

    private var folder: String { "openclaw-\(getuid())" }
    /// The file that OpenClaw knows, by the digest that ``claim(state:sharesConfiguration:)`` makes.
    private var theirs: String { "tmp/\(folder)/gateway.000fa0ff.lock" }

    private func claim(state: String = "state", sharesConfiguration: Bool = false) -> GatewayLock.Claim {
        let layout = StateLayout(
            variables: ["HOME": directory.path, "ALULA_STATE_DIR": directory(state), "ALULA_CONFIG_PATH": "/c.json"],
            currentDirectory: "/", exists: { _ in false })
        return GatewayLock.Claim(
            layout, temporary: directory("tmp"), sharesConfiguration: sharesConfiguration,
            digest: { _ in [0x00, 0x0F, 0xA0, 0xFF, 0x55] })
    }

    private func acquire(_ claim: GatewayLock.Claim) throws -> GatewayLock {
        try BlockingContext.permit {
            try GatewayLock.acquire(claim, deadline: .after(.zero), pause: Self.pause)
        }
    }

    private func message(of claim: GatewayLock.Claim) -> String? {
        let error = #expect(throws: StateError.self) { try acquire(claim) }
        #expect(error?.code == .gatewayRunning)
        return error?.message
    }

    private func release(_ lock: GatewayLock) { BlockingContext.permit { lock.release() } }

    private func make(_ name: String) throws { try BlockingContext.permit { try Directory.make(directory(name)) } }

    private func isThere(_ name: String) throws -> Bool {
        try BlockingContext.permit { try FileIdentity.ofExisting(directory(name)) != nil }
    }

    @Test func refusesASecondOwnerAndNamesTheFirst() throws {
        let first = try acquire(claim())
        let expected = "gateway already running (pid \(getpid())); stop it, or give this one another --state-dir."
        #expect(message(of: claim()) == expected)
        release(first)
        release(try acquire(claim()))
    }

    @Test func writesWhatOpenClawReads() throws {
        let lock = try acquire(claim())
        let start = try #require(BlockingContext.permit { ProcessTable.startTime(getpid()) })
        let expected =
            "{\"pid\":\(getpid()),\"createdAt\":\"2026-11-25T12:00:00Z\",\"configPath\":\"/c.json\",\"startTime\":\(start)}\n"
        #expect(try directory.text("state/alula/gateway.lock") == expected)
        #expect(try directory.text(theirs) == expected)
        #expect(lock.problem == nil)
        release(lock)
        #expect(try !isThere(theirs))
    }

    @Test func guardsTheConfigurationAcrossStateDirectories() throws {
        let first = try acquire(claim())
        #expect(message(of: claim(state: "other"))?.contains("(pid \(getpid()))") == true)
        let sharing = try acquire(claim(state: "other", sharesConfiguration: true))
        release(sharing)
        release(first)
        release(try acquire(claim(state: "other")))
    }

    @Test func respectsAGatewayOfOpenClaw() throws {
        try make("tmp/\(folder)")
        let start = try #require(BlockingContext.permit { ProcessTable.startTime(1) })
        try directory.write(theirs, "{\"pid\":1,\"startTime\":\(start)}")
        #expect(message(of: claim())?.contains("(pid 1)") == true)
        #expect(try isThere(theirs))
    }

    @Test(arguments: [#"{"pid":2147483646}"#, #"{"pid":1,"startTime":1234567890}"#])
    func takesOverFromAGatewayThatIsGone(note: String) throws {
        try make("tmp/\(folder)")
        try directory.write(theirs, note)
        let lock = try acquire(claim())
        #expect(try directory.text(theirs).contains("\"pid\":\(getpid())"))
        release(lock)
    }

    @Test func takesOverFromAProcessThatIsNoGateway() throws {
        try make("tmp/\(folder)")
        let session = try BlockingContext.permit {
            let session = try ChildSession(
                ChildCommand(executable: "/bin/sh", arguments: ["-c", "echo ready; read line"]))
            // Its command line shows only some time after its start.
            _ = try session.read(deadline: .after(.seconds(30)))
            return session
        }
        try directory.write(theirs, "{\"pid\":\(session.pid)}")
        release(try acquire(claim()))
        BlockingContext.permit { _ = session.terminate() }
    }

    @Test func looksIntoTheLaterLayoutWhereItIs() throws {
        try make("state/tmp/\(folder)")
        try directory.write("state/tmp/\(folder)/gateway-state.lock", #"{"pid":2147483646}"#)
        let lock = try acquire(claim())
        #expect(try isThere("state/tmp/\(folder)/gateway.000fa0ff.lock"))
        release(lock)

        let start = try #require(BlockingContext.permit { ProcessTable.startTime(1) })
        try directory.write("state/tmp/\(folder)/gateway-state.lock", "{\"pid\":1,\"startTime\":\(start)}")
        #expect(message(of: claim())?.contains("(pid 1)") == true)
        // Nothing of a failed attempt stays behind.
        #expect(try !isThere(theirs))
        #expect(try !isThere("state/tmp/\(folder)/gateway.000fa0ff.lock"))
    }

    @Test func makesNoLaterLayoutWhereThereIsNone() throws {
        let lock = try acquire(claim())
        #expect(try !isThere("state/tmp"))
        release(lock)
    }

    @Test func runsThoughOpenClawsDirectoryCannotBeUsed() throws {
        try make("tmp")
        try make("elsewhere")
        symlink(directory("elsewhere"), directory("tmp/\(folder)"))
        let lock = try acquire(claim())
        #expect(lock.problem?.code == .notDirectory)
        release(lock)
    }

    @Test func diesWithItsHolder() throws {
        try make("state/alula")
        let session = try BlockingContext.permit {
            try ChildSession(
                ChildCommand(
                    executable: "/usr/bin/flock",
                    arguments: ["-o", claim().lock, "/bin/sh", "-c", "echo locked; exec sleep 600"],
                    environment: ["PATH": "/usr/bin:/bin"]))
        }
        try BlockingContext.permit { _ = try session.read(deadline: .after(.seconds(30))) }
        try directory.write("state/alula/gateway.lock", "{\"pid\":\(session.pid)}")
        #expect(message(of: claim())?.contains("(pid \(session.pid))") == true)
        #expect(try BlockingContext.permit { try GatewayLock.holder(claim().lock)?.pid } == session.pid)
        session.kill()
        BlockingContext.permit { _ = session.terminate() }
        #expect(try BlockingContext.permit { try GatewayLock.holder(claim().lock) } == nil)
        release(try acquire(claim()))
    }

    @Test func saysWhenTheDirectoryCannotBeUsed() throws {
        try directory.write("state", "a file")
        #expect(#expect(throws: StateError.self) { try acquire(claim()) }?.code == .fileUnusable)
    }

    @Test(arguments: [([:], "/tmp"), (["TMPDIR": "/a/"], "/a"), (["TEMP": "/b"], "/b"), (["TMPDIR": "/"], "/")])
    func findsTheTemporaryDirectory(variables: [String: String], expected: String) {
        #expect(GatewayLock.temporaryDirectory(variables) == expected)
    }
}
