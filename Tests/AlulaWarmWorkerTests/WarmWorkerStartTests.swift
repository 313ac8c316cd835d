import AlulaAuth
import AlulaPrimitives
import AlulaSystem
import Testing

@testable import AlulaWarmWorker

/// A program that can't be loaded, as from a disk that hangs.
@Suite(.timeLimit(.minutes(1))) struct WarmWorkerStartTests {
    private let pool = BlockingPool()
    private let gate = Monitor(false)
    private let started = AsyncStream<ChildSession>.makeStream()

    /// A client whose program is loaded only once the gate is open.
    private func client(startLimit: Duration) -> WarmWorkerClient {
        let command = ChildCommand(executable: "/bin/sh", arguments: ["-c", "exec sleep 600"])
        return WarmWorkerClient(command: command, startLimit: startLimit) {
            [gate, started] (command) throws(SystemError) in
            gate.wait { $0 ? .done(()) : .wait(on: 0, until: nil) }
            let session = try ChildSession(command)
            started.continuation.yield(session)
            return session
        }
    }

    private func open() {
        gate.withLock { $0 = true }
        gate.signalAll()
    }

    @Test func isGivenUpSoThatTheGatewayReadsByItself() async {
        defer { open() }
        let error = await #expect(throws: GatherError.self) {
            try await client(startLimit: .milliseconds(20)).gather(FakeWorker.plan, deadline: .after(.seconds(600)))
        }
        #expect(error?.code == .cannotStart)
    }

    @Test func theDeadlineHolds() async {
        defer { open() }
        let error = await #expect(throws: GatherError.self) {
            try await client(startLimit: .seconds(600)).gather(FakeWorker.plan, deadline: .after(.milliseconds(20)))
        }
        #expect(error?.code == .deadlineExceeded)
    }

    @Test func whoeverIsCancelledIsLetGo() async {
        defer { open() }
        let client = client(startLimit: .seconds(600))
        let gathering = Task { try await client.gather(FakeWorker.plan, deadline: .after(.seconds(600))) }
        gathering.cancel()
        await #expect(throws: CancellationError.self) { try await gathering.value }
    }

    @Test func aChildThatComesTooLateIsEnded() async throws {
        await #expect(throws: GatherError.self) {
            try await client(startLimit: .milliseconds(20)).gather(FakeWorker.plan, deadline: .after(.seconds(600)))
        }
        open()
        var sessions = started.stream.makeAsyncIterator()
        let session = try #require(await sessions.next())
        let status = try await pool.run("wait for the child", deadline: .after(.seconds(60))) {
            session.waitForEnd(until: .after(.seconds(60)))
        }
        #expect(status == .signalled(9))
    }
}
