import AlulaFaults
import AlulaFleet
import AlulaJSON
import AlulaMeasuring
import AlulaSoaking

/// One call of a client.
struct SoakQuestion {
    let method: String
    /// By the place; `nil` where the call is about no agent.
    var agent: Int?
    var parameters = JSONObject()
    /// How long an answer may take, in milliseconds.
    var patience = Patience.answerMilliseconds
    /// Called with the answer, in place of the usual comparison.
    var handler: ((JSONValue) -> Void)?

    /// About the providers of one agent.
    static func providers(_ method: String, of agent: Int, handler: ((JSONValue) -> Void)? = nil) -> SoakQuestion {
        var parameters = JSONObject([("agentId", .string(Fleet.agent(agent)))])
        if method == "models.list" { parameters["view"] = "all" }
        return SoakQuestion(method: method, agent: agent, parameters: parameters, handler: handler)
    }

    var text: String { method + (agent.map { " for \(Fleet.agent($0))" } ?? "") }

    /// Compares an answer with what is true.
    ///
    /// - Parameter question: Who asked, for people.
    func judge(_ payload: JSONValue, asked: MonotonicTime, question: String, _ stage: SoakStage) {
        if let handler { return handler(payload) }
        switch (method, agent) {
        case ("health", _): stage.judged(payload["ok"]?.bool == true ? nil : "it is not ok", question)
        case ("secrets.reload", _): stage.judged(payload["ok"]?.bool == true ? nil : "it is not ok", question)
        case ("config.get", _): stage.judged(Self.problem(inConfiguration: payload, asked: asked, stage), question)
        case (_, let agent?):
            let expectation = stage.ledger.expectation(for: agent, asked: asked)
            stage.judged(ProviderAnswer(payload, of: method).problem(against: expectation), question)
        default: stage.note(.wrong, question, "nobody knows what to expect")
        }
    }

    /// The providers in the configuration are part of what is true for everybody.
    private static func problem(
        inConfiguration payload: JSONValue, asked: MonotonicTime, _ stage: SoakStage
    ) -> String? {
        guard payload["state"]?.string == "loaded" else {
            return stage.configurationWasSpoiled(since: asked)
                ? nil : "the configuration is \(payload["state"]?.string ?? "missing") although it can be read"
        }
        guard let expected = stage.configuredProviders(since: asked) else { return nil }
        let entries = Set(payload["config"]?["models"]?["providers"]?.object?.map(\.key) ?? [])
        return entries == expected ? nil : "it has \(entries.sorted()) in place of \(expected.sorted())"
    }
}
