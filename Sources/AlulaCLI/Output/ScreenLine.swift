/// One line of a screen: pieces of text with a style, cut to the screen's width.
///
/// Whatever the pieces hold, what is printed are characters that stay where they are put: no line ends, no controls, nothing
/// that turns the direction of what follows.
struct ScreenLine {
    private var cells: [TextTable.Cell]

    init(_ cells: [TextTable.Cell] = []) { self.cells = cells }

    init(_ text: String, _ style: TextTable.Style = .plain) { cells = [.init(text, style)] }

    mutating func append(_ text: String, _ style: TextTable.Style = .plain) { cells.append(.init(text, style)) }

    /// - Parameters:
    ///   - width: Columns; `nil` for as many as it takes.
    ///   - mark: Stands where something was cut off.
    func rendered(width: Int?, colours: Bool, mark: String = "…") -> String {
        let pieces = cells.map { (text: Self.safe($0.text), style: $0.style) }
        let isCut = width.map { width in pieces.reduce(0) { $0 + $1.text.displayWidth } > width } ?? false
        var left = (width ?? Int.max) - (isCut ? mark.displayWidth : 0)
        var line = ""
        for piece in pieces where left > 0 {
            let kept = piece.text.cut(toWidth: left)
            line += piece.style.painted(kept, colours: colours)
            // A wide character that does not fit ends the line as well.
            left = kept == piece.text ? left - kept.displayWidth : 0
        }
        if isCut, (width ?? 0) >= mark.displayWidth { line += mark }
        return colours ? line : line.withoutTrailingSpaces
    }

    /// Most marks on top of one letter that are let through.
    private static let maximumMarks = 3

    /// `text` with every character replaced that is not simply shown.
    static func safe(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
        var kept = String.UnicodeScalarView()
        var marks = 0
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .enclosingMark:
                marks += 1
                if marks <= maximumMarks { kept.append(scalar) }
                continue
            case .control where scalar == "\t" || scalar == "\n" || scalar == "\r": kept.append(" ")
            // Joiners are shown by some terminals and not by others, which would shift the columns.
            case .format where scalar.value == 0x200C || scalar.value == 0x200D: continue
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned:
                kept.append("\u{FFFD}")
            default: kept.append(scalar)
            }
            marks = 0
        }
        return String(kept)
    }
}

extension String {
    /// The text without colours.
    var withoutEscapes: String {
        var kept = String.UnicodeScalarView()
        var isInside = false
        for scalar in unicodeScalars {
            if scalar == "\u{1B}" { isInside = true }
            if !isInside { kept.append(scalar) }
            if isInside, scalar == "m" { isInside = false }
        }
        return String(kept)
    }
}
