import AlulaMeasuring

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What `/proc` tells about processes.
enum ProcessTree {
    /// How many processes have exactly `argument` among their arguments.
    static func count(withArgument argument: String) -> Int {
        names(in: "/proc").filter { Int32($0) != nil }.count { pid in
            (TextFile.read("/proc/\(pid)/cmdline") ?? "").split(separator: "\0").contains { $0 == argument }
        }
    }

    /// How many file descriptors a process has open; `nil` when that can't be seen.
    static func descriptors(of pid: Int32) -> Int? {
        let names = names(in: "/proc/\(pid)/fd")
        return names.isEmpty ? nil : names.count
    }

    /// The most memory that a process ever had resident, in kB.
    static func peakKilobytes(of pid: Int32) -> Int? {
        (TextFile.read("/proc/\(pid)/status") ?? "").split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
            .flatMap { Int($0.filter(\.isNumber)) }
    }

    private static func names(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
