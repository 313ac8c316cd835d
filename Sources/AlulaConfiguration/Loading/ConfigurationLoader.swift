import AlulaJSON
import AlulaPrimitives

/// Reads the configuration: the file, what it includes, variables, validation, defaults, in this order.
///
/// It does no I/O itself and knows no environment but the one it is given.
package struct ConfigurationLoader {
    /// Reads one file of at most so many bytes; `nil` when nothing has that path.
    package typealias ReadFile = (_ path: String, _ maximumBytes: Int) throws(ConfigurationError) -> ConfigurationFile?

    private let readFile: ReadFile
    private let includeRoots: [String]
    private let environment: [String: String]

    /// - Parameters:
    ///   - readFile: Blocks the calling thread, so ``load(path:)`` does too.
    ///   - includeRoots: Further absolute directories, without symbolic links, that may be included from.
    ///   - environment: The process's variables.
    package init(readFile: @escaping ReadFile, includeRoots: [String] = [], environment: [String: String] = [:]) {
        self.readFile = readFile
        self.includeRoots = includeRoots
        self.environment = environment
    }

    /// Loads the configuration file at `path`, an absolute path. A missing file is an empty one.
    ///
    /// Never throws for what is in the file: everything that is wrong is in the problems of the outcome.
    ///
    /// Blocks the calling thread.
    package func load(path: String) -> ConfigurationOutcome {
        let problems = ProblemCollector()
        var expander = IncludeExpander(readFile: readFile, includeRoots: includeRoots, problems: problems)
        guard let authored = expander.readMainFile(path) else {
            return .unreadable(problems: problems.sorted(), sources: expander.sources)
        }
        // Before anything is substituted, and again below for the problems that belong to it.
        let variables = Self.variables(in: authored)
        var substitution = VariableSubstitution(
            variables: { name in Self.nonBlank(environment[name]) ?? Self.nonBlank(variables[name]) },
            problems: problems)
        let root = substitution.apply(to: authored)
        guard let members = root.members else {
            problems.add(.error, .notAnObject, .root, at: root.place, "A configuration is an object.")
            return .unreadable(problems: problems.sorted(), sources: expander.sources)
        }
        let reader = ObjectReader(members, path: .root, place: root.place, problems: problems)
        let hasGatewaySecret = ["OPENCLAW_GATEWAY_TOKEN", "OPENCLAW_GATEWAY_PASSWORD"].contains { name in
            Self.nonBlank(environment[name]) ?? Self.nonBlank(variables[name]) != nil
        }
        let configuration = Configuration(reading: reader, hasGatewaySecret: hasGatewaySecret)
        return .loaded(
            LoadedConfiguration(
                configuration: configuration, document: expander.document, root: root, sources: expander.sources,
                problems: problems.sorted(), isComplete: expander.isComplete))
    }

    private static func nonBlank(_ value: String?) -> String? {
        guard let value, value.contains(where: { !$0.isWhitespace }) else { return nil }
        return value
    }

    /// The variables that `env` sets, read quietly.
    private static func variables(in root: ConfigurationNode) -> [String: String] {
        guard let section = root.members?[EnvironmentSettings.sectionKey]?.node, let members = section.members else {
            return [:]
        }
        let quiet = ProblemCollector()
        _ = quiet.add(file: "")
        let place = SourcePlace(file: 0, line: 1, column: 1)
        let reader = ObjectReader(members, path: .root, place: place, problems: quiet)
        return EnvironmentSettings(reading: reader).variables.mapValues(\.exposed)
    }
}

/// What a load came to.
package enum ConfigurationOutcome: Sendable {
    case loaded(LoadedConfiguration)
    /// The file itself can't be read or is not JSON5: whoever runs keeps the last good configuration. The sources are
    /// what to watch meanwhile.
    case unreadable(problems: [ConfigurationProblem], sources: [ConfigurationSource])

    /// Everything that somebody should look at, in the order of places.
    package var problems: [ConfigurationProblem] {
        switch self {
        case .loaded(let loaded): loaded.problems
        case .unreadable(let problems, _): problems
        }
    }

    /// The files to watch.
    package var sources: [ConfigurationSource] {
        switch self {
        case .loaded(let loaded): loaded.sources
        case .unreadable(_, let sources): sources
        }
    }
}
