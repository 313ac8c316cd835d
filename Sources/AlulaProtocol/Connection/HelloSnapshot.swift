package import AlulaJSON

/// What a client learns about the gateway when it connects.
package struct HelloSnapshot: Sendable {
    /// The result of `health`, as the client may see it.
    package let health: JSONValue
    /// ``health`` as compact JSON. It is the longest part by far, so whoever makes it for many keeps it encoded.
    package let encodedHealth: [UInt8]
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

    /// - Parameter encodedHealth: `health` as compact JSON, when the caller has it already.
    package init(
        health: JSONValue, encodedHealth: [UInt8]? = nil, uptime: Duration, configurationPath: String? = nil,
        stateDirectory: String? = nil,
        defaultAgent: String = "main", mainKey: String = "main", sessionScope: String = "per-sender"
    ) {
        self.health = health
        self.encodedHealth = encodedHealth ?? health.serialized(.compact)
        self.uptime = uptime
        self.configurationPath = configurationPath
        self.stateDirectory = stateDirectory
        self.defaultAgent = defaultAgent
        self.mainKey = mainKey
        self.sessionScope = sessionScope
    }
}
