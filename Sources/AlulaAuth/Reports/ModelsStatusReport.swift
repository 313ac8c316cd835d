package import AlulaPrimitives

/// Everything that `models status` shows: which models are set up, and how each provider's auth stands.
package struct ModelsStatusReport: Hashable, Sendable {
    /// The configured models, as far as the report repeats them.
    package struct Models: Hashable, Sendable {
        /// Where a setting was found. Raw values are the report's.
        package enum Origin: String, CaseIterable, Sendable {
            case agent
            case defaults
        }

        /// As configured, such as an alias; empty when nothing is.
        package var defaultModel: String
        /// The reference that requests would use.
        package var resolvedDefault: String
        package var fallbacks: [String]
        package var imageModel: String?
        package var imageFallbacks: [String]
        package var defaultOrigin: Origin
        package var fallbacksOrigin: Origin
        package var aliases: [String: String]
        /// References that may be chosen; empty means any.
        package var allowed: [String]
        /// Which of the two allow-list rules holds, in one sentence.
        package var allowRule: String

        package init(
            defaultModel: String = "", resolvedDefault: String = "", fallbacks: [String] = [],
            imageModel: String? = nil, imageFallbacks: [String] = [], defaultOrigin: Origin = .defaults,
            fallbacksOrigin: Origin = .defaults, aliases: [String: String] = [:], allowed: [String] = [],
            allowRule: String = "any model may be chosen"
        ) {
            self.defaultModel = defaultModel
            self.resolvedDefault = resolvedDefault
            self.fallbacks = fallbacks
            self.imageModel = imageModel
            self.imageFallbacks = imageFallbacks
            self.defaultOrigin = defaultOrigin
            self.fallbacksOrigin = fallbacksOrigin
            self.aliases = aliases
            self.allowed = allowed
            self.allowRule = allowRule
        }
    }

    /// One provider's row.
    package struct Provider: Hashable, Sendable {
        package var answer: ProviderAnswer
        package var displayName: String
        package var isInUse: Bool
        package var effective: EffectiveAuth
        package var profiles: ProfileCounts
        /// The variable that a key would be taken from, as a label; never its value.
        package var environment: String?
        package var configuredKey: ConfiguredKey?
        /// What needs no stored login: a server nearby, a cloud's or a tool's own login.
        package var ambient: String?
    }

    /// What a request would use.
    package struct EffectiveAuth: Hashable, Sendable {
        /// Raw values are the report's.
        package enum Kind: String, CaseIterable, Sendable {
            case profiles
            case environment = "env"
            case configuration = "models.json"
            case synthetic
            case missing
        }

        package var kind: Kind
        package var detail: String
    }

    /// How many logins of which kind a provider has.
    package struct ProfileCounts: Hashable, Sendable {
        package var oauth = 0
        package var token = 0
        package var apiKey = 0
        /// One per profile: its name, what it holds without saying it, and what keeps it from being used.
        package var labels: [String] = []

        package var count: Int { oauth + token + apiKey }
    }

    /// A key under `models.providers`.
    package struct ConfiguredKey: Hashable, Sendable {
        /// A placeholder, a marker or a reference, never a key.
        package var value: String
        package var source: String
    }

    package var configurationPath: String
    /// `nil` when the question named no agent.
    package var requestedAgent: AgentID?
    package var agent: AgentID
    package var agentDirectory: String
    package var storePath: String
    package var models: Models
    package var isShellFallbackEnabled: Bool
    /// Variables that the login shell supplied.
    package var shellVariables: [String]
    package var providers: [Provider]
    /// Providers in use that nobody has given a credential.
    package var missingInUse: [ProviderID]
    /// `openai (1)`: how many logins that end a provider has.
    package var providersWithOAuth: [String]
    /// All stored logins, and those of other tools that the configuration asks for.
    package var profiles: [AuthStatusReport.Profile]
    /// Profiles that rest now.
    package var unusable: [AuthStatusReport.Profile]
    /// Providers that have, or should have, a login that ends.
    package var logins: [AuthStatusReport.Provider]
    package var at: Timestamp
    package var generation: UInt64
    /// Whether a newer answer is known to be due.
    package var isStale: Bool
    package var check: CredentialCheck
}

/// What `models status --check` finds. Raw values are its exit codes.
package enum CredentialCheck: Int32, CaseIterable, Sendable {
    case passed = 0
    /// A login has ended or is missing, or a provider in use has no credential.
    case failed = 1
    /// A login ends within ``CredentialStatus/warningWindow``.
    case expiring = 2

    /// Judges the providers in use, and every other one that has a login which ends. Where something else than a
    /// stored login serves the provider, no login has to be watched.
    static func judge(_ logins: [AuthStatusReport.Provider], missingInUse: [ProviderID]) -> CredentialCheck {
        guard missingInUse.isEmpty else { return .failed }
        let statuses = logins.filter { !$0.answer.isServedWithoutProfile }.map(\.status)
        if statuses.contains(where: { $0 == .expired || $0 == .missing }) { return .failed }
        return statuses.contains(.expiring) ? .expiring : .passed
    }
}

extension ProviderAnswer {
    /// Whether the provider is available through something that is no stored or imported login.
    fileprivate var isServedWithoutProfile: Bool {
        guard case .available(let evidence) = availability else { return false }
        switch evidence.source {
        case .environment, .configuration, .googleCredentials, .aws, .localServer, .builtIn: return true
        case .profile, .login: return false
        }
    }
}
