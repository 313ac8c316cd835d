import AlulaJSON
import AlulaPrimitives

/// A `models.explain` answer for people: what would be tried in order, then each login with what keeps it out.
struct ExplanationRenderer {
    let answer: JSONValue
    let output: OutputRenderer

    func print() {
        output.facts([("Asked", answer["model"]?.string), ("Agent", answer["agentId"]?.string)])
        output.line()
        let attempts = answer["attempts"]?.array ?? []
        if attempts.isEmpty {
            output.line("Nobody would be asked now.")
        } else {
            output.table(TextTable(["TRY", "MODEL", "LOGIN", ""], attempts.enumerated().map { cells($0 + 1, $1) }))
        }
        let others = (answer["candidates"]?.array ?? []).flatMap(rows)
        guard !others.isEmpty else { return }
        output.line()
        output.table(TextTable(["OUT", "LOGIN", "WHY"], others))
    }

    private func cells(_ number: Int, _ attempt: JSONValue) -> [TextTable.Cell] {
        [
            .init("\(number)"), .init(attempt["model"]?.string ?? ""), .init(attempt["login"]?.string ?? ""),
            .init(attempt["probe"]?.bool == true ? "rests, and is asked whether it still has to" : "", .uncertain),
        ]
    }

    /// What would not be tried for one model.
    private func rows(_ candidate: JSONValue) -> [[TextTable.Cell]] {
        let model = candidate["model"]?.string ?? ""
        let out = (candidate["logins"]?.array ?? []).filter { login in
            login["state"]?.string != "ready" && !isTried(model, login["login"]?.string)
        }
        if let why = candidate["excluded"]?.string, out.isEmpty {
            return [[.init(model), "", .init(why, .bad)]]
        }
        return out.map { login in
            [.init(model), .init(login["login"]?.string ?? ""), .init(reason(login), .bad)]
        }
    }

    private func isTried(_ model: String, _ login: String?) -> Bool {
        (answer["attempts"]?.array ?? []).contains { $0["model"]?.string == model && $0["login"]?.string == login }
    }

    private func reason(_ login: JSONValue) -> String {
        let reason = login["reason"]?.string ?? ""
        let until = login["until"]?.instant.map { " until \(output.clock($0))" } ?? ""
        return login["state"]?.string == "resting" ? "rests\(until) (\(reason))" : reason + until
    }
}
