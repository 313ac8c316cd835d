import AlulaAuth
import AlulaConfiguration
import AlulaCredentials
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import AlulaState
import AlulaSystem

/// Reads the state directory's configuration and variables. Starting never writes any of it.
struct StateLoader: Sendable {
    /// Longest generated list of models that is read.
    private static let maximumModels = ByteCount.mebibytes(32)

    private let layout: StateLayout
    private let variables: [String: String]
    private let currentDirectory: String
    /// What the login shell exports, once it was asked.
    var shellVariables: [String: Secret] = [:]

    /// - Parameter variables: The process's environment.
    init(layout: StateLayout, variables: [String: String], currentDirectory: String) {
        self.layout = layout
        self.variables = variables
        self.currentDirectory = currentDirectory
    }

    /// Loads everything. What can't be read is reported in the result and nothing else.
    ///
    /// Blocks the calling thread.
    ///
    /// - Parameters:
    ///   - previous: The configuration that stays in force when the file, or a file that it includes, can't be read.
    ///   - acceptsBlank: Whether a file without contents counts. Whoever runs looks twice before it believes that.
    func load(previous: LoadedConfiguration? = nil, acceptsBlank: Bool = true) -> LoadedState {
        let loadedAt = SystemTime.now
        var environment = readEnvironment()
        let loader = ConfigurationLoader(
            readFile: Self.readFile, includeRoots: layout.includeRoots, environment: environment.exposed)
        let outcome = loader.load(path: layout.configuration)
        let loaded: LoadedConfiguration?
        let isUnreadable: Bool
        switch outcome {
        case .loaded(let fresh):
            let isHalfWritten = fresh.isBlank && !acceptsBlank && previous?.isBlank == false
            isUnreadable = previous != nil && (!fresh.isComplete || isHalfWritten)
            loaded = isUnreadable ? previous : fresh
        case .unreadable: (loaded, isUnreadable) = (previous, true)
        }
        let configuration = loaded?.configuration ?? Configuration()
        environment.fill(from: configuration.environment.variables, origin: .configuration)
        environment.fill(from: shellVariables, origin: .shell)

        let context = AuthContextBuilder(
            configuration: configuration,
            directory: { layout.agentDirectory($0.id, configured: $0.directory) },
            workspace: { agent in
                layout.workspace(
                    agent.id, isDefault: agent.id == configuration.agents.defaultAgent, own: agent.workspace,
                    common: configuration.agents.defaults.workspace)
            },
            mainDirectory: layout.mainAgentDirectory
        ).build()
        let defaultAgent = context.defaultAgent
        let modelPath = layout.generatedModels(
            defaultAgent, configured: configuration.agents[defaultAgent]?.directory)
        let catalog = catalog(configuration, generated: modelPath)
        return LoadedState(
            loadedAt: loadedAt, layout: layout, configuration: configuration, loaded: loaded, outcome: outcome,
            isUnreadable: isUnreadable, environment: environment,
            environmentFact: EnvironmentFacts.make(from: environment.variables.mapValues(\.asVariable)),
            context: context, catalog: catalog,
            configurationPaths: Set(outcome.sources.map(\.path) + outcome.sources.compactMap(\.realPath))
                .union([layout.configuration, layout.environmentFile, workingFile]).sorted(),
            modelPaths: [modelPath],
            defaultModel: ModelShelf.selection(configuration).primary.description)
    }

    /// An editor of the configuration, in the circumstances that it is loaded in. Blocks the calling thread, and so does
    /// the editor.
    func editor() -> ConfigurationEditor {
        ConfigurationEditor(
            path: layout.configuration, readFile: Self.readFile, includeRoots: layout.includeRoots,
            environment: readEnvironment().exposed)
    }

    /// Where the configuration is shown and changed.
    func makeDesk(pool: BlockingPool) -> ConfigurationDesk {
        ConfigurationDesk(
            layout: layout, variables: variables, currentDirectory: currentDirectory, pool: pool,
            now: { SystemTime.now })
    }

    // MARK: Parts

    private var workingFile: String { "\(currentDirectory)/.env" }

