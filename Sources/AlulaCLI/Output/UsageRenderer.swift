import AlulaJSON

/// Shows an answer to `usage.cost` to people.
struct UsageRenderer {
    /// Longer names are cut, so that the numbers behind them stay in sight.
    private static let maximumName = 44

    let answer: JSONValue
    let division: UsageCommand.Division
    let output: OutputRenderer

    func print() {
        let totals = answer["totals"] ?? .null
        let (first, last) = (answer["startDate"]?.string ?? "", answer["endDate"]?.string ?? "")
        let period = first == last ? "on \(first)" : "from \(first) to \(last)"
        guard totals["requests"]?.integer ?? 0 > 0 else {
            if !output.isPlain { output.line("No model was asked \(period).") }
            return
        }
        if !output.isPlain {
            output.line("Requests to models \(period)")
            output.line()
        }
        output.table(table(totals))
        notes(totals)
    }

    private func table(_ totals: JSONValue) -> TextTable {
        var rows = (answer["groups"]?.array ?? []).map { row(name(of: $0), $0) }
        if !output.isPlain, rows.count > 1 { rows.append(row("together", totals)) }
        let headings = [division.rawValue.uppercased(), "REQUESTS", "FAILED", "INPUT", "CACHED", "OUTPUT", "COST"]
        guard !output.isPlain else { return TextTable(headings, rows.map { $0.map { TextTable.Cell($0) } }) }
        // Numbers end below each other.
        let widths = headings.indices.map { column in
            rows.reduce(headings[column].count) { max($0, $1[column].count) }
        }
        func aligned(_ cells: [String]) -> [String] {
            cells.enumerated().map { column, text in
                let gap = column == 0 || text.isEmpty ? 0 : widths[column] - text.count
                return String(repeating: " ", count: gap) + text
            }
        }
        return TextTable(aligned(headings), rows.map { aligned($0).map { TextTable.Cell($0) } })
    }

    private func row(_ name: String, _ part: JSONValue) -> [String] {
        func number(_ names: String...) -> Int64 { names.reduce(0) { $0 &+ (part[$1]?.integer ?? 0) } }
        func tokens(_ count: Int64) -> String { output.isPlain ? "\(count)" : Self.grouped(count) }
        let failed = number("failed")
        return [
            name, tokens(number("requests")), failed > 0 || output.isPlain ? tokens(failed) : "",
            tokens(number("input")), tokens(number("cacheRead", "cacheWrite")), tokens(number("output")), cost(part),
        ]
    }

    private func name(of group: JSONValue) -> String {
        let name: String
        switch division {
        case .model: name = "\(group["provider"]?.string ?? "")/\(group["model"]?.string ?? "")"
        case .provider: name = group["provider"]?.string ?? ""
        case .key: name = group["key"]?.string ?? "(the gateway's secret)"
        case .agent: name = group["agentId"]?.string ?? "(none)"
        case .day: name = group["date"]?.string ?? ""
        }
        return output.isPlain || name.count <= Self.maximumName ? name : name.prefix(Self.maximumName - 1) + "…"
    }

    /// What is not known is never shown as nothing.
    private func cost(_ part: JSONValue) -> String {
        let dollars = part["totalCost"]?.double ?? 0
        let missing = part["missingCostEntries"]?.integer ?? 0
        if output.isPlain {
            return missing > 0 && missing == part["requests"]?.integer ? "unknown" : JSONNumber(dollars).text
        }
        if missing == 0 { return Self.money(dollars) }
        return dollars > 0 ? "over \(dollars < Self.least ? "$0" : Self.money(dollars))" : "unknown"
    }

    private func notes(_ totals: JSONValue) {
        func count(_ name: String, _ one: String, _ many: String) -> String? {
            guard let count = totals[name]?.integer, count > 0 else { return nil }
            return count == 1 ? one : "\(Self.grouped(count)) \(many)"
        }
        if let missing = count("missingCostEntries", "One request has", "requests have") {
            output.note(
                "\(missing) no known cost, and the sums are without. Say what a model costs in models.providers.<id>.models[].cost."
            )
        }
        if let incomplete = count("incomplete", "One answer ended", "answers ended") {
            output.note("\(incomplete) before the provider had told all that it took; more may be charged.")
        }
    }

    /// Thousands with commas.
    private static func grouped(_ count: Int64) -> String {
        let digits = Array(String(count))
        var text = ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return text
    }

    /// What is less is not shown in digits, in US dollars.
    private static let least = 0.0001

    /// US dollars, with as many places as say something.
    private static func money(_ dollars: Double) -> String {
        if dollars == 0 { return "$0" }
        if dollars < least { return "under $0.0001" }
        // Rounded as whole numbers: cents, or hundredths of cents below a dollar.
        let places = dollars < 1 ? 4 : 2
        let scale: Int64 = places == 4 ? 10_000 : 100
        guard dollars < 1e12 else { return "$\(dollars)" }
        let units = Int64((dollars * Double(scale)).rounded())
        let fraction = String(units % scale)
        return "$\(grouped(units / scale)).\(String(repeating: "0", count: places - fraction.count))\(fraction)"
    }
}
