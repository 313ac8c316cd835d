extension SettingTitle {
    private static let each = "agents.{list[],entries.*}"
    private static let all = "agents.{defaults,list[],entries.*}"

    /// `agents`.
    static let agents: [Line] =
        [
            Line("agents", "Agents", "Who answers, where each works and which model it prefers."),
            Line("agents.list", "Agents", "The agents, as releases up to 2026.7 write them."),
            Line("agents.entries", "Agents", "The agents by id."),
            Line("agents.{list[],entries.*}", "Agent", "One agent."),
            Line("agents.list[].id", "Id", "The agent's id."),
            Line("agents.defaults", "Defaults", "What holds for every agent that does not say otherwise."),
            Line(
                "agents.defaults.timeoutSeconds", "Time limit", "How many seconds a turn may take.", isAdvanced: true),
            Line(
                "agents.defaults.contextTokens", "Used context", "How many tokens of a model's window are used.",
                isAdvanced: true),
            Line("agents.defaults.maxConcurrent", "Turns at once", "How many turns may run at once.", isAdvanced: true),
            Line(
                "agents.defaults.systemAgent", "System agent", "The agent that answers where none is named.",
                isAdvanced: true),
            Line("agents.defaults.systemAgent.agentId", "Agent", "The agent's id.", isAdvanced: true),
            Line("agents.defaults.imageModel", "Image model", "The model that looks at pictures."),

            Line(each + ".default", "Default", "Whether this agent answers where none is named."),
            Line(each + ".name", "Name", "The name that people see."),
            Line(each + ".agentDir", "Directory", "Where the agent's credential store is.", isAdvanced: true),
            Line(each + ".agentRuntime", "Runtime", "Another program that runs the agent's turns.", isAdvanced: true),
            Line(each + ".agentRuntime.id", "Id", "The name of that program.", isAdvanced: true),
            Line(each + ".identity", "Identity", "How the agent presents itself."),
            Line(each + ".identity.name", "Name", "What it calls itself."),
            Line(each + ".identity.theme", "Theme", "Its character, in a few words."),
            Line(each + ".identity.emoji", "Emoji", "The sign that stands for it."),
            Line(each + ".identity.avatar", "Avatar", "Its picture: a URL, or a path in its workspace."),
        ] + shared

    /// What an agent and the defaults have in common.
    private static let shared: [Line] = [
        Line(all + ".workspace", "Workspace", "The directory to work in."),
        Line(all + ".thinkingDefault", "Thinking", "How long to think before an answer."),
        Line(all + ".model", "Model", "The model that answers, and what is tried when it fails."),
        Line(all + ".subagents", "Helpers", "The agents that an agent starts."),
        Line(all + ".subagents.model", "Model", "The model that helpers use."),
        Line(
            "{agents.defaults.imageModel,agents.defaults.model,agents.list[].model,agents.entries.*.model}.primary",
            "First choice", "The model that is asked first."),
        Line(
            "{agents.defaults.imageModel,agents.defaults.model,agents.list[].model,agents.entries.*.model}.fallbacks",
            "Fallbacks", "Models that are tried in turn when the first fails."),
        Line(all + ".subagents.model.primary", "First choice", "The model that is asked first."),
        Line(all + ".subagents.model.fallbacks", "Fallbacks", "Models that are tried in turn when the first fails."),
        Line(all + ".modelPolicy", "Model policy", "Which models may be switched to."),
        Line(
            all + ".modelPolicy.allow", "Allowed models",
            "References, aliases, and references with `*` at the end; an empty list allows all."),
        Line(all + ".models", "Model settings", "What is particular about single models, by reference."),
        Line(all + ".models.*", "Model", "One model, or all of a provider with `provider/*`."),
        Line(all + ".models.*.alias", "Alias", "A short name for the model."),
        Line(all + ".models.*.streaming", "Streaming", "Whether answers come in pieces.", isAdvanced: true),
        Line(
            all + ".models.*.agentRuntime", "Runtime", "Another program that runs this model.", isAdvanced: true),
        Line(all + ".models.*.agentRuntime.id", "Id", "The name of that program.", isAdvanced: true),
    ]
}
