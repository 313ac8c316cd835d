#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What a process has used, as the kernel counts it.
package struct ProcessUsage: Hashable, Sendable {
    /// Processor time of the process itself.
    package let processorMilliseconds: Double
    /// Processor time of its children that have ended, in steps of the kernel's tick (10 ms as a rule).
    package let childrenMilliseconds: Double
    /// Resident memory, with the pages of the program file.
    package let residentKilobytes: Int
    /// Resident memory that belongs to this process alone.
    package let privateKilobytes: Int

    /// Reads `/proc`; `nil` where there is none.
    package init?(of pid: Int32) {
        guard let stat = TextFile.read("/proc/\(pid)/stat"), let close = stat.lastIndex(of: ")"),
            let status = TextFile.read("/proc/\(pid)/status")
        else { return nil }
        // After the name: state is field 3; utime, stime, cutime and cstime are fields 14 to 17.
        let fields = stat[stat.index(after: close)...].split(separator: " ")
        guard fields.count > 14, let user = Double(fields[11]), let system = Double(fields[12]),
            let childUser = Double(fields[13]), let childSystem = Double(fields[14])
        else { return nil }
        let tickMilliseconds = 1000 / Double(sysconf(Int32(_SC_CLK_TCK)))
        childrenMilliseconds = (childUser + childSystem) * tickMilliseconds
        processorMilliseconds = Self.processorClock(of: pid) ?? (user + system) * tickMilliseconds
        residentKilobytes = Self.kilobytes(after: "VmRSS:", in: status) ?? 0
        let pages = TextFile.read("/proc/\(pid)/smaps_rollup") ?? ""
        privateKilobytes =
            (Self.kilobytes(after: "Private_Clean:", in: pages) ?? 0)
            + (Self.kilobytes(after: "Private_Dirty:", in: pages) ?? 0)
    }

    /// The process's own processor clock, which counts nanoseconds where `/proc` counts ticks.
    private static func processorClock(of pid: Int32) -> Double? {
        #if canImport(Glibc)
        var clock = clockid_t()
        var time = timespec()
        guard clock_getcpuclockid(pid, &clock) == 0, clock_gettime(clock, &time) == 0 else { return nil }
        return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) / 1e6
        #else
        return nil
        #endif
    }

    private static func kilobytes(after label: String, in text: String) -> Int? {
        for line in text.split(separator: "\n") where line.hasPrefix(label) {
            return Int(line.dropFirst(label.count).filter { $0.isNumber })
        }
        return nil
    }
}
