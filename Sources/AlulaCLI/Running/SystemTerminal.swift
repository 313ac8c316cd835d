package import AlulaPrimitives
package import AlulaSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The process's own standard streams.
package struct SystemTerminal: Terminal {
    /// Longest text that is read as a secret, in bytes.
    private static let maximumSecret = 1 << 17
    /// Longest line that is kept whole, in bytes.
    private static let maximumLine = 1 << 14
    /// How long a person may think.
    private static let patience = Duration.seconds(600)

    private let pool: BlockingPool

    package init(pool: BlockingPool) { self.pool = pool }

    package var isOutputInteractive: Bool { isatty(STDOUT_FILENO) == 1 }
    package var isInputInteractive: Bool { isatty(STDIN_FILENO) == 1 }

    package var isOutputGone: Bool {
        // Asks for nothing, so that only what is always told comes back: an error, which is a pipe without a reader.
        var item = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        return poll(&item, 1, 0) == 1 && Int32(item.revents) & (POLLERR | POLLNVAL) != 0
    }

    package func write(_ text: String) { Self.write(text, to: STDOUT_FILENO) }
    package func writeError(_ text: String) { Self.write(text, to: STDERR_FILENO) }

    package func readSecret(prompt: String) async throws -> Secret? {
        let asks = isInputInteractive
        if asks { writeError(prompt) }
        return try await pool.run("wait for a secret", deadline: .after(Self.patience)) {
            asks ? Self.withoutEcho { Self.read(untilLineEnd: true) } : Self.read(untilLineEnd: false)
        }
    }

    package func readAnswer(prompt: String) async throws -> String? {
        writeError(prompt)
        return try await pool.run("wait for an answer", deadline: .after(Self.patience)) {
            Self.read(untilLineEnd: true)?.exposed
        }
    }

    package func readLine(until deadline: Deadline) async throws -> String? {
        let bell = try Bell()
        return try await withTaskCancellationHandler {
            // The thread looks at the deadline itself, and is let go a moment later at the latest.
            try await pool.run("wait for a line", deadline: .after(deadline.remaining + .seconds(5))) {
                Self.readLine(until: deadline, or: bell)
            }
        } onCancel: {
            bell.ring()
        }
    }

    /// Reads byte by byte, so that nothing is taken that belongs to the next line. Blocks the calling thread.
    private static func readLine(until deadline: Deadline, or bell: Bell) -> String? {
        var bytes: [UInt8] = []
        while true {
            var items = [
                pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
                pollfd(fd: bell.heard, events: Int16(POLLIN), revents: 0),
            ]
            let milliseconds = min(deadline.remaining / .milliseconds(1), 3_600_000).rounded(.up)
            let count = poll(&items, 2, Int32(milliseconds))
            if count < 0, errno == EINTR { continue }
            if count == 0, !deadline.hasPassed { continue }
            guard count > 0, items[1].revents == 0 else { return nil }
            var byte: UInt8 = 0
            #if canImport(Glibc)
            let length = Glibc.read(STDIN_FILENO, &byte, 1)
            #else
            let length = Darwin.read(STDIN_FILENO, &byte, 1)
            #endif
            if length < 0, errno == EINTR || errno == EAGAIN { continue }
            guard length == 1 else { return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self) }
            if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
            if bytes.count < maximumLine { bytes.append(byte) }
        }
    }

    /// Blocks until everything is written or nobody takes it any more.
    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { systemWrite(descriptor, $0) }
            if written < 0, errno == EINTR { continue }
            if written < 0, errno == EAGAIN {
                // Somebody made the stream non-blocking; waits until it takes more.
                var waited = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                if poll(&waited, 1, -1) < 0, errno != EINTR { return }
                continue
            }
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }

    private static func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }

    /// Reads standard input to its end, or to the end of a line. Blocks the calling thread.
    ///
    /// - Returns: `nil` when nothing came, or more than any secret is long.
    private static func read(untilLineEnd: Bool) -> Secret? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.count <= maximumSecret {
            #if canImport(Glibc)
            let count = Glibc.read(STDIN_FILENO, &byte, 1)
            #else
            let count = Darwin.read(STDIN_FILENO, &byte, 1)
            #endif
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { break }
            if untilLineEnd, byte == UInt8(ascii: "\n") { break }
            bytes.append(byte)
        }
        guard bytes.count <= maximumSecret else { return nil }
        let secret = Secret(String(decoding: bytes, as: UTF8.self))
        return secret.isBlank ? nil : secret
    }

    /// Runs `body` while the terminal shows nothing of what is typed.
    private static func withoutEcho(_ body: () -> Secret?) -> Secret? {
        var earlier = termios()
        guard tcgetattr(STDIN_FILENO, &earlier) == 0 else { return body() }
        var quiet = earlier
        quiet.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &earlier)
            write("\n", to: STDERR_FILENO)
        }
        return body()
    }
}

/// Wakes a thread that waits for something to read.
private final class Bell: Sendable {
    /// Becomes readable when it rings.
    let heard: Int32
    private let rope: Int32

    /// - Throws: `SystemError` when there are no descriptors left.
    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SystemError(.current, while: "make a pipe") }
        (heard, rope) = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    }

    deinit {
        close(heard)
        close(rope)
    }

    func ring() {
        var byte: UInt8 = 1
        #if canImport(Glibc)
        _ = Glibc.write(rope, &byte, 1)
        #else
        _ = Darwin.write(rope, &byte, 1)
        #endif
    }
}
