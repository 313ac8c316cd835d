package import AlulaJSON
package import AlulaPrimitives

/// `models`: providers that the configuration adds or changes. Everything takes effect at once.
package struct ModelsSettings: Sendable {
    /// How entries relate to the generated list and the built-in table.
    package enum Mode: String, CaseIterable, Sendable {
        /// Laid over them.
        case merge
        /// Instead of them.
        case replace
    }

    /// `mode`, default `merge`.
    package var mode = Mode.merge
    /// `providers`, in the file's order, without those that were refused.
    package var providers: [ProviderSettings] = []
    /// Entries that were refused; their problems say why. They are off: neither the built-in table nor the environment
    /// stands in for them.
    package var invalidProviders: [ProviderID] = []

    /// The defaults.
    package init() {}

    /// The entry of one provider, or `nil`.
    package subscript(id: ProviderID) -> ProviderSettings? { providers.first { $0.id == id } }
}

/// One entry of `models.providers`.
package struct ProviderSettings: Sendable {
    /// How the provider is authenticated against.
    package enum Auth: String, CaseIterable, Sendable {
        case apiKey = "api-key"
        case awsSDK = "aws-sdk"
        case oauth
        case token
    }

    /// The key of the entry, trimmed and lower-cased.
    package var id: ProviderID
    /// `baseUrl`, an http or https URL; a provider that is not built in needs one.
    package var baseURL: String?
    /// `apiKey`, secret: a key, a reference, the id of a stored profile, or a placeholder such as `ollama-local`.
    package var apiKey: SecretInput?
    /// `auth`; without it the kind of login that is found decides.
    package var auth: Auth?
    /// `api`: the wire format's name, default that of the built-in provider, else `openai-completions`.
    package var api: String?
    /// `headers`, in order, values secret.
    package var headers: [(name: String, value: SecretInput)] = []
    /// `authHeader`, default false: the key goes out as `Authorization: Bearer …` whatever the wire format.
    package var sendsAuthorizationHeader = false
    /// `models`, in order, without those that were refused.
    package var models: [ModelSettings] = []
    /// `agentRuntime.id`: another program that runs this provider's models; default none.
    package var agentRuntime: String?
    /// `timeoutSeconds`, above 0; default the gateway's.
    package var timeout: Duration?
    /// `maxTokens`: most tokens an answer may have.
    package var maximumTokens: Int?
    /// `injectNumCtxForOpenAICompat`, for Ollama behind its OpenAI facade.
    package var injectsContextLength: Bool?
    /// `request`: how the provider is reached and who asks.
    package var request = RequestSettings()
    /// `params`, for all its models.
    package var parameters = ParameterSettings()

    /// The key that opens the provider, before all logins where `request` says it.
    package var key: SecretInput? { request.auth.secret ?? apiKey }

    /// An entry that says nothing yet.
    package init(id: ProviderID) { self.id = id }

    /// Whether `headers` bring their own authorization.
    package var hasAuthorizationHeader: Bool {
        (headers + request.headers).contains { $0.name.lowercased() == "authorization" }
    }
}

/// One element of a provider's `models`.
package struct ModelSettings: Sendable {
    /// US dollars per million tokens; `nil` for what is not written.
    package struct Cost: Hashable, Sendable {
        package var input: Double?
        package var output: Double?
        package var cacheRead: Double?
        package var cacheWrite: Double?

        /// Nothing is written.
        package init() {}
    }

    /// `id`, required.
    package var id: ModelID
    /// `name`, for people; default the id.
    package var name: String
    /// `api`, default the provider's.
    package var api: String?
    /// `reasoning`, default false.
    package var reasons = false
    /// `input`: kinds of content the model takes; `nil` leaves it to the built-in list, and without one text alone is shown
    /// and anything tried.
    package var input: [String]?
    /// `contextWindow` in tokens.
    package var contextWindow: Int?
    /// `contextTokens`: the part of the window that is used.
    package var contextTokens: Int?
    /// `maxTokens`: most tokens an answer may have.
    package var maximumTokens: Int?
    /// `cost`; `nil` leaves it to the built-in price.
    package var cost: Cost?
    /// `headers`, in order, values secret.
    package var headers: [(name: String, value: SecretInput)] = []
    /// `params`, over those of the provider.
    package var parameters = ParameterSettings()
    /// `compat`, as written: what the server at the other end does differently.
    package var compatibility: JSONValue?

    /// A model of which only the id is known.
    package init(id: ModelID) {
        self.id = id
        name = id.rawValue
    }
}
