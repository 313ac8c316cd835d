package import AlulaJSON
package import AlulaModels
package import AlulaPrimitives
package import AlulaProtocol

/// The operations behind `models.*` and `/v1/models`.
package protocol ModelOperations: Sendable {
    /// `models.list`: the models, with whether their provider can answer.
    func modelsList(_ query: ModelsListQuery) async throws(GatewayError) -> JSONValue

    /// `models.status`, which is ours: each provider's answer with its evidence, reason and remedy.
    func modelsStatus(_ query: ModelsStatusQuery) async throws(GatewayError) -> JSONValue

    /// `models.explain`, which is ours: which models and logins a request would try now, and what keeps the others out.
    func modelsExplain(_ query: ModelsExplainQuery) async throws(GatewayError) -> JSONValue

    /// `models.authStatus`: the state of the logins.
    func authStatus(_ query: AuthStatusQuery) async throws(GatewayError) -> JSONValue

    /// `models.authLogout`: removes logins from the stores. It may wait for a disk, on the blocking pool.
    func authLogout(_ query: AuthLogoutQuery) async throws(GatewayError) -> JSONValue

    /// The rows of `GET /v1/models`, in order.
    func openAIModels() async throws(GatewayError) -> [OpenAIModel]
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

/// What `models.explain` asks for.
package struct ModelsExplainQuery: Hashable, Sendable {
    package let caller: Caller
    /// As a request to a model would name it.
    package let model: String
    /// What the request would hold besides text.
    package let needs: [ModelCapability]

    package init(caller: Caller, model: String, needs: [ModelCapability] = []) {
        self.caller = caller
        self.model = model
        self.needs = needs
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
