/// Which names in which directories tell about which watched paths. Pure: the threads around it make the system calls.
struct WatchMap {
    /// A name in a directory, as it was spelled on the way to a path.
    struct Place: Hashable {
        let directory: String
        let name: String

        /// The path that the two make.
        var path: String { directory == "/" ? "/\(name)" : "\(directory)/\(name)" }
    }

    private var paths: [String: [String: Set<String>]] = [:]
    private var places: [String: [Place]] = [:]

    /// Directories that tell about something.
    var directories: Set<String> { Set(paths.keys) }

    /// Says where `path` is told about, instead of what was said before.
    ///
    /// - Returns: Whether that is something else now.
    @discardableResult
    mutating func set(_ path: String, to places: [Place]) -> Bool {
        guard self.places[path] ?? [] != places else { return false }
        remove([path])
        guard !places.isEmpty else { return true }
        self.places[path] = places
        for place in places { paths[place.directory, default: [:]][place.name, default: []].insert(path) }
        return true
    }

    /// Paths that an event about `place` concerns.
    func paths(at place: Place) -> Set<String> { paths[place.directory]?[place.name] ?? [] }

    /// Every path that `directory` tells about.
    func paths(in directory: String) -> Set<String> {
        paths[directory]?.values.reduce(into: []) { $0.formUnion($1) } ?? []
    }

    /// Forgets `gone`, and directories that tell about nothing more.
    mutating func remove(_ gone: some Sequence<String>) {
        for path in gone {
            for place in places.removeValue(forKey: path) ?? [] {
                paths[place.directory]?[place.name]?.remove(path)
                if paths[place.directory]?[place.name]?.isEmpty == true { paths[place.directory]?[place.name] = nil }
                if paths[place.directory]?.isEmpty == true { paths[place.directory] = nil }
            }
        }
    }

    /// The directory part and the last part of an absolute path.
    static func split(_ path: String) -> Place {
        guard let slash = path.lastIndex(of: "/") else { return Place(directory: ".", name: path) }
        let directory = path[..<slash]
        return Place(
            directory: directory.isEmpty ? "/" : String(directory), name: String(path[path.index(after: slash)...]))
    }
}
