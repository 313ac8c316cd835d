import AlulaPrimitives
import AlulaSystem
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A home and a state directory of their own, and the built program to use on them.
final class Installation: Sendable {
    let home: String
    let state: String
    /// What every process of this installation gets and nothing else.
    let variables: [String: String]

    init(variables extra: [String: String] = [:]) throws {
        var template = Array("/tmp/alula-e2e-XXXXXX".utf8CString)
        home = try #require(mkdtemp(&template).map { String(cString: $0) })
        state = "\(home)/.openclaw"
        mkdir(state, 0o700)
        variables = [
            "HOME": home, "PATH": "/usr/bin:/bin", "TMPDIR": home, "NO_COLOR": "1", "ALULA_LOG_DIR": "\(home)/logs",
        ].merging(extra) { _, new in new }
    }

    deinit { remove() }

    /// The program that the package builds, beside the tests, or in the directory that `ALULA_PROGRAMS` names.
    static let program: String = {
        if let directory = getenv("ALULA_PROGRAMS") { return String(cString: directory) + "/alula" }
        var buffer = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let own = length > 0 ? String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self) : ""
        let named = CommandLine.arguments.first.map { path in
            path.hasPrefix("/") ? path : "\(String(cString: getcwd(nil, 0)))/\(path)"
        }
        for candidate in [own, named ?? ""] {
            guard let slash = candidate.lastIndex(of: "/") else { continue }
            let program = candidate[...slash] + "alula"
            if access(String(program), X_OK) == 0 { return String(program) }
        }
        return "alula"
    }()

    /// Writes a file under the state directory, whole and by a rename, as editors do.
    func write(_ path: String, _ text: String, mode: mode_t = 0o600) throws {
        let full = path.hasPrefix("/") ? path : "\(state)/\(path)"
        makeDirectories(for: full)
        let temporary = "\(full).tmp"
        let file = try #require(fopen(temporary, "w"))
        fputs(text, file)
        fclose(file)
        chmod(temporary, mode)
        #expect(rename(temporary, full) == 0)
    }

    func read(_ path: String) -> String {
        guard let file = fopen(path.hasPrefix("/") ? path : "\(state)/\(path)", "r") else { return "" }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func makeDirectories(for path: String) {
        var directory = ""
        for part in path.split(separator: "/").dropLast() {
            directory += "/" + part
            mkdir(directory, 0o700)
        }
    }

    private func remove() { removeTree(home) }

    func removeTree(_ path: String) {
        BlockingContext.permit {
            let command = ChildCommand(executable: "/bin/rm", arguments: ["-rf", path])
            do { _ = try ChildProcess.run(command, limits: ChildLimits(deadline: .after(.seconds(20)))) } catch {}
        }
    }
}

/// What a command printed and how it ended.
struct CommandResult: Sendable {
    var status: Int32
    var output: String
    var errors: String
}

extension Installation {
    static let pool = BlockingPool()

    /// Runs `alula` with `arguments` and waits for its end.
    func alula(_ arguments: String..., input: String = "") async throws -> CommandResult {
        try await alulaList(arguments, input: input)
    }

    /// As ``alula(_:input:)``, with the arguments as a list.
    func alulaList(_ arguments: [String], input: String = "") async throws -> CommandResult {
        try await run(
            ChildCommand(
                executable: Self.program, arguments: arguments, environment: variables, workingDirectory: home),
            input: input)
    }

    /// Runs a program and waits for its end.
    func run(_ command: ChildCommand, input: String) async throws -> CommandResult {
        try await Self.pool.run("run alula", deadline: .after(.seconds(60))) {
            let outcome = try ChildProcess.run(
                command, input: Array(input.utf8),
                limits: ChildLimits(deadline: .after(.seconds(50)), maximumOutput: .mebibytes(16)))
            let status: Int32 = if case .exited(let code) = outcome.status { code } else { -1 }
            return CommandResult(
                status: status, output: String(decoding: outcome.output, as: UTF8.self),
                errors: String(decoding: outcome.errorOutput, as: UTF8.self))
        }
    }

    /// Starts the gateway and returns once it listens.
    ///
    /// - Parameter more: Variables beside the installation's.
    func startGateway(_ arguments: String..., more: [String: String] = [:]) async throws -> GatewayUnderTest {
        let port = try Self.freePort()
        let log = "\(home)/gateway.log"
        // The shell sends standard error to a file and then is the gateway.
        let line = ([Self.program, "gateway", "run", "--port", "\(port)"] + arguments)
            .map { "'\($0)'" }.joined(separator: " ")
        let command = ChildCommand(
            executable: "/bin/sh", arguments: ["-c", "exec \(line) 2>>'\(log)'"],
            environment: variables.merging(more) { $1 },
            workingDirectory: home)
        return try await Self.pool.run("start the gateway", deadline: .after(.seconds(40))) {
            let session = try ChildSession(command)
            var output = ""
            let deadline = Deadline.after(.seconds(30))
            while !output.contains("listens on") {
                let bytes = try session.read(deadline: deadline)
                guard !bytes.isEmpty else {
                    throw SystemError(.childEnded, "The gateway ended: \(output) \(self.read(log))")
                }
                output += String(decoding: bytes, as: UTF8.self)
            }
            return GatewayUnderTest(session: session, port: port, installation: self, log: log)
        }
    }

    /// A port that was free a moment ago.
    private static func freePort() throws -> Int {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(bigEndian: 0x7F00_0001)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(socket, address, length) == 0 && getsockname(socket, address, &length) == 0
            }
        }
        try #require(bound)
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
