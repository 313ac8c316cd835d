/// Which watched directory tells about which paths. Pure: the threads around it make the system calls.
struct WatchMap {
    /// One name in one directory, and the paths that its change may have changed.
    private var paths: [String: [String: Set<String>]] = [:]
    private var places: [String: [(directory: String, name: String)]] = [:]

    /// Directories to watch.
    var directories: Set<String> { Set(paths.keys) }

    mutating func add(_ path: String, directory: String, name: String) {
        guard paths[directory, default: [:]][name, default: []].insert(path).inserted else { return }
        places[path, default: []].append((directory, name))
    }

    /// Paths that an event about `name` in `directory` concerns.
    func paths(in directory: String, name: String) -> Set<String> { paths[directory]?[name] ?? [] }

    /// Every path that `directory` tells about.
    func paths(in directory: String) -> Set<String> {
        paths[directory]?.values.reduce(into: []) { $0.formUnion($1) } ?? []
    }

    /// Forgets `gone`, and directories that tell about nothing more.
    mutating func remove(_ gone: Set<String>) {
        for path in gone {
            for place in places.removeValue(forKey: path) ?? [] {
                paths[place.directory]?[place.name]?.remove(path)
                if paths[place.directory]?[place.name]?.isEmpty == true { paths[place.directory]?[place.name] = nil }
                if paths[place.directory]?.isEmpty == true { paths[place.directory] = nil }
            }
        }
    }

    /// The directory part and the last part of an absolute path.
    static func split(_ path: String) -> (directory: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let directory = path[..<slash]
        return (directory.isEmpty ? "/" : String(directory), String(path[path.index(after: slash)...]))
    }
}
