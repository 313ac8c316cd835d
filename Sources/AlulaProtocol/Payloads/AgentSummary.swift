package import AlulaJSON
package import AlulaPrimitives

/// One configured agent as `agents.list` and `health` show it.
package struct AgentSummary: Hashable, Sendable {
    package var id: AgentID
    package var name: String?
    package var workspace: String
    /// The directory that holds the agent's store.
    package var directory: String
    package var primaryModel: String?
    package var fallbacks: [String]

    package init(
        id: AgentID, name: String? = nil, workspace: String, directory: String, primaryModel: String? = nil,
        fallbacks: [String] = []
    ) {
        self.id = id
        self.name = name
        self.workspace = workspace
        self.directory = directory
        self.primaryModel = primaryModel
        self.fallbacks = fallbacks
    }

    /// The result of `agents.list`.
    ///
    /// - Parameters:
    ///   - mainKey: `session.mainKey`.
    ///   - scope: `per-sender` or `global`.
    package static func list(
        _ agents: [AgentSummary], default defaultAgent: AgentID, mainKey: String = "main", scope: String = "per-sender"
    ) -> JSONValue {
        [
            "defaultId": .string(defaultAgent.rawValue), "mainKey": .string(mainKey), "scope": .string(scope),
            "agents": .array(agents.map { $0.payload(isDefault: $0.id == defaultAgent) }),
        ]
    }

    private func payload(isDefault: Bool) -> JSONValue {
        var object = JSONObject()
        object["id"] = .string(id.rawValue)
        object["name"] = name.map { .string($0) }
        object["workspace"] = .string(workspace)
        object["agentDir"] = .string(directory)
        if primaryModel != nil || !fallbacks.isEmpty {
            var model = JSONObject()
            model["primary"] = primaryModel.map { .string($0) }
            model["fallbacks"] = fallbacks.isEmpty ? nil : fallbacks.json
            object["model"] = .object(model)
        }
        object["isDefault"] = .bool(isDefault)
        return .object(object)
    }
}
