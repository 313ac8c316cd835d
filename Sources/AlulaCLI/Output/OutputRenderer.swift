import AlulaJSON
import AlulaPrimitives

/// Prints what commands found: data on standard output, everything else on standard error.
///
/// With `--json` exactly one document leaves through ``document(_:)``, and nothing else reaches standard output.
struct OutputRenderer {
    let terminal: any Terminal
    let isJSON: Bool
    let isPlain: Bool
    let usesColours: Bool
    let now: Timestamp
    /// Seconds that local clocks are ahead of UTC at an instant.
    let utcOffset: @Sendable (Timestamp) -> Int

    /// The document of `--json`.
    func document(_ value: JSONValue) {
        terminal.write(Self.printable(value.text(.pretty)) + "\n")
    }

    /// A line of data for people.
    func line(_ text: String = "") {
        guard !isJSON else { return }
        terminal.write(Self.printable(text) + "\n")
    }

    func table(_ table: TextTable) {
        guard !isJSON else { return }
        // Colours are escape sequences of ours; what the cells bring along is replaced before they are painted.
        let lines = isPlain ? table.plainLines.map(Self.printable) : table.lines(colours: usesColours)
        for line in lines { terminal.write(line + "\n") }
    }

    /// Pairs of a name and a value, one a line.
    func facts(_ facts: [(String, String?)]) {
        guard !isJSON else { return }
        let known = facts.compactMap { name, value in value.map { (name, $0) } }
        let width = known.map(\.0.count).max() ?? 0
        for (name, value) in known {
            let heading = TextTable.Style.heading.painted(name, colours: usesColours)
            let padding = String(repeating: " ", count: width - name.count + 2)
            terminal.write(heading + padding + Self.printable(value) + "\n")
        }
    }

    /// What is no data: a hint, a warning, progress.
    func note(_ text: String) { terminal.writeError(Self.printable(text) + "\n") }

    /// An instant on the local clock: `14:05` today, else with its date.
    func clock(_ instant: Timestamp) -> String {
        let shown = instant.advanced(by: .seconds(utcOffset(instant))).utc
        let today = now.advanced(by: .seconds(utcOffset(now))).utc
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let time = "\(two(shown.hour)):\(two(shown.minute))"
        guard (shown.year, shown.month, shown.day) != (today.year, today.month, today.day) else { return time }
        return "\(shown.year)-\(two(shown.month))-\(two(shown.day)) \(time)"
    }

    /// Text from files and gateways without control characters, which could move the cursor or repaint the screen.
    static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var kept = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { kept.append(isControl(scalar) ? "\u{FFFD}" : scalar) }
        return String(kept)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A, 0x09: false
        case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
