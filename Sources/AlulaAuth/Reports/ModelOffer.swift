package import AlulaModels
import AlulaPrimitives

/// Which models there are for one agent, and what the configuration says about them.
package struct ModelOffer: Sendable {
    package var catalog: ModelCatalog
    package var names: ModelNames
    package var selection: ModelSelection
    package var allowList: ModelAllowList
    /// The default model as it is written, such as an alias; `nil` when none is.
    package var defaultSpelling: String?
    package var imageModel: String?
    package var imageFallbacks: [String]
    /// Full names and aliases for which `agents.defaults.models` has an entry.
    package var configuredKeys: [String]
    /// What the allow list says, as it is written; empty means any.
    package var allowed: [String]

    package init(
        catalog: ModelCatalog, names: ModelNames, selection: ModelSelection, allowList: ModelAllowList,
        defaultSpelling: String? = nil, imageModel: String? = nil, imageFallbacks: [String] = [],
        configuredKeys: [String] = [], allowed: [String] = []
    ) {
        self.catalog = catalog
        self.names = names
        self.selection = selection
        self.allowList = allowList
        self.defaultSpelling = defaultSpelling
        self.imageModel = imageModel
        self.imageFallbacks = imageFallbacks
        self.configuredKeys = configuredKeys
        self.allowed = allowed
    }

    /// Every model of the catalog, and those that only the configuration names.
    package func models(table: ProviderTable = .builtIn) -> [ModelRow.Model] {
        let keys = Set(
            configuredKeys.filter { !$0.hasSuffix("*") }.compactMap { names.resolve($0)?.reference.unpinned })
        let image = imageModel.flatMap { names.resolve($0)?.reference.unpinned }
        let chain = selection.chain.map(\.unpinned)
        let named = keys.union(chain).union([image].compactMap { $0 })
        let aliases = Dictionary(
            names.aliases.sorted { $0.key < $1.key }.map { ($0.value.unpinned, $0.key) }
        ) { first, _ in first }

        func tags(_ reference: ModelReference) -> [String] {
            var tags: [String] = []
            if let place = chain.firstIndex(of: reference) { tags.append(place == 0 ? "default" : "fallback#\(place)") }
            if reference == image { tags.append("image") }
            if keys.contains(reference) { tags.append("configured") }
            return tags
        }
        func isLocal(_ provider: ProviderID) -> Bool {
            if let url = catalog.endpoint(of: provider, table: table)?.baseURL, let host = LocalHost.host(of: url) {
                return LocalHost.isLocal(host)
            }
            return table[provider]?.isLocal ?? false
        }
        let known = catalog.models.map { entry in
            ModelRow.Model(
                id: entry.id, provider: entry.provider, name: entry.name,
                api: catalog.api(of: entry.reference, table: table)?.rawValue, contextWindow: entry.contextWindow,
                contextTokens: entry.contextTokens, isReasoning: entry.isReasoning, input: entry.input.map(\.rawValue),
                alias: aliases[entry.reference], tags: tags(entry.reference),
                isConfigured: named.contains(entry.reference) || entry.origin == .configured,
                isAllowed: allowList.allows(entry.reference), isLocal: isLocal(entry.provider))
        }
        let missing = named.filter { catalog[$0] == nil }.sorted().map { reference in
            ModelRow.Model(
                id: reference.model, provider: reference.provider, name: reference.model.rawValue,
                alias: aliases[reference], tags: tags(reference), isConfigured: true,
                isAllowed: allowList.allows(reference), isLocal: isLocal(reference.provider), isMissing: true)
        }
        return known + missing
    }

    /// The configured models as `models status` shows them.
    package var summary: ModelsStatusReport.Models {
        ModelsStatusReport.Models(
            defaultModel: defaultSpelling ?? "\(selection.primary)", resolvedDefault: "\(selection.primary)",
            fallbacks: selection.fallbacks.map { "\($0)" }, imageModel: imageModel, imageFallbacks: imageFallbacks,
            defaultOrigin: selection.primaryOrigin == .agent ? .agent : .defaults,
            fallbacksOrigin: selection.fallbacksOrigin == .agent ? .agent : .defaults,
            aliases: names.aliases.mapValues { "\($0)" }, allowed: allowed,
            allowRule: allowList.allowsAny
                ? "any model may be chosen; \(allowList.rule.rawValue) names none" : "by \(allowList.rule.rawValue)")
    }
}
