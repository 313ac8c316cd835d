/// A terminal's escape sequences for a whole screen of its own.
enum ScreenFrame {
    /// Another screen than the shell's, without a cursor.
    static let enter = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[H\u{1B}[2J"
    /// Back to the shell's screen as it was.
    static let leave = "\u{1B}[0m\u{1B}[?25h\u{1B}[?1049l"

    /// Draws `lines` over what is there. A line is erased behind its text and not before, which would flicker, and not at all when
    /// it fills the row: there the cursor is still on the last character.
    ///
    /// - Parameter lines: No wider than the screen and no more than it has rows.
    static func text(_ lines: [String], size: ScreenSize) -> String {
        var text = "\u{1B}[H"
        for (row, line) in lines.prefix(size.rows).enumerated() {
            if row > 0 { text += "\r\n" }
            text += line
            if line.withoutEscapes.displayWidth < size.columns { text += "\u{1B}[K" }
        }
        return lines.count < size.rows ? text + "\u{1B}[J" : text
    }
}
