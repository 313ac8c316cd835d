import AlulaSystem
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What a program does that runs under the shim: which files it changes, whom it connects to, what it starts, and a copy of
/// everything that leaves it. Its disk can be made to hang.
final class Watch: Sendable {
    private let base: String
    private let directory: String
    private let hangingPrefix: String?

    /// - Parameter hanging: How the paths begin of the files that ``hang()`` is about; nothing else hangs.
    init(_ installation: Installation, hanging prefix: String? = nil) {
        base = installation.home
        directory = installation.home
        hangingPrefix = prefix
    }

    deinit {
        release()
        for ending in ["trace", "tap", "hang"] { unlink("\(base).\(ending)") }
    }

    /// What the program has to be started with.
    func variables() throws -> [String: String] {
        var variables = try CallShim.variables(directory: directory, trace: "\(base).trace", fault: nil)
        variables["ALULA_SHIM_TAP"] = "\(base).tap"
        if let hangingPrefix { variables["ALULA_SHIM_HANG"] = "\(hangingPrefix):\(base).hang" }
        return variables
    }

    func trace() throws -> [TracedCall] {
        let text = Self.read("\(base).trace")
        // The last line may be in the making.
        guard let end = text.lastIndex(of: "\n") else { return [] }
        return try TracedCall.parse(String(text[...end]))
    }

    /// Everything that was written, sent or given to a child.
    var tapped: String { Self.read("\(base).tap") }

    // MARK: A disk that does not answer

    /// From now on every look at the files waits, until ``release()``.
    func hang() { #expect(mkfifo("\(base).hang", 0o600) == 0) }

    /// Lets everybody go on who waits, and who comes.
    func release() {
        // Nobody waits if it can't be opened.
        let gate = open("\(base).hang", O_WRONLY | O_NONBLOCK)
        unlink("\(base).hang")
        if gate >= 0 { close(gate) }
    }

    /// Returns when a program waits for the disk, with that call.
    func waitUntilSomebodyHangs() async throws -> TracedCall {
        while true {
            if let call = try trace().last(where: { $0.name == .hang }) { return call }
            await Task.yield()
        }
    }

    private static func read(_ path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }
}
