import AlulaPrimitives

@testable import AlulaAuth

/// A machine with one agent, put together for a report.
struct ReportScene {
    static let now = Timestamp(milliseconds: 1_780_000_000_000)
    static let store = StoreID("/state/agents/main/agent")

    var context = AuthContext(
        agents: [.init(id: .main, store: store, workspace: "/state/workspace")], defaultAgent: .main, mainStore: store)
    var facts = AuthFacts(stores: [store: .absent], googleCredentials: .absent, awsFiles: .absent)
    private var stored = StoreFact(origin: .profiles, path: "/state/agents/main/agent/auth-profiles.json")

    static func after(_ duration: Duration) -> Timestamp { now.advanced(by: duration) }

    /// Configures an entry of `models.providers`.
    mutating func configure(_ id: ProviderID, auth: String? = nil, key: AuthContext.Provider.Key = .absent) {
        context.providers[id] = .init(id: id, auth: auth, key: key)
    }

    /// Configures an entry of `auth.profiles`.
    mutating func configureProfile(_ id: ProfileID, provider: ProviderID, mode: String) {
        context.configuredProfiles[id] = .init(provider: provider, mode: mode)
    }

    /// Stores a login. `ends` is counted from now; `nil` states no end.
    mutating func keep(
        _ id: ProfileID, _ provider: ProviderID, _ kind: ProfileFact.Kind, ends: Duration? = nil,
        expiry: ProfileFact.Expiry? = nil, hasToken: Bool = true, canRenew: Bool = true,
        email: String? = nil
    ) {
        var fact = ProfileFact(
            provider: provider, kind: kind, inlineDigest: hasToken ? FactVersion(rawValue: 5) : nil,
            refreshDigest: hasToken && canRenew && kind == .oauth ? FactVersion(rawValue: 6) : nil,
            expiry: expiry ?? ends.map { .at(Self.after($0)) } ?? .unstated)
        fact.identity.email = email
        stored.profiles[id] = fact
    }

    /// Stores a login that points at its secret.
    mutating func keep(_ id: ProfileID, _ provider: ProviderID, reference: SecretReference) {
        stored.profiles[id] = ProfileFact(provider: provider, kind: .apiKey, reference: reference)
    }

    /// Gives a stored login the name that its owner chose.
    mutating func name(_ id: ProfileID, _ displayName: String) { stored.profiles[id]?.displayName = displayName }

    mutating func setUsage(_ id: ProfileID, _ change: (inout ProfileUsage) -> Void) {
        var usage = stored.usage[id] ?? ProfileUsage()
        change(&usage)
        stored.usage[id] = usage
    }

    mutating func setOrder(_ provider: ProviderID, _ ids: [ProfileID]) { stored.order[provider] = ids }

    /// Sets a variable of the process.
    mutating func setVariable(_ name: String) { facts.environment.origins[name] = .process }

    /// Puts a login of another tool on the machine.
    mutating func leaveLogin(_ tool: LoginTool, ends: Duration) {
        facts.logins[tool] = .found(
            LoginFact(
                tool: tool, kind: .oauth, digest: FactVersion(rawValue: 8), refreshDigest: FactVersion(rawValue: 9),
                expiry: .at(Self.after(ends)), modified: Self.now, path: "/home/me/login.json"),
            version: FactVersion(rawValue: 1))
    }

    var reader: AuthReader {
        var facts = facts
        if !stored.isEmpty { facts.stores[Self.store] = .found(stored, version: FactVersion(rawValue: 3)) }
        let prepared = AuthPreparer.prepare(
            context: context, facts: facts, generation: 4, gathering: .worker, now: Self.now)
        return AuthReader(prepared, now: Self.now)
    }

    var status: AuthStatusReport { AuthStatusReport(reader) }

    var models: ModelsStatusReport {
        ModelsStatusReport(reader, models: .init(), configurationPath: "/state/openclaw.json")
    }
}
