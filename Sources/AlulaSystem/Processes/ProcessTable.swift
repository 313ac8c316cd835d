import AlulaPrimitives

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What the system knows about other processes.
package enum ProcessTable {
    /// Whether a process with this id runs; one that has ended and was not collected yet does not. Blocks the calling
    /// thread.
    package static func isAlive(_ pid: Int32) -> Bool {
        BlockingContext.assertAllowed()
        guard pid > 0, kill(pid, 0) == 0 || errno == EPERM else { return false }
        // Where the process table can't be read, the signal's answer stands.
        guard let state = statistics(pid)?.first else { return true }
        return state != "Z" && state != "X"
    }

    /// When the process started, in clock ticks since the machine did; `nil` when it doesn't run or the system doesn't
    /// say. Together with the id it names one process for good. Blocks the calling thread.
    package static func startTime(_ pid: Int32) -> UInt64? {
        BlockingContext.assertAllowed()
        // Field 22 of `proc(5)`'s stat; the list begins with field 3.
        guard let fields = statistics(pid), fields.count > 19 else { return nil }
        return UInt64(fields[19])
    }

    /// The process's program and arguments; empty for kernel threads and where they can't be read. Blocks the calling
    /// thread.
    package static func commandLine(_ pid: Int32) -> [String] {
        BlockingContext.assertAllowed()
        return contents(pid, "cmdline").split(separator: 0, omittingEmptySubsequences: false)
            .dropLast().map { String(decoding: $0, as: UTF8.self) }
    }

    /// The fields after the program's name, which may itself hold blanks and brackets.
    private static func statistics(_ pid: Int32) -> [Substring]? {
        let text = String(decoding: contents(pid, "stat"), as: UTF8.self)
        guard let bracket = text.lastIndex(of: ")") else { return nil }
        return text[text.index(after: bracket)...].split(separator: " ")
    }

    private static func contents(_ pid: Int32, _ name: String) -> [UInt8] {
        do throws(SystemError) {
            return try FileReader.read("/proc/\(pid)/\(name)", maximum: .mebibytes(2)).bytes
        } catch {
            // The process has ended, belongs to somebody else, or there is no such file system: nothing is known.
            return []
        }
    }
}
