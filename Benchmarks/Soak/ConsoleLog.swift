import AlulaFaults
import AlulaMeasuring

/// What the gateway prints, which goes through a pipe: so that somebody can stop reading it for a while.
final class ConsoleLog {
    /// What a program that crashes leaves behind.
    private static let marks = ["Fatal error", "*** Program crashed", "*** Signal", "Precondition failed", "Sanitizer"]
    private static let tailBytes = 4000

    private let pipe: FullPipe
    private var tail: [UInt8] = []
    fileprivate(set) var isHeld = false
    /// The first lines that tell of a crash.
    private(set) var crashes: [String] = []

    /// Makes the pipe at `path`.
    init(_ path: String) throws(BenchmarkError) { pipe = try FullPipe(path) }

    /// Reads what there is, unless somebody holds it up.
    func read() {
        guard !isHeld else { return }
        let bytes = pipe.drain()
        guard !bytes.isEmpty else { return }
        tail += bytes
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        where Self.marks.contains(where: { line.contains($0) }) && crashes.count < 3 {
            crashes.append(String(line.prefix(300)))
        }
        if tail.count > 4 * Self.tailBytes { tail.removeFirst(tail.count - Self.tailBytes) }
    }

    /// The last that was printed.
    var last: String {
        String(decoding: tail.suffix(Self.tailBytes), as: UTF8.self).split(separator: "\n").joined(separator: "\n")
    }

    fileprivate func hold() {
        isHeld = true
        pipe.fill()
    }

    fileprivate func letGo() {
        isHeld = false
        read()
    }
}

/// Standard error is a pipe that nobody reads for a while.
final class HeldConsoleFault: Fault {
    let id = "log-held"
    let title = "standard error is a pipe that nobody reads"
    private let console: ConsoleLog

    init(_ console: ConsoleLog) { self.console = console }

    func inject(_ scene: Scene) throws { console.hold() }
    func lift(_ scene: Scene) throws { console.letGo() }
    func end(_ scene: Scene) { console.letGo() }
}
