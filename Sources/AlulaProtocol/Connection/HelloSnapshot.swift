package import AlulaJSON

/// What a client learns about the gateway when it connects.
package struct HelloSnapshot: Sendable {
    /// The result of `health`, as the client may see it.
    package var health: JSONValue
    package var uptime: Duration
    /// Shown to administrators only.
    package var configurationPath: String?
    /// Shown to administrators only.
    package var stateDirectory: String?
    package var defaultAgent: String
    /// `session.mainKey`.
    package var mainKey: String
    /// `per-sender` or `global`.
    package var sessionScope: String

    package init(
        health: JSONValue, uptime: Duration, configurationPath: String? = nil, stateDirectory: String? = nil,
        defaultAgent: String = "main", mainKey: String = "main", sessionScope: String = "per-sender"
    ) {
        self.health = health
        self.uptime = uptime
        self.configurationPath = configurationPath
        self.stateDirectory = stateDirectory
        self.defaultAgent = defaultAgent
        self.mainKey = mainKey
        self.sessionScope = sessionScope
    }
}
