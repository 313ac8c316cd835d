import AlulaAuth
import AlulaPrimitives

/// Which files to watch, and what a change of each makes dirty.
struct WatchPlan {
    /// What a changed file means.
    enum Meaning: Hashable {
        case source(FactSource)
        /// The configuration, one of its included files, or a file of variables.
        case configuration
        /// A generated list of models.
        case models
        /// A file or database of devices.
        case devices
        /// The file of API keys.
        case apiKeys
    }

    private(set) var meanings: [String: Set<Meaning>] = [:]

    var paths: Set<String> { Set(meanings.keys) }

    init(
        items: [GatherPlan.Item], configurationPaths: [String], modelPaths: [String], devicePaths: [String],
        apiKeyPaths: [String] = []
    ) {
        for path in configurationPaths { add(path, .configuration) }
        for path in modelPaths { add(path, .models) }
        for path in devicePaths { add(path, .devices) }
        for path in apiKeyPaths { add(path, .apiKeys) }
        for item in items {
            for path in Self.paths(of: item) { add(path, .source(item.source)) }
        }
    }

    /// What the change of `paths` makes dirty.
    func meanings(of paths: Set<String>) -> Set<Meaning> {
        paths.reduce(into: []) { $0.formUnion(meanings[$1] ?? []) }
    }

    private mutating func add(_ path: String, _ meaning: Meaning) { meanings[path, default: []].insert(meaning) }

    private static func paths(of item: GatherPlan.Item) -> [String] {
        switch item {
        case .store(let store, let legacyOAuthPath, let sharedDatabasePath):
            let names = ["auth-profiles.json", "auth-state.json", "auth.json"] + databaseNames("openclaw-agent.sqlite")
            let shared = sharedDatabasePath.map { [$0, $0 + "-wal"] } ?? []
            return names.map { "\(store.directory)/\($0)" } + [legacyOAuthPath].compactMap { $0 } + shared
        case .login(_, let path): return [path]
        case .googleCredentials(let paths): return paths
        case .awsFiles(let configPath, let credentialsPath, let tokenPath):
            return [configPath, credentialsPath] + [tokenPath].compactMap { $0 }
        case .secretFile(_, let path, _, _, _): return [path]
        }
    }

    /// A database changes through its write-ahead log.
    private static func databaseNames(_ name: String) -> [String] { [name, name + "-wal"] }
}
