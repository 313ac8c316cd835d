import AlulaPrimitives
import Testing

@testable import AlulaSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

struct ChildSessionTests {
    private func session(_ script: String) throws -> ChildSession {
        try BlockingContext.permit {
            try ChildSession(
                ChildCommand(executable: "/bin/sh", arguments: ["-c", script], environment: ["PATH": "/usr/bin:/bin"]))
        }
    }

    @Test func carriesQuestionsAndAnswers() throws {
        let session = try session("while read line; do echo \"got $line\"; done; echo bye; exit 5")
        try BlockingContext.permit {
            for word in ["one", "two"] {
                try session.write(Array("\(word)\n".utf8), deadline: .after(.seconds(30)))
                let answer = try session.read(deadline: .after(.seconds(30)))
                #expect(String(decoding: answer, as: UTF8.self) == "got \(word)\n")
            }
            session.closeInput()
            #expect(try session.read(deadline: .after(.seconds(30))) == Array("bye\n".utf8))
            #expect(try session.read(deadline: .after(.seconds(30))).isEmpty)
            #expect(session.waitForEnd(until: .after(.seconds(30))) == .exited(5))
            #expect(session.terminate() == .exited(5))
        }
    }

    @Test func stopsWaitingForAnAnswerAtTheDeadline() throws {
        let session = try session("sleep 600")
        BlockingContext.permit {
            let error = #expect(throws: SystemError.self) { try session.read(deadline: .after(.milliseconds(30))) }
            #expect(error?.code == .deadlineExceeded)
            let flood = #expect(throws: SystemError.self) {
                try session.write([UInt8](repeating: 0, count: 1 << 20), deadline: .after(.milliseconds(30)))
            }
            #expect(flood?.code == .deadlineExceeded)
            #expect(session.terminate() == .signalled(SIGTERM))
        }
    }

    @Test func killsWhatIgnoresTheRequestToEnd() throws {
        let session = try session("trap '' TERM; echo ready; while :; do sleep 0.01; done")
        try BlockingContext.permit {
            _ = try session.read(deadline: .after(.seconds(30)))
            #expect(session.terminate(grace: .milliseconds(50)) == .signalled(SIGKILL))
            #expect(!ProcessTable.isAlive(session.pid))
        }
    }

    @Test func tellsThatTheChildHasEnded() throws {
        let session = try session("exit 0")
        BlockingContext.permit {
            #expect(session.waitForEnd(until: .after(.seconds(30))) == .exited(0))
            let error = #expect(throws: SystemError.self) {
                try session.write(Array("x".utf8), deadline: .after(.seconds(30)))
            }
            #expect(error?.code == .childEnded)
        }
    }

    @Test func endsTheChildWithTheObject() async throws {
        let pid = try session("sleep 600").pid
        #expect(await eventually { BlockingContext.permit { !ProcessTable.isAlive(pid) } })
    }

    @Test func canBeKilledFromAnotherThreadWhileItIsRead() async throws {
        let session = try session("sleep 600")
        async let answer = BlockingPool().run("read", deadline: .after(.seconds(30))) {
            try session.read(deadline: .after(.seconds(30)))
        }
        session.kill()
        #expect(try await answer.isEmpty)
        #expect(BlockingContext.permit { session.terminate() } == .signalled(SIGKILL))
    }
}
