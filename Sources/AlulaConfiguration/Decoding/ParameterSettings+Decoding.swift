import AlulaJSON

extension ObjectReader {
    /// `params`. What is wrong in it is left out by itself, and no reason to refuse whoever it belongs to.
    func parameters() -> ParameterSettings {
        let errors = problems.errorCount
        defer { problems.forgiveErrors(since: errors) }
        var parameters = ParameterSettings()
        guard let inner = object("params", consequence: "It is left out.") else { return parameters }
        parameters.temperature = inner.number("temperature", in: 0...2)
        parameters.topP = inner.number("topP", in: 0...1)
        parameters.topK = inner.integer("topK", in: 1...1_000_000)
        parameters.maximumTokens = inner.integer("maxTokens", in: 1...1_000_000_000)
        // The spelling that the API has counts where both are there.
        let body = (inner.members("extra_body"), inner.members("extraBody"))
        parameters.body = body.0 ?? body.1
        parameters.templateArguments = inner.members("chat_template_kwargs")
        parameters.routing = inner.members("provider")
        return parameters
    }

    /// An object that is kept and not interpreted.
    private func members(_ key: String) -> JSONObject? {
        guard let value = verbatim(key) else { return nil }
        if value.object == nil { refuse(.wrongType, key, "This must be an object.") }
        return value.object
    }
}
