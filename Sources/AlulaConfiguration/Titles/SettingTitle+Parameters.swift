extension SettingTitle {
    private static let parametersOfAll =
        "{models.providers.*,models.providers.*.models[],agents.defaults,agents.defaults.models.*,agents.list[],"
        + "agents.list[].models.*,agents.entries.*,agents.entries.*.models.*}.params"

    /// `params`, wherever it stands.
    static let parameters: [Line] = [
        Line(
            parametersOfAll, "Parameters", "What requests say where their callers say nothing.", isAdvanced: true),
        Line(
            parametersOfAll + ".temperature", "Temperature", "How freely the model chooses its words.",
            isAdvanced: true),
        Line(
            parametersOfAll + ".topP", "Top P", "Which part of the likeliest words the model chooses among.",
            isAdvanced: true),
        Line(
            parametersOfAll + ".topK", "Top K", "How many of the likeliest words the model chooses among.",
            isAdvanced: true),
        Line(
            parametersOfAll + ".maxTokens", "Longest answer", "How many tokens an answer may have.",
            isAdvanced: true),
        Line(
            parametersOfAll + ".{extra_body,extraBody}", "Further members",
            "Members of bodies of `openai-completions` that the gateway has no word for.", isAdvanced: true),
        Line(
            parametersOfAll + ".chat_template_kwargs", "Template arguments",
            "What the server's chat template is told.", isAdvanced: true),
        Line(
            parametersOfAll + ".provider", "Routing", "Which providers OpenRouter may choose, in its own words.",
            isAdvanced: true),
    ]
}
