import AlulaFleet
import AlulaJSON
import AlulaMeasuring

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Standard error is a pipe that is full and that nobody reads, also when the gateway ends.
final class BlockedConsoleFault: Fault {
    let id = "log-console"
    let title = "standard error is a pipe that nobody reads"

    private var pipe: FullPipe?

    func prepare(_ scene: Scene) throws {
        pipe = try FullPipe(scene.file("console"))
        scene.output = (scene.file("console"), false)
        scene.logging["consoleLevel"] = "trace"
        scene.logging["level"] = "trace"
    }

    func inject(_ scene: Scene) throws { pipe?.fill() }
    func end(_ scene: Scene) { pipe = nil }
}

/// The log file is a FIFO that is full and that nobody reads.
final class LogFIFOFault: Fault {
    let id = "log-fifo"
    let title = "the log file is a FIFO that nobody reads"

    private var pipe: FullPipe?

    func prepare(_ scene: Scene) throws {
        try TextFile.makeDirectory(scene.file("log"))
        pipe = try FullPipe(scene.file("log/gateway.log"))
        scene.logging["level"] = "trace"
    }

    func inject(_ scene: Scene) throws { pipe?.fill() }
    func end(_ scene: Scene) { pipe = nil }
}

/// The disk with the log answers nothing at all.
final class LogHungFault: Fault {
    let id = "log-hung"
    let title = "the log's disk hung (FUSE)"

    func prepare(_ scene: Scene) throws {
        try TextFile.makeDirectory(scene.file("log"))
        try scene.mounts.addSlow(scene.file("log"), control: control(scene))
        scene.logging["level"] = "trace"
    }

    func inject(_ scene: Scene) throws { try TextFile.write("", to: control(scene) + ".hang") }
    // The kernel lets no process end that waits for such a disk, so it has to come back before the gateway is stopped.
    func lift(_ scene: Scene) throws { scene.remove(control(scene) + ".hang") }
    func end(_ scene: Scene) { scene.remove(control(scene) + ".hang") }

    private func control(_ scene: Scene) -> String { scene.file("disk-log") }
}

/// A FIFO that this process holds open and never reads.
private final class FullPipe {
    private let descriptor: Int32

    init(_ path: String) throws(BenchmarkError) {
        guard mkfifo(path, 0o600) == 0 else {
            throw BenchmarkError(.systemCall, "\(path) can't be made (errno \(errno)).")
        }
        descriptor = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw BenchmarkError(.systemCall, "\(path) can't be opened (errno \(errno)).")
        }
    }

    deinit { close(descriptor) }

    /// Takes the last room.
    func fill() {
        let piece = [UInt8](repeating: 0x23, count: 4096)
        while write(descriptor, piece, piece.count) > 0 {}
    }
}
