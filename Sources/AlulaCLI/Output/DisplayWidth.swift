/// How many columns of a terminal text takes.
///
/// By Unicode's East Asian Width (wide and full-width take two) and its emoji; what a terminal puts on top of the
/// character before takes none.
enum DisplayWidth {
    static func of(_ text: String) -> Int {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text.utf8.count }
        return text.reduce(0) { $0 + of($1) }
    }

    /// Of one character, which may be many scalars.
    static func of(_ character: Character) -> Int {
        if let ascii = character.asciiValue { return ascii >= 0x20 && ascii < 0x7F ? 1 : 0 }
        let scalars = character.unicodeScalars
        // A letter that is followed by this is shown as a picture, and two of these letters are a flag.
        if scalars.contains("\u{FE0F}") || scalars.count > 1 && scalars.allSatisfy(isFlagLetter) { return 2 }
        return scalars.reduce(0) { max($0, of($1)) }
    }

    private static func of(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.properties.generalCategory {
        case .control, .format, .nonspacingMark, .enclosingMark, .lineSeparator, .paragraphSeparator, .surrogate: 0
        default: scalar.properties.isEmojiPresentation || isWide(scalar.value) ? 2 : 1
        }
    }

    private static func isFlagLetter(_ scalar: Unicode.Scalar) -> Bool { (0x1F1E6...0x1F1FF).contains(scalar.value) }

    /// Ranges of the classes W and F, with the gaps between neighbouring ones that are not assigned.
    private static func isWide(_ value: UInt32) -> Bool {
        switch value {
        case 0x1100...0x115F, 0x231A...0x231B, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF,
            0x4E00...0x9FFF, 0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19,
            0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18CFF, 0x1AFF0...0x1B2FF, 0x1F200...0x1F2FF,
            0x20000...0x3FFFD:
            true
        default: false
        }
    }
}

extension String {
    /// Columns on a terminal.
    var displayWidth: Int { DisplayWidth.of(self) }

    /// The longest beginning that fits into `width` columns.
    func cut(toWidth width: Int) -> String {
        var kept = ""
        var used = 0
        for character in self {
            used += DisplayWidth.of(character)
            guard used <= width else { break }
            kept.append(character)
        }
        return kept
    }
}
