import AlulaAuth
package import AlulaInference
package import AlulaJSON
import AlulaModels
import AlulaPrimitives

extension ModelExplanation {
    /// The result of `models.explain`, which is also what `alula models explain --json` prints.
    package var payload: JSONValue {
        [
            "model": .string(asked), "agentId": .string(agent.rawValue),
            "attempts": .array(
                chain.attempts.map { attempt in
                    [
                        "model": .string("\(attempt.route.model)"), "login": .string("\(attempt.route.login)"),
                        "probe": .bool(attempt.isProbe),
                    ]
                }),
            "candidates": .array(candidates.map(\.payload)),
        ]
    }
}

extension ModelExplanation.Candidate {
    fileprivate var payload: JSONValue {
        var object = JSONObject([("model", .string("\(model)"))])
        object["api"] = api.map { .string($0.rawValue) }
        object["excluded"] = exclusion.map { .string($0) }
        object["logins"] = .array(sources.map(\.payload))
        return .object(object)
    }
}

extension ModelExplanation.Source {
    fileprivate var payload: JSONValue {
        var object = JSONObject([("login", .string(label))])
        switch state {
        case .ready: object["state"] = "ready"
        case .resting(let window):
            object["state"] = "resting"
            object["reason"] = .string(window.reason.rawValue)
            object["until"] = window.until.json
        case .out(let why, let until):
            object["state"] = "out"
            object["reason"] = .string(why)
            object["until"] = until?.json
        }
        return .object(object)
    }
}
