package import AlulaPrimitives

/// What people may type for a model: full names, aliases, and bare ids where they are clear.
package struct ModelNames: Sendable {
    /// How a text led to a model.
    package enum Route: String, CaseIterable, Sendable {
        case fullName = "full-name"
        case alias
        /// A bare id that exactly one configured provider offers.
        case uniqueModel = "unique-model"
        /// A bare id that nobody claims, taken to be the default provider's. It is time to spell it out.
        case defaultProvider = "default-provider"
    }

    /// A resolved text.
    package struct Match: Hashable, Sendable {
        package let reference: ModelReference
        package let route: Route
    }

    /// By lower-cased alias.
    package let aliases: [String: ModelReference]
    /// Models that the configuration lists, by bare id.
    private let providersByModel: [ModelID: Set<ProviderID>]
    private let defaultProvider: ProviderID
    private let table: ProviderTable

    /// - Parameters:
    ///   - aliases: What the configuration calls models, in order; of two equal aliases the first counts.
    ///   - configuredKeys: The full names for which the configuration has an entry; shorthands apply to these alone.
    ///   - listed: The models that configured providers list.
    package init(
        aliases: [(alias: String, reference: String)] = [], configuredKeys: [String] = [],
        listed: some Sequence<ModelReference> = [], defaultProvider: ProviderID = ModelSelection.standard.provider,
        table: ProviderTable = .builtIn
    ) {
        var known: [String: ModelReference] = [:]
        for (alias, reference) in aliases {
            let alias = alias.trimmed().lowercased()
            guard !alias.isEmpty, known[alias] == nil else { continue }
            known[alias] = ModelReference(reference, table: table)
        }
        let keys = Set(configuredKeys.compactMap { ModelReference($0, table: table)?.unpinned })
        for (alias, targets) in Self.shorthands where known[alias] == nil {
            known[alias] = targets.compactMap { ModelReference($0) }.first(where: keys.contains)
        }
        self.aliases = known
        providersByModel = listed.reduce(into: [:]) { $0[$1.model, default: []].insert($1.provider) }
        self.defaultProvider = defaultProvider
        self.table = table
    }

    /// Finds the model that `text` means, or `nil` when it is blank or broken. A pinned login is kept.
    package func resolve(_ text: String) -> Match? {
        let spelling = ModelSpelling(text)
        guard !spelling.model.isEmpty else { return nil }
        if spelling.model.contains("/") {
            return ModelReference(text, table: table).map { Match(reference: $0, route: .fullName) }
        }
        func match(_ reference: ModelReference, _ route: Route) -> Match {
            var pinned = reference
            pinned.profile = spelling.profile ?? reference.profile
            return Match(reference: pinned, route: route)
        }
        if let reference = aliases[spelling.model.lowercased()] { return match(reference, .alias) }
        let model = ModelID(spelling.model)
        if let providers = providersByModel[model], providers.count == 1, let provider = providers.first {
            return match(ModelReference(provider: provider, model: model), .uniqueModel)
        }
        return match(ModelReference(provider: defaultProvider, model: model), .defaultProvider)
    }

    /// Short names for families of models, and the family's members from the newest on. One applies only where the
    /// configuration has an entry for a member, so that no word that somebody types changes its meaning by itself.
    private static let shorthands: [String: [String]] = [
        "gemini": ["google/gemini-3.1-pro-preview", "google/gemini-3-pro-preview", "google/gemini-2.5-pro"],
        "gemini-flash": ["google/gemini-3.5-flash", "google/gemini-3-flash-preview", "google/gemini-2.5-flash"],
        "gemini-flash-lite": [
            "google/gemini-3.5-flash-lite", "google/gemini-3.1-flash-lite-preview", "google/gemini-2.5-flash-lite",
        ],
        "gpt": ["openai/gpt-5.5", "openai/gpt-5.4", "openai/gpt-5.2"],
        "gpt-mini": ["openai/gpt-5.4-mini", "openai/gpt-5-mini"],
        "gpt-nano": ["openai/gpt-5.4-nano", "openai/gpt-5-nano"],
        "opus": [
            "anthropic/claude-opus-5", "anthropic/claude-opus-4-8", "anthropic/claude-opus-4-7",
            "anthropic/claude-opus-4-6", "anthropic/claude-opus-4-5",
        ],
        "sonnet": ["anthropic/claude-sonnet-5", "anthropic/claude-sonnet-4-6", "anthropic/claude-sonnet-4-5"],
    ]
}
