package import AlulaPrimitives

/// What a configuration or a generated file says about one provider and its models. Parts that it leaves out are
/// `nil` and come from elsewhere.
package struct ProviderListing: Hashable, Sendable {
    /// One entry of `models`.
    package struct Model: Hashable, Sendable {
        package var id: ModelID
        package var name: String?
        package var api: APIKind?
        package var contextWindow: Int?
        package var contextTokens: Int?
        package var maximumOutput: Int?
        package var isReasoning: Bool?
        package var input: [CatalogModel.Input]?
        package var rates: ModelPrice.Rates?
        package var compatibility: ModelCompatibility?

        package init(
            id: ModelID, name: String? = nil, api: APIKind? = nil, contextWindow: Int? = nil,
            contextTokens: Int? = nil, maximumOutput: Int? = nil, isReasoning: Bool? = nil,
            input: [CatalogModel.Input]? = nil, rates: ModelPrice.Rates? = nil,
            compatibility: ModelCompatibility? = nil
        ) {
            self.id = id
            self.name = name
            self.api = api
            self.contextWindow = contextWindow
            self.contextTokens = contextTokens
            self.maximumOutput = maximumOutput
            self.isReasoning = isReasoning
            self.input = input
            self.rates = rates
            self.compatibility = compatibility
        }
    }

    /// What stood where the key would be. The key itself is left behind.
    package enum Key: Hashable, Sendable {
        case absent
        case literal
        case marker(String)
    }

    package var provider: ProviderID
    package var baseURL: String?
    package var api: APIKind?
    package var key: Key
    package var models: [Model]

    package init(
        provider: ProviderID, baseURL: String? = nil, api: APIKind? = nil, key: Key = .absent, models: [Model] = []
    ) {
        self.provider = provider
        self.baseURL = baseURL
        self.api = api
        self.key = key
        self.models = models
    }
}
