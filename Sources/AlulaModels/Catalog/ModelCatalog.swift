package import AlulaPrimitives

/// Every model that can be chosen, from three sources: what is built in, configured, and listed in a generated file.
package struct ModelCatalog: Hashable, Sendable {
    /// `models.mode`. Raw values are the configuration's.
    package enum Mode: String, CaseIterable, Sendable {
        /// Configured entries add to the built-in ones and refine them.
        case merge
        /// Nothing but configured entries, and the test model.
        case replace
    }

    /// Where a provider is reached.
    package struct Endpoint: Hashable, Sendable {
        package var baseURL: String?
        package var api: APIKind
    }

    /// Sorted by provider, then by id.
    package let models: [CatalogModel]

    private let places: [ModelReference: Int]
    private let endpoints: [ProviderID: Endpoint]

    /// Merges the sources. For each part of an entry the configuration's word counts first, then what is built in,
    /// then what an earlier run wrote down.
    package init(
        builtIn: [CatalogModel] = BuiltInModels.all, configured: [ProviderListing] = [],
        generated: GeneratedModels = GeneratedModels(), mode: Mode = .merge, table: ProviderTable = .builtIn
    ) {
        var merged: [ModelReference: CatalogModel] = [:]
        var endpoints: [ProviderID: Endpoint] = [:]
        let isOpen = mode == .merge
        if isOpen {
            for listing in generated.listings {
                endpoints[listing.provider] = Self.endpoint(listing, over: nil, table: table)
                for model in listing.models { Self.add(model, of: listing, origin: .generated, to: &merged) }
            }
        }
        for model in builtIn where isOpen || model.provider == ProviderTable.testProvider {
            merged[model.reference] = model
        }
        for listing in configured {
            endpoints[listing.provider] = Self.endpoint(listing, over: endpoints[listing.provider], table: table)
            for model in listing.models { Self.add(model, of: listing, origin: .configured, to: &merged) }
        }
        models = merged.values.sorted { $0.reference < $1.reference }
        places = Dictionary(uniqueKeysWithValues: models.enumerated().map { ($1.reference, $0) })
        self.endpoints = endpoints
    }

    /// The entry of a model, whichever login it is asked with.
    package subscript(reference: ModelReference) -> CatalogModel? {
        places[reference.unpinned].map { models[$0] }
    }

    /// The models of one provider, sorted by id.
    package func models(of provider: ProviderID) -> [CatalogModel] { models.filter { $0.provider == provider } }

    /// Providers that offer a model here, in order of the alphabet.
    package var providers: [ProviderID] { Set(models.map(\.provider)).sorted() }

    /// Where `provider` is reached, or `nil` for one that is neither built in nor configured.
    package func endpoint(of provider: ProviderID, table: ProviderTable = .builtIn) -> Endpoint? {
        endpoints[provider] ?? table[provider].map { Endpoint(baseURL: $0.baseURL, api: $0.api) }
    }

    /// The protocol that a request for `reference` speaks: the model's own, else its provider's.
    package func api(of reference: ModelReference, table: ProviderTable = .builtIn) -> APIKind? {
        let api = self[reference]?.api ?? endpoint(of: reference.provider, table: table)?.api
        return api == .githubCopilot ? .ofCopilot(reference.model) : api
    }

    /// Whether `provider` is GitHub's Copilot, under its own name or another one, whatever its models speak.
    package func isCopilot(_ provider: ProviderID, table: ProviderTable = .builtIn) -> Bool {
        [table.entry(servedAs: provider)?.api, endpoint(of: provider, table: table)?.api].contains(.githubCopilot)
    }

    private static func endpoint(
        _ listing: ProviderListing, over earlier: Endpoint?, table: ProviderTable
    ) -> Endpoint {
        let row = table[listing.provider]
        return Endpoint(
            baseURL: listing.baseURL ?? earlier?.baseURL ?? row?.baseURL,
            api: listing.api ?? earlier?.api ?? row?.api ?? .openAICompletions)
    }

    private static func add(
        _ model: ProviderListing.Model, of listing: ProviderListing, origin: CatalogModel.Origin,
        to merged: inout [ModelReference: CatalogModel]
    ) {
        let reference = ModelReference(provider: listing.provider, model: model.id)
        var entry = merged[reference] ?? CatalogModel(provider: listing.provider, id: model.id, origin: origin)
        let isNew = merged[reference] == nil
        entry.origin = origin
        entry.name = model.name ?? entry.name
        entry.api = model.api ?? entry.api
        entry.contextWindow = model.contextWindow ?? entry.contextWindow
        entry.contextTokens = model.contextTokens ?? entry.contextTokens
        entry.isReasoning = model.isReasoning ?? entry.isReasoning
        if let input = model.input {
            entry.input = input
            // Whoever writes generated lists writes `text` for models that nobody described.
            entry.isInputKnown = origin != .generated
        }
        if let rates = model.rates { entry.price = ModelPrice(rates.completed(by: entry.price?.rates)) }
        entry.compatibility = model.compatibility ?? entry.compatibility
        // A configured window may be narrower than the answer that the built-in entry allows.
        let standard = isNew ? CatalogModel.standardMaximumOutput : entry.maximumOutput
        entry.maximumOutput = min(model.maximumOutput ?? standard, entry.contextWindow)
        merged[reference] = entry
    }
}