    /// The process's variables, filled up from the files of variables.
    private func readEnvironment() -> MergedEnvironment {
        var environment = MergedEnvironment(process: variables)
        let table = ProviderTable.builtIn
        environment.fill(
            from: readVariables(workingFile), origin: .workingDirectoryFile,
            isCredential: table.variables.contains)
        environment.fill(from: readVariables(layout.environmentFile), origin: .stateFile)
        return environment
    }

    private func catalog(_ configuration: Configuration, generated path: String) -> ModelCatalog {
        var generated = GeneratedModels()
        // A cache that can't be read gives no hints; it is written anew by whoever keeps it.
        if let contents = Self.bytes(path, maximum: Self.maximumModels), let document = Self.json(contents) {
            generated = GeneratedModels(document)
        }
        return ModelCatalog(
            configured: configuration.models.providers.map(\.listing), generated: generated,
            mode: configuration.models.mode == .replace ? .replace : .merge)
    }

    private func readVariables(_ path: String) -> [String: Secret] {
        guard let bytes = Self.bytes(path, maximum: ByteCount(bytes: DotEnv.maximumBytes)) else { return [:] }
        return DotEnv.parse(bytes).mapValues { Secret($0) }
    }

    private static func bytes(_ path: String, maximum: ByteCount) -> [UInt8]? {
        do { return try FileReader.readExisting(path, maximum: maximum)?.bytes } catch { return nil }
    }

    private static func json(_ bytes: [UInt8]) -> JSONValue? {
        do { return try JSONValue.parse(bytes) } catch { return nil }
    }

    private static func readFile(
        _ path: String, _ maximumBytes: Int
    ) throws(ConfigurationError) -> ConfigurationFile? {
        do throws(SystemError) {
            guard let contents = try FileReader.readExisting(path, maximum: ByteCount(bytes: maximumBytes)) else {
                return nil
            }
            return ConfigurationFile(
                bytes: contents.bytes, realPath: try Directory.realPath(path),
                isHardLinked: contents.identity.linkCount > 1)
        } catch {
            throw ConfigurationError(error)
        }
    }
}

extension ConfigurationError {
    fileprivate init(_ error: SystemError) {
        let code: Code =
            switch error.code {
            case .isDirectory: .isDirectory
            case .isPipe, .isSocket, .isDevice: .notRegular
            case .notPermitted: .notPermitted
            case .tooLarge: .tooLarge
            case .deadlineExceeded: .timedOut
            default: .unreadable
            }
        self.init(code, error.message, underlying: error)
    }
}

extension MergedEnvironment.Variable {
    fileprivate var asVariable: EnvironmentFacts.Variable {
        let origin: EnvironmentFact.Origin =
            switch self.origin {
            case .process: .process
            case .workingDirectoryFile: .workingDirectoryFile
            case .stateFile: .stateFile
            case .configuration: .configuration
            case .shell: .shell
            }
        return EnvironmentFacts.Variable(value, origin: origin)
    }
}

extension ProviderSettings {
    /// What the entry says about models and endpoint, without its key.
    fileprivate var listing: ProviderListing {
        ProviderListing(
            provider: id, baseURL: baseURL, api: api.map { APIKind($0) },
            models: models.map { model in
                ProviderListing.Model(
                    id: model.id, name: model.name, api: model.api.map { APIKind($0) },
                    contextWindow: model.contextWindow, contextTokens: model.contextTokens,
                    maximumOutput: model.maximumTokens ?? maximumTokens, isReasoning: model.reasons,
                    input: model.knownInput,
                    rates: model.cost.map { cost in
                        ModelPrice.Rates(
                            dollarsForInput: cost.input, output: cost.output, cacheRead: cost.cacheRead,
                            cacheWrite: cost.cacheWrite)
                    },
                    compatibility: model.compatibility.map { ModelCompatibility($0) })
            })
    }
}

extension ModelSettings {
    /// What the entry says of the kinds of content; `nil` when it says nothing that is understood here. A list of texts and of
    /// words that are not known is no list of texts alone.
    fileprivate var knownInput: [CatalogModel.Input]? {
        guard let input else { return nil }
        let known = input.compactMap { CatalogModel.Input(rawValue: $0) }
        let saysMore = known.count == input.count || known.contains { $0 != .text }
        return known.isEmpty || !saysMore ? nil : known
    }
}
