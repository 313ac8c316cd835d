package import AlulaPrimitives

/// `agents`: who answers, where each works and which model it prefers. Everything takes effect at once.
package struct AgentsSettings: Sendable {
    /// Which of OpenClaw's two rules says what models an agent may be switched to.
    package enum AllowListRule: String, CaseIterable, Sendable {
        /// Up to 2026.4: the keys of `agents.defaults.models`, if there are any, are the only ones.
        case legacyModelsMap = "legacy-models-map"
        /// Later: `modelPolicy.allow`; `models` only says how things are shown.
        case modelPolicy = "model-policy"
    }

    /// What stands for an allow list that could not be read: one reference that no model has.
    static let unreadableAllowList = [""]

    /// `defaults`.
    package var defaults = AgentDefaults()
    /// `list` and `entries`, in the file's order, without those that were refused. Never empty: without any there is
    /// the one agent `main`.
    package private(set) var agents: [AgentSettings] = [AgentSettings(id: .main, isDefault: true)]
    private var places: [AgentID: Int] = [.main: 0]
    /// Which rule is in force, as the file's generation says.
    package var allowListRule = AllowListRule.modelPolicy

    /// The defaults: one agent, `main`.
    package init() {}

    /// The agent that answers where none is named.
    package private(set) var defaultAgent = AgentID.main

    /// One agent, or `nil`.
    package subscript(id: AgentID) -> AgentSettings? { places[id].map { agents[$0] } }

    /// Puts `agents`, whose ids all differ, in the place of the present ones. The first that is marked is the default;
    /// an empty list changes nothing.
    package mutating func replaceAgents(with agents: [AgentSettings]) {
        guard let first = agents.first else { return }
        self.agents = agents
        places = Dictionary(agents.enumerated().map { ($1.id, $0) }) { earlier, _ in earlier }
        defaultAgent = agents.first { $0.isDefault }?.id ?? first.id
    }

    /// What an agent may be switched to, by the rule in force: exact references, aliases, and references with a `*` at
    /// the end. `nil` means anything. The model and fallbacks that the configuration names are allowed besides.
    package func allowedModels(for agent: AgentID) -> [String]? {
        let list: [String]
        switch allowListRule {
        case .legacyModelsMap: list = defaults.models.map(\.reference)
        case .modelPolicy: list = self[agent]?.allowedModels ?? defaults.allowedModels ?? []
        }
        return list.isEmpty ? nil : list
    }
}

/// `agents.defaults`: what holds for every agent that does not say otherwise.
package struct AgentDefaults: Sendable {
    /// `workspace`: the directory agents work in. Default by the environment.
    package var workspace: String?
    /// `model`.
    package var model: ModelChoice?
    /// `imageModel`.
    package var imageModel: ModelChoice?
    /// `models`, in order.
    package var models: [ModelPreference] = []
    /// `modelPolicy.allow`; `nil` when it is not written.
    package var allowedModels: [String]?
    /// `subagents.model`.
    package var subagentModel: ModelChoice?
    /// `timeoutSeconds` of a turn; default the gateway's.
    package var timeout: Duration?
    /// `thinkingDefault`.
    package var thinking: String?
    /// `contextTokens`: the part of a model's window that is used.
    package var contextTokens: Int?
    /// `params`, over those of providers and their models.
    package var parameters = ParameterSettings()
    /// `maxConcurrent`: turns at once; default the gateway's.
    package var maximumConcurrentTurns: Int?

    /// The defaults.
    package init() {}
}

/// One agent.
package struct AgentSettings: Sendable {
    /// How an agent presents itself.
    package struct Identity: Hashable, Sendable {
        package var name: String?
        package var theme: String?
        package var emoji: String?
        package var avatar: String?

        package init() {}
    }

    /// `id`, or the key in `entries`; normalised.
    package var id: AgentID
    /// Whether this is the agent that answers where none is named. Exactly one is.
    package var isDefault: Bool
    /// `name`, for people.
    package var name: String?
    /// `workspace`: the directory it works in, as written.
    package var workspace: String?
    /// `agentDir`: the directory of its credential store, as written.
    package var directory: String?
    /// `model`.
    package var model: ModelChoice?
    /// `models`, in order.
    package var models: [ModelPreference] = []
    /// `modelPolicy.allow`; an empty list allows anything, `nil` leaves it to the defaults.
    package var allowedModels: [String]?
    /// `subagents.model`.
    package var subagentModel: ModelChoice?
    /// `agentRuntime.id`: another program that runs this agent's turns.
    package var runtime: String?
    /// `thinkingDefault`.
    package var thinking: String?
    /// `params`, over all others.
    package var parameters = ParameterSettings()
    /// `identity`.
    package var identity = Identity()

    /// An agent of which nothing else is known.
    package init(id: AgentID, isDefault: Bool = false) {
        self.id = id
        self.isDefault = isDefault
    }
}

/// A model and what is tried when it fails, as references that the model table resolves.
package struct ModelChoice: Hashable, Sendable {
    /// The first choice; `nil` leaves it to whoever is asked next.
    package var primary: String?
    /// Further choices, in order; `nil` when none are written, which is not the same as an empty list.
    package var fallbacks: [String]?

    /// Says nothing unless told.
    package init(primary: String? = nil, fallbacks: [String]? = nil) {
        self.primary = primary
        self.fallbacks = fallbacks
    }
}

/// One entry of a `models` map.
package struct ModelPreference: Hashable, Sendable {
    /// The key: a reference, or `provider/*`.
    package var reference: String
    /// `alias`: a short name for it.
    package var alias: String?
    /// `agentRuntime.id`: another program that runs this model.
    package var agentRuntime: String?
    /// `streaming`; default true.
    package var streams: Bool?
    /// `params`, over those of whoever has the map.
    package var parameters = ParameterSettings()

    /// A preference that only names its model.
    package init(reference: String) { self.reference = reference }
}
