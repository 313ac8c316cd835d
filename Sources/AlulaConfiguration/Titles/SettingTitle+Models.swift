extension SettingTitle {
    /// `models`.
    static let models: [Line] = [
        Line("models", "Models", "Providers that are added to the built-in ones, or change them."),
        Line(
            "models.mode", "Mode", "Whether the entries are laid over the built-in providers or stand in their place."),
        Line("models.providers", "Providers", "Model providers by name."),
        Line("models.providers.*", "Provider", "One provider; its name is what model references begin with."),
        Line(
            "models.providers.*.baseUrl", "Base URL",
            "The http or https URL that requests go to; a provider that is not built in needs one."),
        Line("models.providers.*.apiKey", "API key", "The key that opens the provider, or where to find it."),
        Line(
            "models.providers.*.auth", "Kind of login",
            "How the provider is authenticated against; without it the login that is found decides."),
        Line("models.providers.*.api", "Wire format", "The name of the format that the provider speaks."),
        Line("models.providers.*.headers", "Headers", "Further headers of each request.", isAdvanced: true),
        Line("models.providers.*.headers.*", "Header", "The value of one header.", isAdvanced: true),
        Line(
            "models.providers.*.authHeader", "Authorization header",
            "Sends the key as `Authorization: Bearer` whatever the wire format.", isAdvanced: true),
        Line(
            "models.providers.*.timeoutSeconds", "Time limit", "How many seconds an answer may take.",
            isAdvanced: true),
        Line(
            "models.providers.*.maxTokens", "Longest answer", "How many tokens an answer may have.",
            isAdvanced: true),
        Line(
            "models.providers.*.injectNumCtxForOpenAICompat", "Send the context length",
            "Tells Ollama behind its OpenAI facade how long the context is.", isAdvanced: true),

        Line("models.providers.*.models", "Models", "The models that the provider offers."),
        Line("models.providers.*.models[]", "Model", "One model."),
        Line("models.providers.*.models[].id", "Id", "The model's name at the provider."),
        Line("models.providers.*.models[].name", "Name", "The name that people see; without it the id."),
        Line(
            "models.providers.*.models[].api", "Wire format", "The format of this model; without it the provider's.",
            isAdvanced: true),
        Line("models.providers.*.models[].reasoning", "Reasoning", "Whether the model can think before it answers."),
        Line("models.providers.*.models[].input", "Input", "Kinds of content that the model takes."),
        Line("models.providers.*.models[].contextWindow", "Context window", "How many tokens the model can see."),
        Line(
            "models.providers.*.models[].contextTokens", "Used context",
            "How many tokens of the window are used.", isAdvanced: true),
        Line("models.providers.*.models[].maxTokens", "Longest answer", "How many tokens an answer may have."),
        Line(
            "models.providers.*.models[].headers", "Headers", "Further headers of requests for this model.",
            isAdvanced: true),
        Line("models.providers.*.models[].headers.*", "Header", "The value of one header.", isAdvanced: true),
        Line(
            "models.providers.*.models[].compat", "Compatibility", "What the server does differently from others.",
            isAdvanced: true),
        Line(
            "models.providers.*.models[].cost", "Cost",
            "US dollars per million tokens, in place of the built-in prices. What is left out is the built-in price, or free if all the rest is."
        ),
        Line("models.providers.*.models[].cost.input", "Input", "US dollars per million tokens that are read."),
        Line("models.providers.*.models[].cost.output", "Output", "US dollars per million tokens that are written."),
        Line(
            "models.providers.*.models[].cost.cacheRead", "Cache reads",
            "US dollars per million tokens that come from the provider's cache."),
        Line(
            "models.providers.*.models[].cost.cacheWrite", "Cache writes",
            "US dollars per million tokens that go into the provider's cache."),
        Line("models.providers.*.agentRuntime", "Runtime", "Another program that runs the models.", isAdvanced: true),
        Line("models.providers.*.agentRuntime.id", "Id", "The name of that program.", isAdvanced: true),
    ]
}
