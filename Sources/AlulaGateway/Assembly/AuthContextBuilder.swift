import AlulaAuth
import AlulaConfiguration
import AlulaModels
import AlulaPrimitives

/// Reduces the configuration to what evaluation needs: names, kinds and pointers, no secret.
struct AuthContextBuilder {
    let configuration: Configuration
    /// Where an agent's credential store is.
    let directory: (AgentSettings) -> String
    /// Where an agent works.
    let workspace: (AgentSettings) -> String
    /// The directory of the store that all agents inherit from.
    let mainDirectory: String
    var table = ProviderTable.builtIn

    func build() -> AuthContext {
        let agents = configuration.agents.agents.map { agent in
            AuthContext.Agent(
                id: agent.id, store: StoreID(directory(agent)), workspace: workspace(agent))
        }
        let configured = Dictionary(
            configuration.auth.profiles.map { profile in
                (profile.id, AuthContext.ConfiguredProfile(provider: profile.provider, mode: profile.mode.rawValue))
            }
        ) { first, _ in first }
        var context = AuthContext(
            agents: agents, defaultAgent: configuration.agents.defaultAgent, mainStore: StoreID(mainDirectory),
            providers: providers(), configuredProfiles: configured, configuredOrder: configuration.auth.order,
            secretProviders: secretProviders(),
            defaultEnvironmentAlias: configuration.secrets.defaults.alias(of: .environment))
        context.providersInUse = providersInUse()
        let known = Set(table.entries.filter { !$0.isMediaOnly }.map(\.id)).union(table.authAliases.keys)
        context.providerIDs = known.union(context.providers.keys).union(context.providersInUse).sorted()
        context.fingerprint = Self.fingerprint(of: context)
        return context
    }

    // MARK: Parts

    private func providers() -> [ProviderID: AuthContext.Provider] {
        let profilePrefixes = Set(configuration.models.providers.map(\.id.rawValue))
            .union(configuration.auth.profiles.map(\.provider.rawValue)).union(table.entries.map(\.id.rawValue))
        var entries: [ProviderID: AuthContext.Provider] = [:]
        for settings in configuration.models.providers {
            entries[settings.id] = AuthContext.Provider(
                id: settings.id, auth: settings.auth?.rawValue,
                key: key(settings.key, profilePrefixes: profilePrefixes), baseURL: settings.baseURL,
                api: settings.api, modelCount: settings.models.count,
                hasAuthorizationHeader: settings.hasAuthorizationHeader)
        }
        for id in configuration.models.invalidProviders {
            entries[id] = AuthContext.Provider(id: id, isInvalid: true)
        }
        return entries
    }

    /// What a key's text says, without the text: a literal stays a literal unless it is a marker or has exactly the
    /// form of a profile id of a known provider.
    private func key(_ input: SecretInput?, profilePrefixes: Set<String>) -> AuthContext.Provider.Key {
        switch input {
        case nil:
            return .absent
        case .reference(let reference):
            return .reference(reference)
        case .literal(let secret):
            let text = secret.normalised.exposed
            if text.isEmpty { return .absent }
            if case .environmentReference(let name)? = MarkerTable.kind(of: text) {
                return .reference(
                    SecretReference(
                        source: .environment, provider: configuration.secrets.defaults.alias(of: .environment),
                        id: name))
            }
            if MarkerTable.isMarker(text) { return .marker(text) }
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, !parts[1].isEmpty, profilePrefixes.contains(String(parts[0])) {
                return .profile(ProfileID(text))
            }
            return .literal
        }
    }

    private func secretProviders() -> [String: AuthContext.SecretProvider] {
        configuration.secrets.providers.mapValues { settings in
            switch settings {
            case .environment(let allowlist):
                AuthContext.SecretProvider(source: .environment, allowlist: allowlist.map { Set($0) })
            case .file: AuthContext.SecretProvider(source: .file)
            case .helper: AuthContext.SecretProvider(source: .helper)
            }
        }
    }

    /// Providers that the configuration names anywhere, in the order of the alphabet.
    private func providersInUse() -> [ProviderID] {
        var found = Set(configuration.models.providers.map(\.id)).union(configuration.models.invalidProviders)
        found.formUnion(configuration.auth.profiles.map(\.provider))
        found.formUnion(configuration.auth.order.keys)
        let defaults = configuration.agents.defaults
        var choices = [defaults.model, defaults.imageModel, defaults.subagentModel]
        var references = defaults.models.map(\.reference)
        for agent in configuration.agents.agents {
            choices += [agent.model, agent.subagentModel]
            references += agent.models.map(\.reference)
        }
        for choice in choices.compactMap({ $0 }) {
            references += [choice.primary].compactMap { $0 } + (choice.fallbacks ?? [])
        }
        if defaults.model?.primary == nil { references.append(ModelSelection.standard.description) }
        found.formUnion(references.compactMap { ModelReference($0, table: table)?.provider })
        return found.sorted()
    }

    // MARK: Fingerprint

    /// FNV-1a over the parts in a fixed order, so that it is the same in every process.
    private static func fingerprint(of context: AuthContext) -> FactVersion {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func mix(_ text: String) {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            hash = (hash ^ 0xFF) &* 0x100_0000_01B3
        }
        for agent in context.agents { mix("\(agent.id) \(agent.store) \(agent.workspace)") }
        mix("\(context.defaultAgent) \(context.mainStore) \(context.defaultEnvironmentAlias)")
        for entry in context.providers.values.sorted(by: { $0.id < $1.id }) { mix("\(entry)") }
        for (id, profile) in context.configuredProfiles.sorted(by: { $0.key < $1.key }) {
            mix("\(id) \(profile.provider) \(profile.mode)")
        }
        for (provider, order) in context.configuredOrder.sorted(by: { $0.key < $1.key }) { mix("\(provider) \(order)") }
        for (alias, provider) in context.secretProviders.sorted(by: { $0.key < $1.key }) {
            mix("\(alias) \(provider.source.rawValue) \(provider.allowlist?.sorted() ?? ["*"])")
        }
        mix(context.providerIDs.map(\.rawValue).joined(separator: ","))
        return FactVersion(rawValue: hash)
    }
}
