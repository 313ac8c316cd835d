import AlulaConfiguration
import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives

/// What the configuration adds to calls.
extension Configuration {
    /// What requests of an agent to a model say where their callers say nothing. From the least to what counts most: the
    /// provider, its model, all agents, the model for all agents, the model for this one, this agent.
    func parameters(of model: ModelReference, for agent: AgentID) -> ParameterSettings {
        let (provider, own) = (models[model.provider], agents[agent])
        let layers: [ParameterSettings?] = [
            provider?.parameters, provider?.models.first { $0.id == model.model }?.parameters,
            agents.defaults.parameters, Self.parameters(of: model, in: agents.defaults.models),
            Self.parameters(of: model, in: own?.models ?? []), own?.parameters,
        ]
        return layers.reduce(ParameterSettings()) { sum, layer in layer?.laid(over: sum) ?? sum }
    }

    private static func parameters(of model: ModelReference, in preferences: [ModelPreference]) -> ParameterSettings? {
        let model = model.unpinned
        return preferences.first { preference in
            !preference.parameters.isEmpty && ModelReference(preference.reference)?.unpinned == model
        }?.parameters
    }
}

extension ParameterSettings {
    var defaults: RequestDefaults {
        var defaults = RequestDefaults()
        defaults.temperature = temperature
        defaults.topP = topP
        defaults.topK = topK
        defaults.maximumOutputTokens = maximumTokens
        return defaults
    }

    /// Members of bodies of `openai-completions`.
    func members(for provider: ProviderID) -> JSONObject {
        var members = body ?? JSONObject()
        if let templateArguments, members["chat_template_kwargs"] == nil {
            members["chat_template_kwargs"] = .object(templateArguments)
        }
        if let routing, provider == "openrouter", members["provider"] == nil { members["provider"] = .object(routing) }
        return members
    }
}
