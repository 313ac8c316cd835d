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
        let used = headings.indices.filter { column in rows.contains { $0.cell(column).text.isEmpty == false } }
        let widths = used.map { column in
            rows.reduce(headings[column].count) { max($0, $1.cell(column).text.count) }
        }
        let all = [headings.map { Cell($0, .heading) }] + rows
        return all.map { row in
            var line = ""
            for (place, column) in used.enumerated() {
                let cell = row.cell(column)
                let isLast = place == used.count - 1
                let padding = isLast ? 0 : widths[place] - cell.text.count + 2
                line += cell.style.painted(cell.text, colours: colours) + String(repeating: " ", count: padding)
            }
            return line.withoutTrailingSpaces
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
