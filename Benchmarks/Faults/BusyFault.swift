import AlulaFleet
import AlulaMeasuring

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A program in an endless loop for each processor.
package final class BusyFault: Fault {
    package let id = "busy"
    package let title = "a busy loop on each processor"

    private var loops: [ChildProgram] = []

    package init() {}

    package func inject(_ scene: Scene) throws {
        for _ in 0..<max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN))) {
            loops.append(
                try ChildProgram(
                    path: "/bin/sh", arguments: ["-c", "while :; do :; done"], environment: [:], output: "/dev/null"))
        }
    }

    package func lift(_ scene: Scene) throws { end(scene) }

    package func end(_ scene: Scene) {
        for loop in loops { _ = loop.stop(graceMilliseconds: 1000) }
        loops = []
    }
}
