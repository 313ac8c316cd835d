import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Files that exist beside another one while that is made: `.name.<pid>.<random>.tmp`.
///
/// What a process leaves that is killed meanwhile is told from what somebody still works on by the process, and within
/// this process by a list: in a container the next process may well have the same id.
enum UnfinishedFile {
    private static let own = Mutex<Set<String>>([])

    /// A path for an unfinished file beside `target`, short enough for any file system. Whoever asks ends it.
    static func begin(for target: String) -> String {
        let random = String(UInt64.random(in: .min ... .max), radix: 36)
        let name = "\(prefix(for: target))\(getpid()).\(random).tmp"
        let path = PathText.join(PathText.directory(of: target), name)
        own.withLock { _ = $0.insert(path) }
        return path
    }

    /// Says that the file at `path` has another name now, or none.
    static func end(_ path: String) { own.withLock { _ = $0.remove(path) } }

    /// Removes what processes left beside `target` that were killed. Blocks the calling thread.
    ///
    /// - Returns: How many files went.
    @discardableResult
    static func removeLeftovers(of target: String) throws(SystemError) -> Int {
        let directory = PathText.directory(of: target)
        let prefix = prefix(for: target)
        var removed = 0
        for entry in try Directory.list(directory) where entry.name.hasPrefix(prefix) && entry.name.hasSuffix(".tmp") {
            let parts = entry.name.dropFirst(prefix.count).split(separator: ".", omittingEmptySubsequences: false)
            let path = PathText.join(directory, entry.name)
            guard parts.count == 3, let writer = parts.first.flatMap({ Int32($0) }), !isInUse(path, by: writer),
                unlink(path) == 0
            else { continue }
            removed += 1
        }
        return removed
    }

    private static func isInUse(_ path: String, by writer: Int32) -> Bool {
        writer == getpid() ? own.withLock { $0.contains(path) } : ProcessTable.isAlive(writer)
    }

    private static func prefix(for target: String) -> String {
        ".\(String(decoding: PathText.name(of: target).utf8.prefix(180), as: UTF8.self))."
    }
}
