import AlulaModels
package import AlulaPrimitives

extension ModelsStatusReport {
    /// Reports on every provider that is in use or has something to be used with.
    package init(
        _ reader: AuthReader, models: Models, configurationPath: String, requestedAgent: AgentID? = nil,
        isShellFallbackEnabled: Bool = false
    ) {
        let builder = ModelsStatusBuilder(reader)
        let rows = builder.rows()
        let missing = rows.filter { $0.isInUse && $0.answer.lacksCredential }.map(\.answer.provider)
        let logins = builder.logins()
        self.init(
            configurationPath: configurationPath, requestedAgent: requestedAgent, agent: reader.agent,
            agentDirectory: reader.storeID.directory, storePath: reader.storePath, models: models,
            isShellFallbackEnabled: isShellFallbackEnabled,
            shellVariables: reader.prepared.facts.environment.origins.filter { $0.value == .shell }.keys.sorted(),
            providers: rows, missingInUse: missing, providersWithOAuth: builder.providersWithOAuth(rows),
            profiles: builder.profiles(), unusable: builder.profiles().filter { $0.window != nil }, logins: logins,
            at: reader.now, generation: reader.prepared.generation,
            isStale: reader.prepared.isStale, check: .judge(logins, missingInUse: missing))
    }
}

/// Collects the parts of a ``ModelsStatusReport``.
private struct ModelsStatusBuilder {
    let reader: AuthReader
    let health: AuthHealth
    let inUse: Set<ProviderID>

    init(_ reader: AuthReader) {
        self.reader = reader
        health = AuthHealth(reader)
        inUse = Set(reader.prepared.context.providersInUse)
    }

    func rows() -> [ModelsStatusReport.Provider] {
        let context = reader.prepared.context
        var ids = inUse.union(health.storedProviders).union(context.providers.keys)
        ids.formUnion(context.configuredProfiles.values.map(\.provider))
        for id in context.providerIDs where !ids.contains(id) {
            // One that nobody mentions is shown when it could be used all the same.
            if reader.availability(of: id).isAvailable { ids.insert(id) }
        }
        return ids.sorted().map(row).filter { $0.isInUse || $0.effective.kind != .missing || $0.profiles.count > 0 }
    }

    private func row(_ id: ProviderID) -> ModelsStatusReport.Provider {
        let evaluation = reader.evaluation(of: id)
        let answer = ProviderAnswer(evaluation, remedies: reader.remedies)
        let counts = counts(of: id)
        return ModelsStatusReport.Provider(
            answer: answer, displayName: reader.table[id]?.displayName ?? id.rawValue, isInUse: inUse.contains(id),
            effective: effective(evaluation, answer: answer), profiles: counts,
            environment: evaluation.candidates.compactMap(\.environmentLabel).first,
            configuredKey: configuredKey(of: id),
            ambient: evaluation.candidates.first { $0.isAmbient }?.label)
    }

    private func effective(
        _ evaluation: ProviderEvaluation, answer: ProviderAnswer
    ) -> ModelsStatusReport.EffectiveAuth {
        guard case .available(let evidence) = evaluation.availability else {
            // A login that rests or has ended is still what would be used.
            if evaluation.candidates.contains(where: { $0.profile != nil }) {
                return .init(kind: .profiles, detail: reader.storePath)
            }
            return .init(kind: .missing, detail: answer.reason ?? "missing")
        }
        switch evidence.source {
        case .profile: return .init(kind: .profiles, detail: reader.storePath)
        case .login(let tool, _): return .init(kind: .profiles, detail: tool.displayName)
        case .environment: return .init(kind: .environment, detail: evidence.label)
        case .configuration: return .init(kind: .configuration, detail: evidence.label)
        case .aws where evidence.label.hasPrefix("AWS_"): return .init(kind: .environment, detail: evidence.label)
        case .aws, .googleCredentials, .localServer, .builtIn: return .init(kind: .synthetic, detail: evidence.label)
        }
    }

    private func configuredKey(of id: ProviderID) -> ModelsStatusReport.ConfiguredKey? {
        switch reader.prepared.context.providers[id]?.key {
        case .absent, nil: nil
        case .literal: .init(value: Secret.placeholder, source: "models.json")
        case .marker(let marker): .init(value: "marker(\(marker))", source: "models.json")
        case .reference(let reference): .init(value: "\(reference)", source: "models.json")
        case .profile(let profile): .init(value: "profile(\(profile))", source: "models.json")
        }
    }

    private func counts(of id: ProviderID) -> ModelsStatusReport.ProfileCounts {
        var counts = ModelsStatusReport.ProfileCounts()
        for profile in health.profiles(of: id) {
            switch profile.kind {
            case .oauth: counts.oauth += 1
            case .token: counts.token += 1
            case .apiKey: counts.apiKey += 1
            }
            if let fact = reader.store.profiles[profile.id]?.fact {
                counts.labels.append(ProfileLabel(profile: profile, fact: fact, now: reader.now).text)
            }
        }
        return counts
    }

    func providersWithOAuth(_ rows: [ModelsStatusReport.Provider]) -> [String] {
        rows.compactMap { row in
            let count = row.profiles.oauth + row.profiles.token
            return count > 0 ? "\(row.answer.provider) (\(count))" : nil
        }
    }

    func profiles() -> [AuthStatusReport.Profile] {
        health.storedProviders.sorted().flatMap(health.profiles)
    }

    /// Providers that have a login which ends, or for which the configuration wants one.
    func logins() -> [AuthStatusReport.Provider] {
        let stored = reader.store.profiles.values.filter { $0.fact.kind != .apiKey }.map(\.fact.provider)
        return health.configuredProviders.union(stored).sorted().map(health.provider)
    }
}

extension EvaluatedCandidate {
    fileprivate var environmentLabel: String? {
        if case .environment = evidence?.source { label } else { nil }
    }

    fileprivate var isAmbient: Bool {
        switch evidence?.source {
        case .googleCredentials, .aws, .localServer, .builtIn: true
        case .environment, .profile, .login, .configuration, nil: false
        }
    }
}
