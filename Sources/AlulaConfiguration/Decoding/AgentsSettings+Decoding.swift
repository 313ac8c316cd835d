import AlulaJSON
import AlulaPrimitives

extension AgentsSettings {
    /// - Parameter lastTouchedVersion: Which OpenClaw wrote the file last, if it says.
    init(reading reader: ObjectReader, lastTouchedVersion: String?) {
        var systemAgent: AgentID?
        if let inner = reader.object("defaults") { defaults = AgentDefaults(reading: inner, systemAgent: &systemAgent) }
        var read: [AgentSettings] = []
        // Problems name other agents by their place: an id is a value, and values are not quoted.
        var seen: [AgentID: ConfigurationPath] = [:]
        var workspaces: [String: ConfigurationPath] = [:]
        for entry in Self.entries(of: reader) {
            let consequence = "The agent is left out."
            guard let inner = reader.reader(of: entry.node, at: entry.path, consequence: consequence),
                let agent = inner.unlessRefused({ AgentSettings(inner, key: entry.key) })
            else { continue }
            if let first = seen[agent.id] {
                inner.refuse(.duplicateEntry, nil, "\(first) has the same id.")
                continue
            }
            seen[agent.id] = entry.path
            if let workspace = agent.workspace, let other = workspaces.updateValue(entry.path, forKey: workspace) {
                inner.warn(.conflict, "workspace", "\(other) works in the same directory.")
            }
            read.append(agent)
        }
        if !read.isEmpty {
            replaceAgents(with: Self.choosingDefault(among: read, systemAgent: systemAgent, reader))
        }
        allowListRule = rule(reader, lastTouchedVersion: lastTouchedVersion)
        reader.ignore("ownership")
        reader.finish()
    }

    /// Both spellings as one list; an entry of the newer one brings its key.
    private static func entries(
        of reader: ObjectReader
    ) -> [(key: String?, node: ConfigurationNode, path: ConfigurationPath)] {
        reader.elements("list").map { (nil, $0.node, $0.path) }
            + reader.entries("entries").map { ($0.name, $0.node, $0.path) }
    }

    /// Marks exactly one agent: the one that says so, the named system agent, `main` among several keyed ones, or the
    /// first.
    private static func choosingDefault(
        among agents: [AgentSettings], systemAgent: AgentID?, _ reader: ObjectReader
    ) -> [AgentSettings] {
        let marked = agents.filter(\.isDefault)
        if marked.count > 1 {
            reader.warn(
                .conflict, reader.has("list") ? "list" : "entries",
                "Several agents are marked as the default; the first of them counts.")
        }
        let named = systemAgent.flatMap { id in agents.contains { $0.id == id } ? id : nil }
        let keyed = reader.has("entries") && agents.contains { $0.id == .main } ? AgentID.main : nil
        let chosen = marked.first?.id ?? named ?? keyed ?? agents[0].id
        return agents.map { agent in
            var agent = agent
            agent.isDefault = agent.id == chosen
            return agent
        }
    }

    private func rule(_ reader: ObjectReader, lastTouchedVersion: String?) -> AllowListRule {
        let hasPolicy = defaults.allowedModels != nil || agents.contains { $0.allowedModels != nil }
        if hasPolicy || reader.has("entries") { return .modelPolicy }
        if reader.has("list") { return .legacyModelsMap }
        return MetaSettings.isBefore(lastTouchedVersion, year: 2026, month: 5) ? .legacyModelsMap : .modelPolicy
    }
}

extension AgentDefaults {
    fileprivate init(reading reader: ObjectReader, systemAgent: inout AgentID?) {
        workspace = reader.text("workspace")
        model = reader.modelChoice("model")
        imageModel = reader.modelChoice("imageModel")
        models = reader.modelPreferences("models")
        allowedModels = reader.allowedModels()
        timeout = reader.number("timeoutSeconds", in: 0.001...604_800).map { .seconds($0) }
        thinking = reader.text("thinkingDefault")
        contextTokens = reader.integer("contextTokens", in: 1...1_000_000_000)
        maximumConcurrentTurns = reader.integer("maxConcurrent", in: 1...10_000)
        subagentModel = reader.subagentModel()
        parameters = reader.parameters()
        if let inner = reader.object("systemAgent") {
            systemAgent = inner.text("agentId").map { AgentID($0) }
            inner.finish()
        }
        reader.ignore(
            "pdfModel", "imageGenerationModel", "videoGenerationModel", "musicGenerationModel", "mediaModels",
            "utilityModel", "repoRoot", "skills", "skipBootstrap", "contextInjection", "bootstrapMaxChars",
            "bootstrapTotalMaxChars", "userTimezone", "timeFormat", "startupContext", "contextPruning", "compaction",
            "verboseDefault", "reasoningDefault", "elevatedDefault", "blockStreamingDefault", "blockStreamingBreak",
            "blockStreamingChunk", "blockStreamingCoalesce", "humanDelay", "typingMode", "typingIntervalSeconds",
            "mediaMaxMb", "imageMaxDimensionPx", "heartbeat", "sandbox", "memorySearch", "cliBackends", "embeddedPi",
            "agentRuntime", "llm", "envelopeTimezone", "envelopeTimestamp", "envelopeElapsed", "tools",
            "fastModeDefault", "systemPromptOverride", "bootstrapPromptTruncationWarning", "promptOverlays")
        reader.finish()
    }
}

