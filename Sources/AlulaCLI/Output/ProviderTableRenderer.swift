import AlulaAuth
import AlulaJSON

/// The providers of a `models.status` answer as a table: available or not, through what, why not, what to do.
struct ProviderTableRenderer {
    let answer: JSONValue
    let showsAll: Bool
    let output: OutputRenderer

    init(_ answer: JSONValue, showsAll: Bool, output: OutputRenderer) {
        self.answer = answer
        self.showsAll = showsAll
        self.output = output
    }

    var table: TextTable {
        let rows = answer["auth"]?["providers"]?.array ?? []
        let isAnyInUse = rows.contains { $0["inUse"]?.bool == true }
        let shown = rows.filter { row in
            showsAll || !isAnyInUse || row["inUse"]?.bool == true || row["available"]?.bool == true
        }
        return TextTable(["PROVIDER", "STATE", "DETAIL", "NEXT"], shown.map(cells))
    }

    private func cells(_ row: JSONValue) -> [TextTable.Cell] {
        let isAvailable = row["available"]?.bool ?? false
        // The reference's label for a key of the configuration names a file that is not ours.
        let evidence = row["evidence"]?.string.map { $0 == "models.json" ? "key in the configuration" : $0 }
        let state: TextTable.Cell
        if isAvailable {
            state = .init("available", .good)
        } else if let until = row["unavailableUntil"]?.instant {
            state = .init("unavailable until \(output.clock(until))", .bad)
        } else if row["unavailableReason"]?.string.flatMap(UnknownReason.init(rawValue:)) != nil {
            state = .init("unknown", .uncertain)
        } else {
            state = .init("unavailable", .bad)
        }
        let reason = row["reason"]?.string ?? row["unavailableReason"]?.string ?? ""
        let detail = isAvailable ? evidence ?? "" : evidence.map { "\(reason) (\($0))" } ?? reason
        return [
            .init(row["provider"]?.string ?? ""), state, .init(detail),
            .init(isAvailable ? "" : row["remedy"]?.string ?? "", .faint),
        ]
    }
}
