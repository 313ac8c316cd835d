import AlulaFleet
import AlulaJSON
import AlulaMeasuring

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Standard error is a pipe that is full and that nobody reads, also when the gateway ends.
package final class BlockedConsoleFault: Fault {
    package let id = "log-console"
    package let title = "standard error is a pipe that nobody reads"

    private var pipe: FullPipe?

    package init() {}

    package func prepare(_ scene: Scene) throws {
        pipe = try FullPipe(scene.file("console"))
        scene.output = (scene.file("console"), false)
        scene.logging["consoleLevel"] = "trace"
        scene.logging["level"] = "trace"
    }

    package func inject(_ scene: Scene) throws { pipe?.fill() }
    package func end(_ scene: Scene) { pipe = nil }
}

/// The log file is a FIFO that is full and that nobody reads.
package final class LogFIFOFault: Fault {
    package let id = "log-fifo"
    package let title = "the log file is a FIFO that nobody reads"

    private var pipe: FullPipe?

    package init() {}

    package func prepare(_ scene: Scene) throws {
        try TextFile.makeDirectory(scene.file("log"))
        pipe = try FullPipe(scene.file("log/gateway.log"))
        scene.logging["level"] = "trace"
    }

    package func inject(_ scene: Scene) throws { pipe?.fill() }
    package func end(_ scene: Scene) { pipe = nil }
}

/// The disk with the log answers nothing at all.
package final class LogHungFault: Fault {
    package let id = "log-hung"
    package let title = "the log's disk hung (FUSE)"

    package init() {}

    package func prepare(_ scene: Scene) throws {
        try TextFile.makeDirectory(scene.file("log"))
        try scene.mounts.addSlow(scene.file("log"), control: control(scene))
        scene.logging["level"] = "trace"
    }

    package func inject(_ scene: Scene) throws { try TextFile.write("", to: control(scene) + ".hang") }
    // The kernel lets no process end that waits for such a disk, so it has to come back before the gateway is stopped.
    package func lift(_ scene: Scene) throws { scene.remove(control(scene) + ".hang") }
    package func end(_ scene: Scene) { scene.remove(control(scene) + ".hang") }

    private func control(_ scene: Scene) -> String { scene.file("disk-log") }
}
