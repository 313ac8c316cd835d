package import AlulaAuth
package import AlulaJSON
package import AlulaPrimitives

/// The state of the gateway as a whole: the contents of `health` and `status`.
///
/// Channels, sessions and heartbeats are parts of the protocol's shape that this version has nothing to put into;
/// they are there and empty, so that clients find what they look for.
package struct GatewayHealth: Sendable {
    package var at: Timestamp
    /// How long it took to put this together.
    package var duration: Duration
    package var agents: [AgentSummary]
    package var defaultAgent: AgentID
    package var warm: WarmStatus
    package var prepared: PreparedAuth?
    /// How the event loops keep time, as the monitor reports it.
    package var eventLoop: JSONValue?
    package var version: String
    /// The model that new conversations use.
    package var defaultModel: String?
    /// How much of a conversation that model reads, in tokens; `nil` for a model that nobody described.
    package var defaultContextTokens: Int?
    /// Further top-level members, such as the state of a reload.
    package var additions: JSONObject

    package init(
        at: Timestamp, duration: Duration = .zero, agents: [AgentSummary], defaultAgent: AgentID, warm: WarmStatus,
        prepared: PreparedAuth?, eventLoop: JSONValue? = nil, version: String, defaultModel: String? = nil,
        defaultContextTokens: Int? = nil, additions: JSONObject = JSONObject()
    ) {
        self.at = at
        self.duration = duration
        self.agents = agents
        self.defaultAgent = defaultAgent
        self.warm = warm
        self.prepared = prepared
        self.eventLoop = eventLoop
        self.version = version
        self.defaultModel = defaultModel
        self.defaultContextTokens = defaultContextTokens
        self.additions = additions
    }

    /// The result of `health`.
    package var health: JSONValue {
        var object = JSONObject()
        object["ok"] = true
        object["ts"] = at.json
        object["durationMs"] = duration.json
        object["channels"] = [:]
        object["channelOrder"] = []
        object["channelLabels"] = [:]
        object["heartbeatSeconds"] = 0
        object["defaultAgentId"] = .string(defaultAgent.rawValue)
        object["agents"] = .array(
            agents.map { agent in
                var row = JSONObject()
                row["agentId"] = .string(agent.id.rawValue)
                row["isDefault"] = .bool(agent.id == defaultAgent)
                row["name"] = agent.name.map { .string($0) }
                row["heartbeat"] = Self.noHeartbeat
                row["sessions"] = Self.noSessions
                return .object(row)
            })
        object["sessions"] = Self.noSessions
        object["eventLoop"] = eventLoop
        object["providerAuth"] = providerAuth
        for (key, value) in additions { object[key] = value }
        return .object(object)
    }

    /// The result of `status`.
    package var status: JSONValue {
        var object = JSONObject()
        object["runtimeVersion"] = .string(version)
        object["eventLoop"] = eventLoop
        object["heartbeat"] = [
            "defaultAgentId": .string(defaultAgent.rawValue),
            "agents": .array(
                agents.map { ["agentId": .string($0.id.rawValue), "enabled": false, "every": "0m", "everyMs": 0] }),
        ]
        object["channelSummary"] = []
        object["queuedSystemEvents"] = []
        object["sessions"] = [
            "paths": [], "count": 0,
            "defaults": [
                "model": defaultModel.map { .string($0) } ?? .null,
                "contextTokens": defaultContextTokens.map { .number($0) } ?? .null,
            ],
            "recent": [],
            "byAgent": .array(
                agents.map { ["agentId": .string($0.id.rawValue), "path": "", "count": 0, "recent": []] }),
        ]
        object["ts"] = at.json
        object["providerAuth"] = providerAuth
        for (key, value) in additions { object[key] = value }
        return .object(object)
    }

    /// How the preparing stands, and how many providers can answer for the default agent.
    private var providerAuth: JSONValue {
        var object = warm.payload(prepared: prepared).object ?? JSONObject()
        let answers = prepared?.agents[defaultAgent]
        let available = answers?.providers.filter { answers?[$0]?.isAvailable == true }.sorted() ?? []
        object["availableProviders"] = available.map(\.rawValue).json
        return .object(object)
    }

    private static let noHeartbeat: JSONValue = [
        "enabled": false, "every": "0m", "everyMs": 0, "prompt": "", "target": "none", "ackMaxChars": 300,
    ]
    private static let noSessions: JSONValue = ["path": "", "count": 0, "recent": []]
}
