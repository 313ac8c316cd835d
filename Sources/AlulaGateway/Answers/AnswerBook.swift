import AlulaAuth
import AlulaConfiguration
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import AlulaProtocol
import AlulaState

/// Answers questions about models, providers and agents from what is in memory.
///
/// The running gateway and the command line without one use the same book, so both say the same.
struct AnswerBook: Sendable {
    let state: LoadedState
    let prepared: PreparedAuth
    let now: Timestamp

    init(state: LoadedState, prepared: PreparedAuth, now: Timestamp) {
        self.state = state
        self.prepared = prepared
        self.now = now
    }

    /// The result of `models.list`.
    func modelsList(view: ModelRow.View, agent: AgentID?) -> JSONValue {
        ModelListPayload.result(rows(view: view, agent: agent))
    }

    /// The result of `models.status`, our own method: what `alula models status --json` prints.
    func modelsStatus(agent: AgentID?) -> JSONValue {
        ModelsStatusReport(
            AuthReader(prepared, agent: agent, now: now), models: ModelShelf(state, agent: agent).summary,
            configurationPath: state.layout.configuration, requestedAgent: agent,
            isShellFallbackEnabled: state.configuration.environment.importsShell
        ).payload
    }

    /// The result of `models.authStatus`.
    ///
    /// - Parameter quotas: What is known of the allowances of the agent's accounts.
    func authStatus(agent: AgentID?, quotas: [ProviderID: ProviderQuota] = [:]) -> JSONValue {
        AuthStatusReport(AuthReader(prepared, agent: agent, now: now), quotas: quotas).payload
    }

    /// The result of `agents.list`.
    var agentsList: JSONValue { AgentSummary.list(Self.agents(of: state), default: state.context.defaultAgent) }

    /// The models that can answer now, for `GET /v1/models`.
    var availableModels: [ModelRow] { rows(view: .default, agent: nil).filter(\.isAvailable) }

    /// The state of the whole for `health` and `status`; it is there before the first snapshot is.
    static func health(
        state: LoadedState, prepared: PreparedAuth?, now: Timestamp, warm: WarmStatus, eventLoop: JSONValue?,
        version: String, additions: JSONObject = JSONObject()
    ) -> GatewayHealth {
        let model = ModelReference(state.defaultModel).flatMap { state.catalog[$0] }
        return GatewayHealth(
            at: now, agents: agents(of: state), defaultAgent: state.context.defaultAgent, warm: warm,
            prepared: prepared, eventLoop: eventLoop, version: version,
            defaultModel: state.defaultModel,
            defaultContextTokens: state.configuration.agents.defaults.contextTokens ?? model?.contextTokens
                ?? model?.contextWindow, additions: additions)
    }

    private func rows(view: ModelRow.View, agent: AgentID?) -> [ModelRow] {
        ModelRow.rows(
            of: ModelShelf(state, agent: agent).models, view: view,
            reader: AuthReader(prepared, agent: agent, now: now))
    }

    private static func agents(of state: LoadedState) -> [AgentSummary] {
        state.context.agents.map { place in
            let settings = state.configuration.agents[place.id]
            return AgentSummary(
                id: place.id, name: settings?.name ?? settings?.identity.name, workspace: place.workspace,
                directory: place.store.directory, primaryModel: settings?.model?.primary,
                fallbacks: settings?.model?.fallbacks ?? [])
        }
    }
}
