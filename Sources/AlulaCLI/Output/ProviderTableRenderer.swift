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
        TextTable(["PROVIDER", "STATE", "DETAIL", "NEXT"], ProviderRow.rows(of: answer, all: showsAll).map(cells))
    }

    private func cells(_ row: ProviderRow) -> [TextTable.Cell] {
        let state: TextTable.Cell =
            switch row.state {
            case .available: .init("available", .good)
            case .unavailable(let until?): .init("unavailable until \(output.clock(until))", .bad)
            case .unavailable(nil): .init("unavailable", .bad)
            case .unknown: .init("unknown", .uncertain)
            }
        return [.init(row.name), state, .init(row.detail), .init(row.remedy, .faint)]
    }
}
