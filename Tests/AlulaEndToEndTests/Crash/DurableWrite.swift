import AlulaPrimitives
import AlulaSystem
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A write of the product's that must survive whatever ends the program or the machine.
struct DurableWrite: Sendable, CustomTestStringConvertible {
    enum Program: Sendable {
        case alula, driver
        /// The gateway, from its start to an orderly stop once it has told what it can use.
        case gateway
    }

    /// What the product reads of one file or one kind of content, as a text that can be compared.
    typealias Reading = @Sendable (Installation) throws -> String
    /// Changes a file as another program would, and says how to see that the change is still there.
    typealias OutsideEdit = @Sendable (Installation) throws -> (@Sendable (Installation) throws -> Bool)?

    /// What is written, in a few words.
    let name: String
    var program = Program.alula
    /// What is there before.
    var prepare: @Sendable (Installation) throws -> Void = { _ in }
    /// The program's arguments; the installation's state directory stands for `STATE`.
    var arguments: [String] = []
    var input = ""
    /// Arguments of the next write of the same files, which finds what a crash left.
    var next: [String] = []
    var nextInput = ""
    var readings: [String: Reading]
    var outside: OutsideEdit?
    /// How paths begin of files that are not always as many.
    var varying: String?

    var testDescription: String { name }

    /// What is there at one time.
    struct View: Sendable {
        var contents: [String: String]
        /// The paths of all files below the home directory, without what differs by its nature.
        var names: Set<String>
    }

    func view(_ installation: Installation) throws -> View {
        var contents: [String: String] = [:]
        for (part, reading) in readings { contents[part] = try reading(installation) }
        return View(
            contents: contents,
            names: Set(try installation.allNames().filter { name in varying.map { !name.hasPrefix($0) } ?? true }))
    }
}

/// How a watched program ended, and what it did.
struct WatchedRun: Sendable {
    var status: ChildStatus
    var output: String
    var trace: [TracedCall]

    /// How many changes its own process made, how many of them wrote and how many flushed.
    var changes: Int { own.count }
    var writes: Int { own.count { $0.name == .write } }
    var flushes: Int { own.count { $0.name == .flush } }
    private var own: [TracedCall] {
        let first = trace.first?.process
        return trace.filter { $0.process == first && $0.number > 0 }
    }
}

extension Installation {
    /// Runs `write` under the shim.
    func perform(_ write: DurableWrite, _ fault: Fault? = nil) async throws -> WatchedRun {
        try await run(write, write.arguments, write.input, fault, isWatched: true)
    }

    /// The next write of the same files, as every day.
    func performNext(_ write: DurableWrite) async throws -> WatchedRun {
        try await run(write, write.next, write.nextInput, nil, isWatched: false)
    }

    private func run(
        _ write: DurableWrite, _ arguments: [String], _ input: String, _ fault: Fault?, isWatched: Bool
    ) async throws -> WatchedRun {
        let trace = "\(home).trace"
        var environment = variables
        environment["PATH"] = "\(home)/bin:/usr/bin:/bin"
        // The log has a scene of its own.
        environment["ALULA_LOG_DIR"] = "\(home).logs"
        if isWatched {
            environment.merge(try CallShim.variables(directory: home, trace: trace, fault: fault)) { $1 }
        }
        let command = ChildCommand(
            executable: write.program == .driver ? Self.program + "-crash-driver" : Self.program,
            arguments: (write.program == .gateway ? ["gateway", "run", "--port", "0"] : [])
                + arguments.map { $0.replacing("STATE", with: state) },
            environment: environment, workingDirectory: home)
        let (status, output) = try await Self.pool.run("run a write", deadline: .after(.seconds(120))) {
            write.program == .gateway
                ? try self.runGateway(command, savesSnapshot: fault?.isKill ?? true)
                : try Self.runCommand(command, input)
        }
        let text = isWatched ? read(trace) : ""
        unlink(trace)
        removeTree("\(home).logs")
        return WatchedRun(status: status, output: output, trace: try TracedCall.parse(text))
    }

    private static func runCommand(_ command: ChildCommand, _ input: String) throws -> (ChildStatus, String) {
        let outcome = try ChildProcess.run(
            command, input: Array(input.utf8),
            limits: ChildLimits(deadline: .after(.seconds(50)), maximumOutput: .mebibytes(1)))
        return (outcome.status, String(decoding: outcome.output + outcome.errorOutput, as: UTF8.self))
    }

    private func runGateway(_ command: ChildCommand, savesSnapshot: Bool) throws -> (ChildStatus, String) {
        let session = try ChildSession(command)
        let snapshot = read("alula/prepared-auth.json")
        var output = ""
        // It tells what can be used when the first answer is there.
        while !output.contains("More: alula models status") {
            let bytes = try session.read(deadline: .after(.seconds(50)))
            guard !bytes.isEmpty else { break }
            output += String(decoding: bytes, as: UTF8.self)
        }
        // A gateway that stops saves what it has, but it tells about it a moment before it hands it on.
        while savesSnapshot, !session.hasEnded {
            let now = read("alula/prepared-auth.json")
            if now != snapshot, now.contains("groq:") { break }
            sched_yield()
        }
        if !session.hasEnded { kill(session.pid, SIGTERM) }
        let status = try #require(session.waitForEnd(until: .after(.seconds(50))))
        return (status, output)
    }

    /// The paths of all files below the home directory; numbers that differ from run to run are `#`.
    func allNames() throws -> [String] {
        try BlockingContext.permit { try Self.names(below: home) }
            .map { Self.withoutLongNumbers(String($0.dropFirst(home.count + 1))) }
    }

    private static func names(below directory: String) throws -> [String] {
        try Directory.list(directory).flatMap { entry in
            let path = "\(directory)/\(entry.name)"
            return entry.kind == .directory ? try names(below: path) : [path]
        }
    }

    /// Puts `#` in the place of times, process ids and the like: runs of five digits and more.
    static func withoutLongNumbers(_ text: String) -> String {
        var (result, digits) = ("", "")
        func flush() {
            result += digits.count >= 5 ? "#" : digits
            digits = ""
        }
        for character in text {
            if character.isASCII, character.isNumber {
                digits.append(character)
            } else {
                flush()
                result.append(character)
            }
        }
        flush()
        return result
    }
}
