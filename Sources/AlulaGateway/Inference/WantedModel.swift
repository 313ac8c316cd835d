import AlulaAuth
import AlulaInference
import AlulaModels
import AlulaPrimitives
import AlulaProtocol
import AlulaProviders

/// What a caller's word for a model means under the settings: for which agent which models are tried, in order.
struct WantedModel: Hashable, Sendable {
    let agent: AgentID
    /// The model that is meant, then those that stand in for it.
    let candidates: [ModelReference]

    /// The reference's word for "whatever the agent uses", alone or before the agent's id.
    private static let agentWords = ["openclaw/", "openclaw:", "agent:"]

    /// - Parameter text: A full name, an alias, a bare id; `openclaw`, `openclaw/<agent>` and `agent:<agent>` mean what the
    ///   agent itself would ask.
    /// - Parameter needs: What the request holds besides text.
    /// - Throws: `AnswerError` when no model is meant, or one that callers or this one may not choose.
    static func resolve(
        _ text: String, by caller: RequestCaller = .owner, needing needs: [RequestNeed] = [],
        in edition: LoadedStateSource.Edition
    ) throws(AnswerError) -> WantedModel {
        let state = edition.state
        if let agent = try agent(text, in: state) {
            let shelf = edition.shelf(of: agent)
            let candidates = looking(shelf.selection.candidates(), needs, shelf, state).filter(caller.mayAsk)
            guard !candidates.isEmpty else { throw Self.refusal(of: "the models of `\(text.prefix(200))`") }
            return WantedModel(agent: agent, candidates: candidates)
        }
        let shelf = edition.shelf()
        guard let match = shelf.names.resolve(text), isKnown(match.reference, in: state) else {
            throw AnswerError(
                .modelNotFound, "The model `\(text.prefix(200))` does not exist here; GET /v1/models lists what does.",
                parameter: "model")
        }
        let reference = match.reference
        let base = EchoProvider.serves(reference) ? BuiltInModels.test : reference
        guard shelf.allowList.allows(base) else {
            throw AnswerError(.notPermitted, shelf.allowList.refusal(of: base), parameter: "model")
        }
        guard caller.mayAsk(base) else { throw Self.refusal(of: "`\(base)`") }
        // Whoever asks for the test model by name tests something, and wants no real model to stand in for it.
        let isTest = base == BuiltInModels.test
        let candidates = shelf.selection.candidates(requested: reference, override: isTest ? [] : nil)
        return WantedModel(
            agent: state.context.defaultAgent,
            // What stands in for it is held to the same list.
            candidates: looking(candidates, needs, shelf, state).filter { $0 == reference || caller.mayAsk($0) })
    }

    /// The candidates with those that the owner chose for looking at pictures, where the first one can't.
    private static func looking(
        _ candidates: [ModelReference], _ needs: [RequestNeed], _ shelf: ModelShelf, _ state: LoadedState
    ) -> [ModelReference] {
        guard needs.contains(where: { $0.capability == .images }), let first = candidates.first,
            state.catalog[first]?.lacks(.images) == true
        else { return candidates }
        var seen: Set<ModelReference> = []
        return ([first] + shelf.imageModels + candidates).filter { seen.insert($0).inserted }
    }

    private static func refusal(of models: String) -> AnswerError {
        AnswerError(.notPermitted, "This API key may not ask \(models).", parameter: "model")
    }

    /// The agent that `text` names; `nil` when it means a model.
    private static func agent(_ text: String, in state: LoadedState) throws(AnswerError) -> AgentID? {
        let text = text.trimmed()
        if text == "openclaw" || text == "openclaw/default" { return state.context.defaultAgent }
        guard let word = agentWords.first(where: text.hasPrefix) else { return nil }
        let id = AgentID(String(text.dropFirst(word.count)))
        guard state.context.agents.contains(where: { $0.id == id }) else {
            throw AnswerError(.modelNotFound, "There is no agent `\(id.rawValue.prefix(200))`.", parameter: "model")
        }
        return id
    }

    /// Whether there is any point in asking. A provider that is built in may have models that no list knows of yet; one
    /// that the configuration adds has those that it lists.
    private static func isKnown(_ reference: ModelReference, in state: LoadedState) -> Bool {
        if reference.provider == ProviderTable.testProvider { return EchoProvider.serves(reference) }
        guard state.catalog.endpoint(of: reference.provider) != nil else { return false }
        if state.catalog[reference] != nil || ProviderTable.builtIn[reference.provider] != nil { return true }
        return state.catalog.models(of: reference.provider).isEmpty
    }
}
