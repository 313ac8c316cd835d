import AlulaPrimitives
import AlulaTestSupport
import Synchronization
import Testing

@testable import AlulaSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

struct FileLockTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func tryAcquire() throws -> FileLock? {
        try BlockingContext.permit { try FileLock.tryAcquire(directory("lock"), note: Array("held\n".utf8)) }
    }

    @Test func isHeldByOneAtATime() throws {
        let first = try #require(try tryAcquire())
        #expect(try tryAcquire() == nil)
        #expect(try directory.text("lock") == "held\n")
        first.release()
        first.release()
        let second = try tryAcquire()
        #expect(second != nil)
    }

    @Test func endsWithTheObject() throws {
        do {
            let lock = try tryAcquire()
            #expect(lock != nil)
        }
        let later = try tryAcquire()
        #expect(later != nil)
    }

    #if os(Linux)
    /// A child that is just being started has copies of every descriptor until it becomes its program.
    @Test func aCopyOfTheDescriptorElsewhereHoldsNothingAfterARelease() throws {
        let first = try #require(try tryAcquire())
        let held = try BlockingContext.permit {
            let identity = try FileIdentity.of(directory("lock"))
            return try Directory.list("/proc/self/fd").compactMap { Int32($0.name) }.filter { descriptor in
                // Other tests close theirs meanwhile.
                (try? FileIdentity.of(descriptor: descriptor))?.isSameFile(as: identity) == true
            }
        }
        let copy = dup(try #require(held.first))
        defer { close(copy) }
        first.release()
        #expect(try tryAcquire() != nil)
    }
    #endif

    @Test func waitsUntilTheHolderLetsGo() throws {
        let first = try #require(try tryAcquire())
        let sleeps = Mutex(0)
        let pause = LockPause(
            now: { Timestamp(milliseconds: 0) },
            sleep: { _ in
                let count = sleeps.withLock { count in
                    count += 1
                    return count
                }
                if count == 3 { first.release() }
            }, random: { 0 })
        let second = try BlockingContext.permit {
            try FileLock.acquire(directory("lock"), note: [], deadline: .after(.seconds(60)), pause: pause)
        }
        #expect(sleeps.withLock { $0 } == 3)
        second.release()
    }

    @Test func givesUpAtTheDeadline() throws {
        let first = try #require(try tryAcquire())
        let error = #expect(throws: SystemError.self) {
            try BlockingContext.permit {
                try FileLock.acquire(directory("lock"), note: [], deadline: .after(.zero))
            }
        }
        #expect(error?.code == .lockHeld)
        first.release()
    }

    @Test func refusesALinkAndAnythingThatIsNoFile() throws {
        symlink("elsewhere", directory("lock"))
        #expect(#expect(throws: SystemError.self) { try tryAcquire() }?.code == .linkRefused)
        unlink(directory("lock"))
        mkdir(directory("lock"), 0o700)
        #expect(#expect(throws: SystemError.self) { try tryAcquire() }?.code == .isDirectory)
    }

    @Test func diesWithItsHolder() throws {
        let session = try BlockingContext.permit {
            try ChildSession(
                ChildCommand(
                    executable: "/usr/bin/flock",
                    arguments: ["-o", directory("lock"), "/bin/sh", "-c", "echo locked; exec sleep 600"],
                    environment: ["PATH": "/usr/bin:/bin"]))
        }
        try BlockingContext.permit { _ = try session.read(deadline: .after(.seconds(30))) }
        #expect(try tryAcquire() == nil)
        session.kill()
        BlockingContext.permit { _ = session.terminate() }
        let lock = try tryAcquire()
        #expect(lock != nil)
    }
}