extension AgentSettings {
    /// - Parameter key: The entry's key in `entries`; `nil` in `list`, where the entry names itself.
    fileprivate init?(_ reader: ObjectReader, key: String?) {
        guard let spelling = key ?? reader.requiredText("id") else { return nil }
        self.init(id: AgentID(spelling), isDefault: reader.flag("default", default: false))
        if id.rawValue != spelling {
            reader.warn(
                .invalidValue, key == nil ? "id" : nil, "The agent goes by another id here.",
                remedy: "An id has lower-case letters, digits, '-' and '_'; alula agents list shows what it became.")
        }
        name = reader.text("name")
        workspace = reader.text("workspace")
        directory = reader.text("agentDir")
        model = reader.modelChoice("model")
        models = reader.modelPreferences("models")
        allowedModels = reader.allowedModels()
        subagentModel = reader.subagentModel()
        runtime = reader.runtime("agentRuntime")
        thinking = reader.text("thinkingDefault")
        parameters = reader.parameters()
        if let inner = reader.object("identity") {
            identity.name = inner.text("name")
            identity.theme = inner.text("theme")
            identity.emoji = inner.text("emoji")
            identity.avatar = inner.text("avatar")
            inner.ignore("creature", "vibe")
            inner.finish()
        }
        reader.ignore(
            "id", "reasoningDefault", "fastModeDefault", "verboseDefault", "skills", "groupChat",
            "humanDelay",
            "heartbeat", "sandbox", "tools", "runtime", "memorySearch", "imageModel", "systemPromptOverride",
            "embeddedPi", "contextInjection", "description", "utilityModel")
        reader.finish()
    }
}

extension ObjectReader {
    /// A reference, or an object with `primary` and `fallbacks`.
    fileprivate func modelChoice(_ key: String) -> ModelChoice? {
        guard let node = node(key) else { return nil }
        if node.string != nil { return text(key).map { ModelChoice(primary: $0) } }
        guard let inner = object(key) else { return nil }
        let choice = ModelChoice(primary: inner.text("primary"), fallbacks: inner.texts("fallbacks"))
        inner.ignore("timeoutMs")
        inner.finish()
        return choice
    }

    fileprivate func subagentModel() -> ModelChoice? {
        guard let inner = object("subagents") else { return nil }
        let model = inner.modelChoice("model")
        inner.ignore(
            "maxConcurrent", "maxSpawnDepth", "maxChildrenPerAgent", "archiveAfterMinutes", "allowAgents", "thinking",
            "runTimeoutSeconds", "requireAgentId", "announceTimeoutMs")
        inner.finish()
        return model
    }

    fileprivate func modelPreferences(_ key: String) -> [ModelPreference] {
        entries(key).compactMap { name, node, path in
            let errors = problems.errorCount
            // What is wrong in one entry is no reason to refuse the agent.
            defer { problems.forgiveErrors(since: errors) }
            guard let inner = reader(of: node, at: path, consequence: "The entry is left out.") else { return nil }
            var preference = ModelPreference(reference: name)
            preference.alias = inner.text("alias")
            preference.agentRuntime = inner.runtime("agentRuntime")
            preference.streams = inner.flag("streaming")
            preference.parameters = inner.parameters()
            inner.finish()
            return problems.errorCount == errors ? preference : nil
        }
    }

    fileprivate func allowedModels() -> [String]? {
        // A list that can't be read must not allow everything.
        guard let inner = object("modelPolicy", consequence: "Nothing but the configured models is allowed.") else {
            return nil
        }
        let errors = problems.errorCount
        let allowed = inner.texts("allow")
        inner.finish()
        return problems.errorCount == errors ? allowed : AgentsSettings.unreadableAllowList
    }
}
