import AlulaJSON
import AlulaPrimitives
import Synchronization

@testable import AlulaConfiguration

/// Configuration files in memory, with the faults that real ones have.
final class MemoryFiles: Sendable {
    static let mainPath = "/state/openclaw.json"

    private let files: Mutex<[String: Result<ConfigurationFile, ConfigurationError>]>
    private let reads = Mutex<[String]>([])

    init(_ texts: [String: String] = [:]) {
        files = Mutex(
            Dictionary(
                uniqueKeysWithValues: texts.map { path, text in
                    (path, .success(ConfigurationFile(bytes: Array(text.utf8), realPath: path)))
                }))
    }

    convenience init(main text: String) { self.init([Self.mainPath: text]) }

    func set(_ path: String, _ file: Result<ConfigurationFile, ConfigurationError>) {
        files.withLock { $0[path] = file }
    }

    /// The paths that were asked for, in order.
    var readPaths: [String] { reads.withLock { $0 } }

    func load(environment: [String: String] = [:], includeRoots: [String] = []) -> ConfigurationOutcome {
        let read: ConfigurationLoader.ReadFile = { [self] path, maximum throws(ConfigurationError) in
            reads.withLock { $0.append(path) }
            guard let file = try files.withLock({ $0[path] })?.get() else { return nil }
            guard file.bytes.count <= maximum else { throw ConfigurationError(.tooLarge, "The file is too large.") }
            return file
        }
        return ConfigurationLoader(readFile: read, includeRoots: includeRoots, environment: environment)
            .load(path: Self.mainPath)
    }

    /// Loads and returns what was loaded; fails the test when nothing was.
    func loaded(environment: [String: String] = [:], includeRoots: [String] = []) throws -> LoadedConfiguration {
        guard case .loaded(let loaded) = load(environment: environment, includeRoots: includeRoots) else {
            throw NothingLoaded()
        }
        return loaded
    }

    struct NothingLoaded: Error {}
}

extension LoadedConfiguration {
    /// Codes with paths, for short expectations.
    var findings: [String] { problems.map { "\($0.severity.rawValue) \($0.code.rawValue) \($0.path)" } }
}

extension SecretInput {
    /// What it is, in the clear: these secrets are fake.
    var spelled: String {
        switch self {
        case .literal(let secret): secret.exposed
        case .reference(let reference): "\(reference.source.rawValue):\(reference.provider):\(reference.id)"
        }
    }
}
