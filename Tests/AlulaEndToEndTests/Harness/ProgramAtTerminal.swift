import AlulaPrimitives
import AlulaSystem
import Synchronization
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// `alula` at a terminal of its own, with this test in front of it.
final class ProgramAtTerminal: Sendable {
    /// The settings of a terminal that a program may change.
    struct Settings: Equatable {
        var input: tcflag_t
        var output: tcflag_t
        var local: tcflag_t
        var isEchoing: Bool { local & tcflag_t(ECHO) != 0 }
    }

    enum End: Equatable {
        case exited(Int32)
        case killed(Int32)
        case stopped
    }

    let pid: pid_t
    /// As they were before the program began.
    let before: Settings
    private let person: Int32
    private let seen = Mutex<[UInt8]>([])
    private let hasHungUp = Mutex(false)
    /// Kept open, so that the terminal outlives the program.
    private let other: Int32

    init(_ installation: Installation, _ arguments: [String], columns: UInt16 = 80, rows: UInt16 = 24) throws {
        person = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        // What the C library's functions for this do, which Swift does not see: unlock the other end, and number it.
        var (lock, number): (Int32, Int32) = (0, 0)
        try #require(person >= 0 && ioctl(person, 0x4004_5431, &lock) == 0 && ioctl(person, 0x8004_5430, &number) == 0)
        let name = "/dev/pts/\(number)"
        other = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)
        try #require(other >= 0)
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        try #require(ioctl(person, UInt(TIOCSWINSZ), &size) == 0)
        before = try Self.settings(person)
        // A crash shall be no more than that: no other program comes and looks at it.
        let own = ["TERM": "xterm", "SWIFT_BACKTRACE": "enable=no"]
        let variables = installation.variables.merging(own) { _, new in new }
        pid = try Self.spawn(
            [Installation.program] + arguments, variables.map { "\($0.key)=\($0.value)" }, terminal: name)
    }

    deinit {
        close(other)
        if !hasHungUp.withLock({ $0 }) { close(person) }
    }

    /// In a session of its own the first terminal that is opened becomes the one that signals come from.
    private static func spawn(_ arguments: [String], _ variables: [String], terminal: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        let newSession: Int16 = 0x80
        posix_spawnattr_setflags(&attributes, newSession)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        var argv = arguments.map { strdup($0) } + [nil]
        var envp = variables.map { strdup($0) } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var pid: pid_t = 0
        try #require(posix_spawn(&pid, arguments[0], &actions, &attributes, &argv, &envp) == 0)
        return pid
    }

    private static func settings(_ descriptor: Int32) throws -> Settings {
        var value = termios()
        try #require(tcgetattr(descriptor, &value) == 0)
        return Settings(input: value.c_iflag, output: value.c_oflag, local: value.c_lflag)
    }

    func settings() throws -> Settings { try Self.settings(person) }

    /// Everything that the program has drawn.
    var text: String { seen.withLock { String(decoding: $0, as: UTF8.self) } }

    func type(_ bytes: [UInt8]) { _ = write(person, bytes, bytes.count) }

    func resize(columns: UInt16, rows: UInt16) throws {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        try #require(ioctl(person, UInt(TIOCSWINSZ), &size) == 0)
    }

    /// The person closes the window.
    func hangUp() {
        hasHungUp.withLock { $0 = true }
        close(person)
    }

    /// Returns once what was drawn is as wanted.
    func wait(until isWanted: @escaping @Sendable (String) -> Bool) async throws {
        try await Installation.pool.run("watch a terminal", deadline: .after(.seconds(60))) {
            let deadline = Deadline.after(.seconds(50))
            while !isWanted(self.text) {
                guard !deadline.hasPassed else {
                    throw SystemError(.deadlineExceeded, "Not seen: \(self.text.debugDescription)")
                }
                self.read()
            }
        }
    }

    private func read() {
        var item = pollfd(fd: person, events: Int16(POLLIN), revents: 0)
        guard poll(&item, 1, 100) == 1 else { return }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(person, &buffer, buffer.count)
        if count > 0 { seen.withLock { $0 += buffer[..<count] } }
    }

    /// Waits until the program has ended, or is stopped; what it drew meanwhile is read.
    func end() async throws -> End {
        try await Installation.pool.run("wait for a program", deadline: .after(.seconds(60))) {
            let deadline = Deadline.after(.seconds(50))
            var status: Int32 = 0
            while waitpid(self.pid, &status, WNOHANG | WUNTRACED) == 0 {
                guard !deadline.hasPassed else {
                    kill(self.pid, SIGKILL)
                    throw SystemError(.deadlineExceeded, "It goes on: \(self.text.debugDescription)")
                }
                if !self.hasHungUp.withLock({ $0 }) { self.read() }
            }
            if !self.hasHungUp.withLock({ $0 }) { self.read() }
            if status & 0xFF == 0x7F { return .stopped }
            return status & 0x7F == 0 ? .exited(status >> 8 & 0xFF) : .killed(status & 0x7F)
        }
    }

    /// The frames that were drawn whole, as lines.
    static func frames(_ text: String) -> [[String]] {
        let parts = text.split(separator: "\u{1B}[H").map(String.init)
        // A frame is whole when the next one has begun.
        // The terminal puts one more return before each line end.
        return parts.dropLast().map { $0.split(separator: "\r\r\n", omittingEmptySubsequences: false).map(String.init) }
    }
}
