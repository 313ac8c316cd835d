package import AlulaPrimitives

/// What the configuration says about providers, agents and logins, reduced to what evaluation needs. It holds no
/// secret: keys are present, or a marker, or a pointer.
package struct AuthContext: Hashable, Sendable {
    /// One agent's place: whom a prepared answer may serve.
    package struct Agent: Hashable, Sendable {
        package var id: AgentID
        package var store: StoreID
        package var workspace: String

        package init(id: AgentID, store: StoreID, workspace: String) {
            self.id = id
            self.store = store
            self.workspace = workspace
        }
    }

    /// One entry of `models.providers`.
    package struct Provider: Hashable, Sendable {
        /// What stands under `apiKey`.
        package enum Key: Hashable, Sendable {
            case absent
            case literal
            /// A text that only says where the key is, such as a variable's name.
            case marker(String)
            case reference(SecretReference)
            /// The id of a stored profile.
            case profile(ProfileID)
        }

        package var id: ProviderID
        /// `api-key`, `aws-sdk`, `oauth`, `token`, or `nil` when it is left to the rules.
        package var auth: String?
        package var key: Key
        package var baseURL: String?
        package var api: String?
        package var modelCount: Int
        package var hasAuthorizationHeader: Bool
        /// The entry was refused when the configuration was read.
        package var isInvalid: Bool

        package init(
            id: ProviderID, auth: String? = nil, key: Key = .absent, baseURL: String? = nil, api: String? = nil,
            modelCount: Int = 0, hasAuthorizationHeader: Bool = false, isInvalid: Bool = false
        ) {
            self.id = id
            self.auth = auth
            self.key = key
            self.baseURL = baseURL
            self.api = api
            self.modelCount = modelCount
            self.hasAuthorizationHeader = hasAuthorizationHeader
            self.isInvalid = isInvalid
        }
    }

    /// One entry of `auth.profiles`: metadata of a login that is stored elsewhere.
    package struct ConfiguredProfile: Hashable, Sendable {
        package var provider: ProviderID
        /// `api_key`, `oauth`, `token` or `aws-sdk`.
        package var mode: String

        package init(provider: ProviderID, mode: String) {
            self.provider = provider
            self.mode = mode
        }
    }

    /// One entry of `secrets.providers`.
    package struct SecretProvider: Hashable, Sendable {
        package var source: SecretReference.Source
        /// For `env`: the only variables it may hand out; `nil` means any.
        package var allowlist: Set<String>?

        package init(source: SecretReference.Source, allowlist: Set<String>? = nil) {
            self.source = source
            self.allowlist = allowlist
        }
    }

    package var agents: [Agent]
    package var defaultAgent: AgentID
    /// The store of the agent `main`, which all others inherit from.
    package var mainStore: StoreID
    package var providers: [ProviderID: Provider]
    package var configuredProfiles: [ProfileID: ConfiguredProfile]
    /// `auth.order`; an empty list switches a provider's profiles off.
    package var configuredOrder: [ProviderID: [ProfileID]]
    package var secretProviders: [String: SecretProvider]
    /// The alias that stands for an environment reference without one.
    package var defaultEnvironmentAlias: String
    /// Every provider to prepare an answer for: the built-in ones, the configured ones, those with a stored login.
    package var providerIDs: [ProviderID]
    /// Providers that a model reference, an order, an entry or a profile in the configuration names.
    package var providersInUse: [ProviderID]
    /// Changes when, and only when, a part of the configuration that answers depend on does.
    package var fingerprint: FactVersion

    package init(
        agents: [Agent], defaultAgent: AgentID, mainStore: StoreID, providers: [ProviderID: Provider] = [:],
        configuredProfiles: [ProfileID: ConfiguredProfile] = [:],
        configuredOrder: [ProviderID: [ProfileID]] = [:], secretProviders: [String: SecretProvider] = [:],
        defaultEnvironmentAlias: String = SecretReference.standardProvider, providerIDs: [ProviderID] = [],
        providersInUse: [ProviderID] = [], fingerprint: FactVersion = FactVersion(rawValue: 0)
    ) {
        self.agents = agents
        self.defaultAgent = defaultAgent
        self.mainStore = mainStore
        self.providers = providers
        self.configuredProfiles = configuredProfiles
        self.configuredOrder = configuredOrder
        self.secretProviders = secretProviders
        self.defaultEnvironmentAlias = defaultEnvironmentAlias
        self.providerIDs = providerIDs
        self.providersInUse = providersInUse
        self.fingerprint = fingerprint
    }
}
