import AlulaPrimitives
import AlulaSystem
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Counts what happens to the files of one directory.
final class DirectoryChanges: Sendable {
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        try #require(descriptor >= 0)
        let kinds =
            IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_MODIFY | IN_ATTRIB | IN_CLOSE_WRITE
        try #require(inotify_add_watch(descriptor, path, UInt32(kinds)) >= 0)
    }

    deinit { close(descriptor) }

    /// How many changes there were since the last time.
    func countSoFar() -> Int {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let length = read(descriptor, &buffer, buffer.count)
        var (offset, count) = (0, 0)
        while offset < length {
            let nameLength = buffer.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self) }
            offset += 16 + Int(nameLength)
            count += 1
        }
        return count
    }

    /// Waits for `count` changes, or until `isOver`. Blocks the calling thread.
    func wait(for count: Int, unless isOver: () -> Bool) {
        var seen = 0
        while seen < count, !isOver() {
            var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            poll(&watched, 1, 5)
            seen += countSoFar()
        }
    }
}

extension Installation {
    /// Runs `alula`, and kills it after the directory has changed so many times and a while that `pause` measures.
    func kill(_ arguments: [String], after instant: Int, of changes: DirectoryChanges, pause: Int) async throws {
        let command = ChildCommand(
            executable: Self.program, arguments: arguments, environment: variables, workingDirectory: home)
        try await Self.pool.run("kill alula", deadline: .after(.seconds(60))) {
            let session = try ChildSession(command)
            changes.wait(for: instant) { session.hasEnded }
            for _ in 0..<pause { _ = getppid() }
            session.kill()
            _ = session.waitForEnd(until: .after(.seconds(30)))
        }
    }

    /// Runs a line of shell.
    func shell(_ line: String) async throws -> CommandResult {
        try await run(
            ChildCommand(
                executable: "/bin/sh", arguments: ["-c", line], environment: variables, workingDirectory: home),
            input: "")
    }

    /// The names in the state directory, sorted.
    func names(in directory: String? = nil) -> [String] {
        do {
            return try BlockingContext.permit { try Directory.list(directory ?? state).map(\.name) }
        } catch {
            Issue.record(error)
            return []
        }
    }

    /// The rights of a file in the state directory.
    func mode(_ name: String) -> UInt32? {
        do {
            return try BlockingContext.permit { try FileIdentity.of("\(state)/\(name)").mode }
        } catch {
            Issue.record(error)
            return nil
        }
    }
}
