/// The whole configuration as settings, with every default filled in.
///
/// It holds secrets, each as a `Secret`. A module gets its own section, never the whole.
package struct Configuration: Sendable {
    /// `gateway`.
    package var gateway = GatewaySettings()
    /// `models`.
    package var models = ModelsSettings()
    /// `agents`.
    package var agents = AgentsSettings()
    /// `auth`.
    package var auth = AuthSettings()
    /// `secrets`.
    package var secrets = SecretsSettings()
    /// `env`.
    package var environment = EnvironmentSettings()
    /// `logging`.
    package var logging = LoggingSettings()
    /// `meta`.
    package var meta = MetaSettings()

    /// The defaults, as an empty file gives them.
    package init() {}
}

extension Configuration {
    /// Top-level sections that OpenClaw knows and this gateway keeps without reading them.
    static let keptSections = [
        "$schema", "accessGroups", "acp", "agent", "approvals", "audio", "audit", "bindings", "broadcast", "browser",
        "canvasHost", "channels", "cli", "cloudWorkers", "commands", "cron", "desktop", "diagnostics", "discovery",
        "hooks", "identity", "mcp", "media", "memory", "messages", "nodeHost", "plugins", "routing", "session",
        "skills",
        "talk", "tools", "tts", "ui", "update", "web", "wizard",
    ]

    /// Reads the sections of a resolved document.
    ///
    /// - Parameter hasGatewaySecret: Whether the environment brings the gateway's token or password.
    init(reading reader: ObjectReader, hasGatewaySecret: Bool) {
        if let inner = reader.object("meta") { meta = MetaSettings(reading: inner) }
        // First, since references elsewhere lean on its defaults.
        if let inner = reader.object("secrets") { secrets = SecretsSettings(reading: inner) }
        let defaults = secrets.defaults
        if let inner = reader.object("gateway") {
            gateway = GatewaySettings(reading: inner, defaults: defaults, hasEnvironmentSecret: hasGatewaySecret)
        }
        if let inner = reader.object("models") { models = ModelsSettings(reading: inner, defaults: defaults) }
        let version = meta.lastTouchedVersion
        if let inner = reader.object("agents") {
            agents = AgentsSettings(reading: inner, lastTouchedVersion: version)
        } else if MetaSettings.isBefore(version, year: 2026, month: 5) {
            agents.allowListRule = .legacyModelsMap
        }
        if let inner = reader.object("auth") { auth = AuthSettings(reading: inner) }
        if let inner = reader.object(EnvironmentSettings.sectionKey) {
            environment = EnvironmentSettings(reading: inner)
        }
        if let inner = reader.object("logging") { logging = LoggingSettings(reading: inner) }
        for section in Self.keptSections { reader.ignore(section) }
        reader.finish()
    }
}
