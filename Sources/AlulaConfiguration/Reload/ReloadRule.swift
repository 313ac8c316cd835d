import AlulaJSON

/// What a change below one place touches. The first rule that matches counts.
struct ReloadRule: Sendable {
    /// Keys from the root on; `*` stands for any key or index.
    let pattern: [String]
    /// What is touched.
    let effects: Set<ReloadPlan.Effect>

    private init(_ pattern: String, _ effects: Set<ReloadPlan.Effect>) {
        self.pattern = pattern.split(separator: ".").map(String.init)
        self.effects = effects
    }

    /// What a change at `path` touches.
    ///
    /// A place above several rules, such as a whole section that became something else, touches what all of them do.
    static func effects(of path: ConfigurationPath) -> Set<ReloadPlan.Effect> {
        let keys = path.components.map(\.key)
        var effects = Set<ReloadPlan.Effect>()
        for rule in table where rule.pattern.count > keys.count && matches(rule.pattern.prefix(keys.count), keys[...]) {
            effects.formUnion(rule.effects)
        }
        let first = table.first { rule in
            rule.pattern.count <= keys.count && matches(rule.pattern[...], keys.prefix(rule.pattern.count))
        }
        return effects.union(first?.effects ?? [])
    }

    private static func matches(_ pattern: ArraySlice<String>, _ keys: ArraySlice<String>) -> Bool {
        zip(pattern, keys).allSatisfy { $0 == "*" || $0 == $1 }
    }

    /// The table. What no rule names has no effect on a running gateway.
    static let table: [ReloadRule] =
        [
            ReloadRule("gateway.remote", []),
            ReloadRule("gateway.reload", [.reloading]),
            ReloadRule("gateway.channelHealthCheckMinutes", [.channels]),
            ReloadRule("gateway.channelStaleEventThresholdMinutes", [.channels]),
            ReloadRule("gateway.channelMaxRestartsPerHour", [.channels]),
            ReloadRule("gateway.auth", [.access]),
            ReloadRule("gateway.allowRealIpFallback", [.access]),
            ReloadRule("gateway.controlUi.allowedOrigins", [.access]),
            ReloadRule("gateway.controlUi.dangerouslyAllowHostHeaderOriginFallback", [.access]),
            ReloadRule("gateway.controlUi.dangerouslyDisableDeviceAuth", [.access]),
            ReloadRule("gateway.trustedProxies", [.access]),
            ReloadRule("gateway", [.gatewayRestart]),

            ReloadRule("models.providers", [.modelsAuth, .models]),
            ReloadRule("models.mode", [.modelsAuth, .models]),
            ReloadRule("models", [.models]),
        ]
        + agentRules(below: "agents.defaults") + agentRules(below: "agents.entries.*")
        + agentRules(below: "agents.list.*")
        + [
            ReloadRule("agents.defaults.systemAgent", [.modelsAuth, .agents]),
            ReloadRule("agents.ownership", []),
            ReloadRule("agents", [.agents]),

            ReloadRule("auth", [.modelsAuth]),
            ReloadRule("secrets", [.modelsAuth, .secrets]),
            ReloadRule("env", [.environment, .modelsAuth, .secrets]),
            ReloadRule("logging", [.logging]),
            // It decides which rule says what models are allowed.
            ReloadRule("meta.lastTouchedVersion", [.models]),
            ReloadRule("channels", [.channels]),
            ReloadRule("web", [.channels]),
            ReloadRule("hooks", [.hooks]),
            ReloadRule("cron", [.schedules]),
        ]

    /// What matters about an agent, or about the defaults of all.
    private static func agentRules(below place: String) -> [ReloadRule] {
        let auth: Set<ReloadPlan.Effect> = [.agents, .models, .modelsAuth]
        let keys = [
            "agentDir", "agentRuntime", "default", "id", "imageModel", "model", "modelPolicy", "models", "runtime",
            "subagents.model", "utilityModel", "workspace",
        ]
        return [ReloadRule(place + ".heartbeat", [.heartbeat])] + keys.map { ReloadRule(place + "." + $0, auth) }
    }
}
