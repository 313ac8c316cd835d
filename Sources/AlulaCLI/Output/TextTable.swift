/// Columns of text for people. The last column is not padded and takes what is left.
struct TextTable {
    /// How a cell looks on a screen with colours.
    enum Style {
        case plain
        case heading
        case good
        case bad
        case uncertain
        case faint
    }

    /// One cell.
    struct Cell: ExpressibleByStringLiteral {
        var text: String
        var style: Style

        init(_ text: String, _ style: Style = .plain) {
            self.text = text
            self.style = style
        }

        init(stringLiteral value: String) { self.init(value) }
    }

    var headings: [String]
    var rows: [[Cell]]

    init(_ headings: [String], _ rows: [[Cell]] = []) {
        self.headings = headings
        self.rows = rows
    }

    /// Lines with a heading; columns that are empty throughout are left out.
    func lines(colours: Bool) -> [String] {
        arranged.map { row in
            row.reduce(into: "") { line, piece in
                line += piece.cell.style.painted(piece.cell.text, colours: colours)
                line += String(repeating: " ", count: piece.gap)
            }.withoutTrailingSpaces
        }
    }

    /// The heading and the rows: cells of nothing but printable text, each with the spaces that follow it.
    var arranged: [[(cell: Cell, gap: Int)]] {
        let rows = rows.map { row in row.map { Cell(ScreenLine.safe($0.text), $0.style) } }
        let used = headings.indices.filter { column in rows.contains { $0.cell(column).text.isEmpty == false } }
        let widths = used.map { column in
            rows.reduce(headings[column].displayWidth) { max($0, $1.cell(column).text.displayWidth) }
        }
        return ([headings.map { Cell($0, .heading) }] + rows).map { row in
            used.enumerated().map { place, column in
                let cell = row.cell(column)
                let isLast = place == used.count - 1
                return (cell, isLast ? 0 : widths[place] - cell.text.displayWidth + 2)
            }
        }
    }

    /// One line per row, columns separated by tabs, no heading.
    var plainLines: [String] {
        rows.map { row in headings.indices.map { row.cell($0).text }.joined(separator: "\t") }
    }
}

extension TextTable.Style {
    private var code: String? {
        switch self {
        case .plain: nil
        case .heading: "1"
        case .good: "32"
        case .bad: "31"
        case .uncertain: "33"
        case .faint: "2"
        }
    }

    func painted(_ text: String, colours: Bool) -> String {
        guard colours, let code, !text.isEmpty else { return text }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }
}

extension [TextTable.Cell] {
    fileprivate func cell(_ column: Int) -> TextTable.Cell { column < count ? self[column] : "" }
}

extension String {
    var withoutTrailingSpaces: String {
        var kept = self[...]
        while kept.last == " " { kept.removeLast() }
        return String(kept)
    }
}
