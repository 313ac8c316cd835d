package import AlulaPrimitives

/// For whom and under which settings an answer is wanted.
package struct CallerScope: Hashable, Sendable {
    package var agent: AgentID
    /// The settings that the caller goes by.
    package var fingerprint: FactVersion
    /// `nil` accepts whatever the agent has.
    package var workspace: String?
    package var store: StoreID?
    /// Whether logins of other tools count.
    package var countsToolLogins: Bool
    /// Whether what needs no login counts.
    package var countsKeyless: Bool

    package init(
        agent: AgentID, fingerprint: FactVersion, workspace: String? = nil, store: StoreID? = nil,
        countsToolLogins: Bool = true, countsKeyless: Bool = true
    ) {
        self.agent = agent
        self.fingerprint = fingerprint
        self.workspace = workspace
        self.store = store
        self.countsToolLogins = countsToolLogins
        self.countsKeyless = countsKeyless
    }
}

/// The first part of a scope that a prepared snapshot does not match. Raw values are metric dimensions.
package enum ScopeMismatch: String, CaseIterable, Sendable {
    case agent = "agent_id"
    case settings = "config_fingerprint"
    case workspace
    case store = "agent_dir"
    case toolLogins = "cli_discovery"
    case keyless = "synthetic_auth"
}

extension PreparedAuth {
    /// Why this snapshot can't serve `scope`, or `nil` when it can.
    package func mismatch(with scope: CallerScope) -> ScopeMismatch? {
        guard let place = context.agents.first(where: { $0.id == scope.agent }), agents[scope.agent] != nil else {
            return .agent
        }
        if scope.fingerprint != context.fingerprint { return .settings }
        if let workspace = scope.workspace, workspace != place.workspace { return .workspace }
        if let store = scope.store, store != place.store { return .store }
        if !scope.countsToolLogins { return .toolLogins }
        if !scope.countsKeyless { return .keyless }
        return nil
    }
}
