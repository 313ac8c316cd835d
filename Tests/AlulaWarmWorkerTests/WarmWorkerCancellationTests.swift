import AlulaAuth
import AlulaPrimitives
import AlulaSystem
import Testing

@testable import AlulaWarmWorker

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

struct WarmWorkerCancellationTests {
    // upstream: 10.1 17
    @Test(.timeLimit(.minutes(1))) func endsTheWorkerAndAllItStartedBeforeItReturns() async throws {
        let directory = try ScratchDirectory()
        let started = directory.path + "/started"
        let allowed = directory.path + "/allowed"
        try #require(mkfifo(started, 0o600) == 0 && mkfifo(allowed, 0o600) == 0)
        // Both processes would leave a trace as soon as they are allowed to go on.
        let script = """
            \(FakeWorker.hello)
            (read line <'\(allowed)'; touch '\(directory.path)/trace') &
            echo $$ $! >'\(started)'
            read line <'\(allowed)'; touch '\(directory.path)/trace'
            """
        let gathering = Task {
            try await FakeWorker.client(script).gather(FakeWorker.plan, deadline: .after(.seconds(60)))
        }
        let pool = BlockingPool()
        let pids = try await pool.run("wait for the worker", deadline: .after(.seconds(60))) {
            try directory.text("started").split { $0 == " " || $0 == "\n" }.compactMap { Int32($0) }
        }
        try #require(pids.count == 2)

        gathering.cancel()
        await #expect(throws: CancellationError.self) { try await gathering.value }

        #expect(BlockingContext.permit { !ProcessTable.isAlive(pids[0]) })
        // It was killed with its parent, but the system takes a moment to end what nobody waits for.
        while BlockingContext.permit({ ProcessTable.isAlive(pids[1]) }) { await Task.yield() }
        #expect(!directory.has("trace"))
    }

    @Test func startsNothingWhenCancelledBefore() async throws {
        let directory = try ScratchDirectory()
        let gathering = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await FakeWorker.client("touch '\(directory.path)/trace'")
                .gather(FakeWorker.plan, deadline: .after(.seconds(60)))
        }
        gathering.cancel()
        await #expect(throws: CancellationError.self) { try await gathering.value }
        #expect(!directory.has("trace"))
    }

    @Test func endsAStoppedWorker() async throws {
        let directory = try ScratchDirectory()
        try #require(mkfifo(directory.path + "/started", 0o600) == 0)
        let script = "\(FakeWorker.hello); echo $$ >'\(directory.path)/started'; kill -STOP $$"
        let gathering = Task {
            try await FakeWorker.client(script).gather(FakeWorker.plan, deadline: .after(.seconds(60)))
        }
        let pid = try await BlockingPool().run("wait for the worker", deadline: .after(.seconds(60))) {
            try Int32(#require(directory.text("started").split(separator: "\n").first)) ?? 0
        }
        gathering.cancel()
        await #expect(throws: CancellationError.self) { try await gathering.value }
        #expect(BlockingContext.permit { !ProcessTable.isAlive(pid) })
    }

    @Test func killsAChildThatComesAfterTheCut() throws {
        let leash = WorkerLeash()
        leash.cut()
        BlockingContext.permit {
            let error = #expect(throws: GatherError.self) {
                try WarmWorkerConversation.hold(
                    ChildCommand(executable: "/bin/sh", arguments: ["-c", "exec sleep 600"]),
                    request: WorkerRequest(generation: 1, plan: FakeWorker.plan), deadline: .after(.seconds(60)),
                    leash: leash, patience: .seconds(60)
                ) { (command) throws(SystemError) in
                    try ChildSession(command)
                }
            }
            #expect(error != nil)
        }
        #expect(leash.isCut)
    }
}
