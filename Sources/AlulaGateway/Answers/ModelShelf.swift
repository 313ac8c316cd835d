import AlulaAuth
import AlulaConfiguration
import AlulaModels
import AlulaPrimitives

/// The models of an installation as its configuration puts them: which there are, which are chosen, which allowed.
struct ModelShelf {
    let names: ModelNames
    let selection: ModelSelection
    let allowList: ModelAllowList
    /// Who looks at pictures in place of a model that can't, in order; as `agents.defaults.imageModel` has it.
    let imageModels: [ModelReference]
    private let settings: Configuration
    private let agent: AgentSettings?
    private let catalog: ModelCatalog

    /// - Parameter agent: `nil` means the default agent.
    init(_ state: LoadedState, agent requested: AgentID? = nil) {
        settings = state.configuration
        catalog = state.catalog
        agent = settings.agents[requested ?? settings.agents.defaultAgent]
        names = Self.names(settings, agent: agent)
        selection = Self.selection(settings, agent: agent, names: names)
        let defaults = settings.agents.defaults
        let looking = [defaults.imageModel?.primary].compactMap(\.self) + (defaults.imageModel?.fallbacks ?? [])
        imageModels = looking.compactMap { [names] text in names.resolve(text)?.reference }
        switch settings.agents.allowListRule {
        case .legacyModelsMap:
            allowList = ModelAllowList(modelKeys: defaults.models.map(\.reference), selection: selection, names: names)
        case .modelPolicy:
            allowList = ModelAllowList(
                policy: defaults.allowedModels, agentPolicy: agent?.allowedModels, selection: selection, names: names)
        }
    }

    /// The default agent's selection.
    static func selection(_ settings: Configuration) -> ModelSelection {
        let agent = settings.agents[settings.agents.defaultAgent]
        return selection(settings, agent: agent, names: names(settings, agent: agent))
    }

    private static func names(_ settings: Configuration, agent: AgentSettings?) -> ModelNames {
        let preferences = settings.agents.defaults.models + (agent?.models ?? [])
        return ModelNames(
            aliases: preferences.compactMap { preference in preference.alias.map { ($0, preference.reference) } },
            configuredKeys: preferences.map(\.reference), listed: listed(settings))
    }

    private static func selection(
        _ settings: Configuration, agent: AgentSettings?, names: ModelNames
    ) -> ModelSelection {
        ModelSelection.resolve(
            defaults: settings.agents.defaults.model.map(\.setting), agent: agent?.model.map(\.setting),
            listed: listed(settings), names: names)
    }

    private static func listed(_ settings: Configuration) -> [ModelReference] {
        settings.models.providers.flatMap { provider in
            provider.models.map { ModelReference(provider: provider.id, model: $0.id) }
        }
    }

    /// Every model that is known or named, for `models.list`.
    var models: [ModelRow.Model] {
        let aliases = Dictionary(names.aliases.map { ($0.value.unpinned, $0.key) }) { min($0, $1) }
        let named = namedModels
        var rows = catalog.models.map { model in
            row(
                model.reference, model: model, alias: aliases[model.reference], isNamed: named.contains(model.reference)
            )
        }
        for reference in named.sorted() where catalog[reference] == nil {
            rows.append(row(reference, model: nil, alias: aliases[reference], isNamed: true))
        }
        return rows
    }

    /// What `models status` repeats of the settings.
    var summary: ModelsStatusReport.Models {
        let defaults = settings.agents.defaults
        return ModelsStatusReport.Models(
            defaultModel: agent?.model?.primary ?? defaults.model?.primary ?? selection.primary.description,
            resolvedDefault: selection.primary.description, fallbacks: selection.fallbacks.map(\.description),
            imageModel: defaults.imageModel?.primary, imageFallbacks: defaults.imageModel?.fallbacks ?? [],
            defaultOrigin: selection.primaryOrigin == .agent ? .agent : .defaults,
            fallbacksOrigin: selection.fallbacksOrigin == .agent ? .agent : .defaults,
            aliases: names.aliases.mapValues(\.description),
            allowed: allowList.allowsAny
                ? [] : settings.agents.allowedModels(for: agent?.id ?? settings.agents.defaultAgent) ?? [],
            allowRule: allowRule)
    }

    private var allowRule: String {
        if allowList.allowsAny { return "any model may be chosen" }
        return switch settings.agents.allowListRule {
        case .legacyModelsMap: "only keys of agents.defaults.models may be chosen (older rule)"
        case .modelPolicy: "only entries of modelPolicy.allow may be chosen"
        }
    }

    /// Models that the configuration names: chosen ones, preferences, and entries of providers.
    private var namedModels: Set<ModelReference> {
        var named = Set(selection.chain.map(\.unpinned))
        for preference in settings.agents.defaults.models + (agent?.models ?? [])
        where !preference.reference.hasSuffix("*") {
            if let match = names.resolve(preference.reference) { named.insert(match.reference.unpinned) }
        }
        for provider in settings.models.providers {
            for model in provider.models { named.insert(ModelReference(provider: provider.id, model: model.id)) }
        }
        return named
    }

    private func row(
        _ reference: ModelReference, model: CatalogModel?, alias: String?, isNamed: Bool
    ) -> ModelRow.Model {
        var tags: [String] = []
        if reference == selection.primary.unpinned { tags.append("default") }
        if let index = selection.fallbacks.firstIndex(where: { $0.unpinned == reference }) {
            tags.append("fallback#\(index + 1)")
        }
        if isNamed { tags.append("configured") }
        let entry = ProviderTable.builtIn[reference.provider]
        return ModelRow.Model(
            id: reference.model, provider: reference.provider, name: model?.name ?? reference.model.rawValue,
            api: catalog.api(of: reference)?.rawValue, contextWindow: model?.contextWindow,
            contextTokens: model?.contextTokens, isReasoning: model?.isReasoning,
            input: model?.input.map(\.rawValue) ?? [], alias: alias, tags: tags, isConfigured: isNamed,
            isAllowed: allowList.allows(reference), isLocal: entry?.isLocal ?? false, isMissing: model == nil)
    }
}

extension ModelChoice {
    fileprivate var setting: ModelSelection.Setting { .init(primary: primary, fallbacks: fallbacks) }
}
