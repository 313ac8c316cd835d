import AlulaJSON

/// All rows, as text for people and as a document for programs.
struct ResultTable: Sendable {
    private(set) var rows: [ResultRow] = []

    /// What is measured at the moment; rows that are added belong to it.
    var part: BenchmarkPart?

    mutating func add(_ row: ResultRow) {
        var row = row
        row.part = row.part ?? part
        rows.append(row)
    }

    /// Aligned columns with a line of heads.
    var text: String {
        let heads = ["", "Must", "Aim", "Alula", "naive", "verdict"]
        let cells = rows.map { row in
            [row.what] + row.cells + [row.verdict.rawValue]
        }
        let widths = heads.indices.map { column in ([heads] + cells).map { $0[column].count }.max() ?? 0 }
        let lines = ([heads] + cells).map { line in
            line.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                // Words begin on the left, numbers end on the right.
                return column == 0 || column == 5 ? cell + space : space + cell
            }.joined(separator: "   ")
        }
        return lines.joined(separator: "\n")
    }

    /// The same as a table in Markdown, with the part of a run that each row is of.
    var markdown: String {
        let head = "| | Must | Aim | Alula | naive | part |\n|---|--:|--:|--:|--:|---|\n"
        return head
            + rows.map { row in
                "| \(row.what) | \(row.cells.joined(separator: " | ")) | \(row.part?.rawValue ?? "") |"
            }.joined(separator: "\n") + "\n"
    }

    var document: JSONValue { .array(rows.map(\.document)) }
}
