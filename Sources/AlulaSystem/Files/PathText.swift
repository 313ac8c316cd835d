#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Paths as text: what can be said about them without touching the disk, and why the disk refused one.
package enum PathText {
    /// Throws for a path that the C library would cut short or take for something else.
    static func check(_ path: String) throws(SystemError) {
        guard !path.isEmpty else { throw SystemError(.invalidPath, "The path is empty.") }
        guard !path.utf8.contains(0) else { throw SystemError(.invalidPath, "The path contains a NUL character.") }
    }

    /// The directory part: `/a/b` → `/a`, `/a` → `/`, `a` → `.`.
    package static func directory(of path: String) -> String {
        let trimmed = withoutTrailingSlashes(path)
        guard let slash = trimmed.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == trimmed.startIndex ? "/" : withoutTrailingSlashes(String(trimmed[..<slash]))
    }

    /// The last component: `/a/b` → `b`, `/` → `/`.
    package static func name(of path: String) -> String {
        let trimmed = withoutTrailingSlashes(path)
        guard trimmed != "/", let slash = trimmed.utf8.lastIndex(of: UInt8(ascii: "/")) else { return trimmed }
        return String(trimmed[trimmed.utf8.index(after: slash)...])
    }

    /// `path` below `directory`; an absolute `path` stands alone.
    package static func join(_ directory: String, _ path: String) -> String {
        if path.hasPrefix("/") || directory.isEmpty { return path }
        return directory.hasSuffix("/") ? directory + path : "\(directory)/\(path)"
    }

    /// `path` made absolute against `directory`, without `.`, `..` and doubled slashes. Links are not looked at.
    package static func normalised(_ path: String, in directory: String) -> String {
        var parts: [Substring] = []
        for part in join(directory, path).split(separator: "/") {
            switch part {
            case ".": continue
            case "..": _ = parts.popLast()
            default: parts.append(part)
            }
        }
        return "/" + parts.joined(separator: "/")
    }

    private static func withoutTrailingSlashes(_ path: String) -> String {
        let slash = UInt8(ascii: "/")
        guard let last = path.utf8.lastIndex(where: { $0 != slash }) else { return path.isEmpty ? "" : "/" }
        return String(path[...last])
    }

    /// The error of a call on `path`; a link that leads nowhere is told from a file that isn't there.
    static func failure(_ number: ErrorNumber, path: String, while action: String) -> SystemError {
        var found = stat()
        if number.rawValue == ENOENT, lstat(path, &found) == 0, found.st_mode & S_IFMT == S_IFLNK {
            return SystemError(
                .danglingLink, "Could not \(action): its symbolic link leads to nothing.", underlying: number)
        }
        return SystemError(number, while: action)
    }
}
