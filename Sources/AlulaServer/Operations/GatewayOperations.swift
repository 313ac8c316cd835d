package import AlulaJSON
package import AlulaPrimitives
package import AlulaProtocol

/// What the server asks the rest of the gateway, one operation for each method it serves.
///
/// The calls arrive on the event loop of the connection that asked. Whatever is not in memory belongs elsewhere:
/// an operation that reads a disk, takes a slow lock or computes for long moves itself to the blocking pool and is
/// awaited from there. ``hello(for:)`` and ``readiness()`` can't even wait, so that connecting never does work.
///
/// Payloads are the wire's. A thrown error is answered as it stands; its message reaches the caller, so it names no
/// host, path or credential.
package protocol GatewayOperations: Sendable {
    /// What a new client is told: the state of the gateway, from memory.
    func hello(for caller: Caller) -> HelloSnapshot

    /// Whether the gateway is ready, from memory.
    func readiness() -> Readiness

    /// `health`: the whole state of the gateway.
    func health(_ query: HealthQuery) async throws(GatewayError) -> JSONValue

    /// `status`: what runs and what is queued.
    func status(_ query: StatusQuery) async throws(GatewayError) -> JSONValue

    /// `models.list`: the models, with whether their provider can answer.
    func modelsList(_ query: ModelsListQuery) async throws(GatewayError) -> JSONValue

    /// `models.status`, which is ours: each provider's answer with its evidence, reason and remedy.
    func modelsStatus(_ query: ModelsStatusQuery) async throws(GatewayError) -> JSONValue

    /// `models.authStatus`: the state of the logins.
    func authStatus(_ query: AuthStatusQuery) async throws(GatewayError) -> JSONValue

    /// `models.authLogout`: removes logins from the stores. It may wait for a disk, on the blocking pool.
    func authLogout(_ query: AuthLogoutQuery) async throws(GatewayError) -> JSONValue

    /// `agents.list`: the configured agents.
    func agentsList(_ caller: Caller) async throws(GatewayError) -> JSONValue

    /// `secrets.reload`: resolves the secret references anew. It may wait for a disk, on the blocking pool.
    func secretsReload(_ caller: Caller) async throws(GatewayError) -> JSONValue

    /// The metrics in Prometheus' text format.
    func prometheusText() async -> String

    /// The rows of `GET /v1/models`, in order.
    func openAIModels() async throws(GatewayError) -> [OpenAIModel]
}

/// What `health` asks for.
package struct HealthQuery: Hashable, Sendable {
    package let caller: Caller
    /// Whether the caller wants live probes and not the last snapshot.
    package let wantsProbe: Bool

    package init(caller: Caller, wantsProbe: Bool = false) {
        self.caller = caller
        self.wantsProbe = wantsProbe
    }
}

/// What `status` asks for.
package struct StatusQuery: Hashable, Sendable {
    package let caller: Caller
    package let includesChannels: Bool

    package init(caller: Caller, includesChannels: Bool = true) {
        self.caller = caller
        self.includesChannels = includesChannels
    }
}

/// What `models.list` asks for.
package struct ModelsListQuery: Hashable, Sendable {
    /// Which models are shown. Raw values are the wire's.
    package enum View: String, CaseIterable, Sendable {
        /// What a picker shows.
        case standard = "default"
        /// Only what the configuration names.
        case configured
        /// The whole catalog.
        case all
    }

    package let caller: Caller
    package let view: View
    /// `nil` means the default agent.
    package let agentID: AgentID?

    package init(caller: Caller, view: View = .standard, agentID: AgentID? = nil) {
        self.caller = caller
        self.view = view
        self.agentID = agentID
    }
}

/// What `models.status` asks for.
package struct ModelsStatusQuery: Hashable, Sendable {
    package let caller: Caller
    /// `nil` means the default agent.
    package let agentID: AgentID?

    package init(caller: Caller, agentID: AgentID? = nil) {
        self.caller = caller
        self.agentID = agentID
    }
}

/// What `models.authStatus` asks for.
package struct AuthStatusQuery: Hashable, Sendable {
    package let caller: Caller
    /// Whether the stores are read again before answering.
    package let wantsRefresh: Bool
    /// `nil` means the default agent.
    package let agentID: AgentID?

    package init(caller: Caller, wantsRefresh: Bool = false, agentID: AgentID? = nil) {
        self.caller = caller
        self.wantsRefresh = wantsRefresh
        self.agentID = agentID
    }
}

/// What `models.authLogout` asks for.
package struct AuthLogoutQuery: Hashable, Sendable {
    package let caller: Caller
    package let provider: ProviderID
    /// Empty means all logins of the provider.
    package let profileIDs: [ProfileID]
    /// `nil` means the default agent.
    package let agentID: AgentID?

    package init(caller: Caller, provider: ProviderID, profileIDs: [ProfileID] = [], agentID: AgentID? = nil) {
        self.caller = caller
        self.provider = provider
        self.profileIDs = profileIDs
        self.agentID = agentID
    }
}
