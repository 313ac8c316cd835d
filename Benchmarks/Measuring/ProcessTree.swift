#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What `/proc` tells about processes.
package enum ProcessTree {
    /// How many processes have exactly `argument` among their arguments.
    package static func count(withArgument argument: String) -> Int {
        processes.count { arguments(of: $0).contains { $0 == argument } }
    }

    /// How many file descriptors a process has open; `nil` when that can't be seen.
    package static func descriptors(of pid: Int32) -> Int? {
        let names = names(in: "/proc/\(pid)/fd")
        return names.isEmpty ? nil : names.count
    }

    /// What each of its file descriptors stands for: a path, or a kind with the kernel's number, such as `socket:[12]`.
    package static func openFiles(of pid: Int32) -> [Int: String] {
        var files: [Int: String] = [:]
        for name in names(in: "/proc/\(pid)/fd") {
            guard let number = Int(name) else { continue }
            var target = [CChar](repeating: 0, count: 4096)
            let count = readlink("/proc/\(pid)/fd/\(name)", &target, target.count)
            // One that was closed in between is none.
            guard count > 0 else { continue }
            files[number] = String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        return files
    }

    /// The names of its threads.
    package static func threads(of pid: Int32) -> [String] {
        names(in: "/proc/\(pid)/task").compactMap { task in
            TextFile.read("/proc/\(pid)/task/\(task)/comm").map { String($0.prefix { $0 != "\n" }) }
        }
    }

    /// The command lines of the processes that it started and that are there still, also as zombies.
    package static func children(of pid: Int32) -> [String] {
        processes.filter { parent(of: $0) == pid }.map { child in
            let line = arguments(of: child).joined(separator: " ")
            return line.isEmpty ? "process \(child) that has ended" : line
        }
    }

    /// How many directories it watches through inotify.
    package static func watches(of pid: Int32, files: [Int: String]) -> Int {
        files.filter { $0.value == "anon_inode:inotify" }.keys.reduce(0) { sum, number in
            let lines = (TextFile.read("/proc/\(pid)/fdinfo/\(number)") ?? "").split(separator: "\n")
            return sum + lines.count { $0.hasPrefix("inotify ") }
        }
    }

    /// The most memory that a process ever had resident, in kB.
    package static func peakKilobytes(of pid: Int32) -> Int? { kilobytes("VmHWM", of: pid) }

    /// A line of `/proc/PID/status` that counts kB, such as `RssAnon`.
    package static func kilobytes(_ label: String, of pid: Int32) -> Int? {
        (TextFile.read("/proc/\(pid)/status") ?? "").split(separator: "\n").first { $0.hasPrefix("\(label):") }
            .flatMap { Int($0.filter(\.isNumber)) }
    }

    private static var processes: [Int32] { names(in: "/proc").compactMap { Int32($0) } }

    private static func arguments(of pid: Int32) -> [Substring] {
        (TextFile.read("/proc/\(pid)/cmdline") ?? "").split(separator: "\0")
    }

    private static func parent(of pid: Int32) -> Int32? {
        guard let stat = TextFile.read("/proc/\(pid)/stat"), let end = stat.lastIndex(of: ")") else { return nil }
        // After the name come the state and the parent.
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        return fields.count > 1 ? Int32(fields[1]) : nil
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
