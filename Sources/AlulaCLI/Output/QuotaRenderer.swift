import AlulaJSON
import AlulaPrimitives

/// Shows an answer to `usage.status` to people: a row for each allowance of each account.
struct QuotaRenderer {
    /// Who has used so much of an allowance wants to know.
    private static let high = 90.0

    let answer: JSONValue
    let output: OutputRenderer

    func print() {
        output.line()
        let rows = (answer["providers"]?.array ?? []).flatMap(rows)
        guard !rows.isEmpty else {
            if !output.isPlain { output.line("No account has a quota that its provider tells.") }
            return
        }
        output.table(TextTable(["QUOTA OF", "FOR", "USED", "AGAIN FROM", "DETAIL"], rows))
    }

    private func rows(of account: JSONValue) -> [[TextTable.Cell]] {
        let name = account["displayName"]?.string ?? account["provider"]?.string ?? ""
        if let error = account["error"]?.string {
            return [[.init(name), "", .init("unknown", .uncertain), "", .init(error)]]
        }
        let plan = account["plan"]?.string.map { "plan \($0)" }
        let detail = [plan, account["summary"]?.string].compactMap(\.self).joined(separator: ", ")
        let windows = account["windows"]?.array ?? []
        guard !windows.isEmpty else { return [[.init(name), "", "", "", .init(detail.isEmpty ? "none" : detail)]] }
        return windows.enumerated().map { place, window in
            let isFirst = place == 0
            let used = window["usedPercent"]?.double ?? 0
            return [
                .init(isFirst || output.isPlain ? name : ""), .init(window["label"]?.string ?? ""),
                .init("\(JSONNumber(used).text) %", used >= Self.high ? .bad : .plain),
                .init(window["resetAt"]?.instant.map(output.clock) ?? ""),
                .init(isFirst || output.isPlain ? detail : "", .faint),
            ]
        }
    }
}
