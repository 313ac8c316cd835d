import AlulaSystem

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What this process takes from the machine at one moment, as the system's own files tell it.
struct ProcessUsage: Hashable, Sendable {
    var residentBytes: Int?
    var virtualBytes: Int?
    var openFiles: Int?

    /// Looks now; what the system does not tell is `nil`. Blocks the calling thread.
    static func read() -> ProcessUsage {
        var usage = ProcessUsage()
        if let text = firstLine(of: "/proc/self/statm") {
            (usage.virtualBytes, usage.residentBytes) = memory(statm: text, pageBytes: Int(getpagesize()))
        }
        // The listing itself has one open.
        usage.openFiles = count(of: "/proc/self/fd").map { max($0 - 1, 0) }
        return usage
    }

    /// The first two figures of the line, which count pages.
    static func memory(statm text: String, pageBytes: Int) -> (virtual: Int?, resident: Int?) {
        let pages = text.split(separator: " ").prefix(2).map { Int($0) }
        guard pages.count == 2, let virtual = pages[0], let resident = pages[1] else { return (nil, nil) }
        return (virtual * pageBytes, resident * pageBytes)
    }

    /// Processor time of the whole process, user and system. It waits for nothing.
    static var processorTime: Duration {
        var usage = rusage()
        #if canImport(Glibc)
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        #else
        getrusage(RUSAGE_SELF, &usage)
        #endif
        func duration(_ time: timeval) -> Duration {
            .seconds(Int64(time.tv_sec)) + .microseconds(Int64(time.tv_usec))
        }
        return duration(usage.ru_utime) + duration(usage.ru_stime)
    }

    private static func firstLine(of path: String) -> String? {
        BlockingContext.assertAllowed()
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = fread(&buffer, 1, buffer.count, file)
        return count > 0 ? String(decoding: buffer[..<count].prefix { $0 != 0x0A }, as: UTF8.self) : nil
    }

    /// Entries of a directory, without the two that each has.
    private static func count(of path: String) -> Int? {
        BlockingContext.assertAllowed()
        guard let directory = opendir(path) else { return nil }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        return max(count - 2, 0)
    }
}
