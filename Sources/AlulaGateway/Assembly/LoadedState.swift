import AlulaAuth
import AlulaConfiguration
import AlulaModels
import AlulaPrimitives
import AlulaState

/// Everything that was read from disk at one time to answer by: settings, variables, generated lists of models.
///
/// It never changes, and each request hands it on many times; a value of this size would be copied each time.
final class LoadedState: Sendable {
    /// When the reading began.
    let loadedAt: Timestamp
    let layout: StateLayout
    let configuration: Configuration
    /// The last configuration that could be read; `nil` when none ever could.
    let loaded: LoadedConfiguration?
    /// What the configuration file on disk came to.
    let outcome: ConfigurationOutcome
    /// Whether the file on disk held nothing.
    var isFoundBlank: Bool { if case .loaded(let found) = outcome { found.isBlank } else { false } }
    /// Whether the file on disk can't be read, so that an earlier configuration, or none, is in force.
    let isUnreadable: Bool
    let environment: MergedEnvironment
    let environmentFact: EnvironmentFact
    let context: AuthContext
    let catalog: ModelCatalog
    /// Files whose change means that all of this has to be read again.
    let configurationPaths: [String]
    /// Generated lists of models.
    let modelPaths: [String]
    /// The model that the default agent asks first.
    let defaultModel: String

    init(
        loadedAt: Timestamp, layout: StateLayout, configuration: Configuration, loaded: LoadedConfiguration?,
        outcome: ConfigurationOutcome, isUnreadable: Bool, environment: MergedEnvironment,
        environmentFact: EnvironmentFact, context: AuthContext, catalog: ModelCatalog, configurationPaths: [String],
        modelPaths: [String], defaultModel: String
    ) {
        self.loadedAt = loadedAt
        self.layout = layout
        self.configuration = configuration
        self.loaded = loaded
        self.outcome = outcome
        self.isUnreadable = isUnreadable
        self.environment = environment
        self.environmentFact = environmentFact
        self.context = context
        self.catalog = catalog
        self.configurationPaths = configurationPaths
        self.modelPaths = modelPaths
        self.defaultModel = defaultModel
    }

    /// What is wrong with the configuration on disk now.
    var problems: [ConfigurationProblem] { outcome.problems }

    /// The inputs of a warm.
    ///
    /// - Parameters:
    ///   - facts: What is known already, for the pointers that stores hold.
    ///   - helpers: What helper programs answered so far.
    func inputs(
        knowing facts: AuthFacts?, helpers: [String: Reading<SecretSourceFact>] = [:]
    ) -> WarmInputs {
        let references = ReferenceCollector.references(in: context, facts: facts)
        let planner = GatherPlanner(
            context: context, secrets: configuration.secrets, variables: environmentFact.values, home: layout.home,
            legacyOAuthPath: layout.legacyOAuth, sharedDatabasePath: layout.sharedDatabase)
        return WarmInputs(
            context: context, environment: environmentFact, items: planner.items(references: references),
            markers: MarkerTable.fixedWords, secretHelpers: helpers)
    }

    /// Pointers at helper programs that somebody would follow, by alias.
    func helperReferences(knowing facts: AuthFacts?) -> Set<SecretReference> {
        ReferenceCollector.references(in: context, facts: facts).filter { reference in
            reference.source == .helper && context.secretProviders[reference.provider]?.source == .helper
        }
    }
}
