import AlulaMeasuring

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// File systems that faults need. They live in this process's private mount namespace.
package final class Mounts {
    private let tools: FaultTools
    private let log: String
    private var mounted: [(path: String, daemon: ChildProgram?)] = []

    package init(tools: FaultTools, log: String) {
        self.tools = tools
        self.log = log
    }

    deinit { removeAll() }

    /// Whether a file system in user space can be had here.
    package var allowsFUSE: Bool {
        tools.allowsMounts && tools.allowsFUSE && access("\(tools.saboteurs)/slowfs", X_OK) == 0
            && access("/dev/fuse", R_OK | W_OK) == 0
    }

    /// Puts a small file system in memory over `path`; what lay there is hidden.
    package func addMemory(_ path: String, megabytes: Int) throws {
        guard tools.allowsMounts else {
            throw BenchmarkError(.notPossibleHere, "No file system can be mounted here.")
        }
        try TextFile.makeDirectory(path)
        try run("/bin/mount", ["-t", "tmpfs", "-o", "size=\(megabytes)m,mode=700", "chaos", path])
        mounted.append((path, nil))
    }

    /// Shows the directory at `path` through a file system whose reads take long while `control.slow` exists, and which
    /// hangs while `control.hang` exists.
    package func addSlow(_ path: String, readMilliseconds: Int = 200, control: String) throws {
        guard allowsFUSE else {
            throw BenchmarkError(.notPossibleHere, "There is no file system in user space here.")
        }
        let behind = path + ".behind"
        guard rename(path, behind) == 0 else {
            throw BenchmarkError(.systemCall, "\(path) can't be moved (errno \(errno)).")
        }
        try TextFile.makeDirectory(path)
        let daemon = try ChildProgram(
            path: "\(tools.saboteurs)/slowfs", arguments: [behind, path, "\(readMilliseconds)", control],
            environment: ["PATH": "/usr/bin:/bin"], output: log)
        mounted.append((path, daemon))
        let deadline = MonotonicTime.now.advanced(byMilliseconds: 5000)
        while !isMounted(path) {
            guard daemon.isRunning, MonotonicTime.now < deadline else {
                throw BenchmarkError(.cannotStart, "No slow file system: \(TextFile.read(log) ?? "")")
            }
            MonotonicTime.sleep(milliseconds: 5)
        }
    }

    /// Takes everything away, the last first.
    package func removeAll() {
        for (path, daemon) in mounted.reversed() {
            daemon?.closeInput()
            _ = daemon?.waitForExit(deadline: .now.advanced(byMilliseconds: 2000))
            if isMounted(path) {
                do { try run("/bin/umount", ["-l", path]) } catch { print("\(error)") }
            }
            _ = daemon?.stop(graceMilliseconds: 500)
        }
        mounted = []
    }

    private func isMounted(_ path: String) -> Bool {
        (TextFile.read("/proc/self/mounts") ?? "").split(separator: "\n").contains {
            $0.split(separator: " ").dropFirst().first.map(String.init) == path
        }
    }

    private func run(_ program: String, _ arguments: [String]) throws {
        let child = try ChildProgram(
            path: program, arguments: arguments, environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"], output: log)
        guard child.waitForExit(deadline: .now.advanced(byMilliseconds: 5000)), child.succeeded else {
            throw BenchmarkError(
                .systemCall, "\(program) \(arguments.joined(separator: " ")): \(TextFile.read(log)?.suffix(300) ?? "")")
        }
    }
}
