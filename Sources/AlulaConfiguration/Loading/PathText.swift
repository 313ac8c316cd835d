/// Paths as text: no file system is asked.
enum PathText {
    /// Everything before the last slash; the root stays the root.
    static func directory(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        let directory = path[..<slash]
        return directory.isEmpty ? "/" : String(directory)
    }

    /// `path` seen from `directory`, without `.`, `..` and doubled slashes.
    static func resolve(_ path: String, in directory: String) -> String {
        let full = path.hasPrefix("/") ? path : directory + "/" + path
        var parts: [Substring] = []
        for part in full.split(separator: "/") where part != "." {
            if part == ".." {
                if parts.isEmpty || parts.last == ".." {
                    if !full.hasPrefix("/") { parts.append(part) }
                } else {
                    parts.removeLast()
                }
            } else {
                parts.append(part)
            }
        }
        return (full.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    }

    /// Whether `path` lies in `directory`, at any depth. Both must be resolved.
    static func isWithin(_ path: String, directory: String) -> Bool {
        path.hasPrefix(directory.hasSuffix("/") ? directory : directory + "/")
    }
}
