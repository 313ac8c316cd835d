import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaCLI

struct OutputTests {
    private func renderer(json: Bool = false, plain: Bool = false, offset: Int = 0) -> (OutputRenderer, FakeTerminal) {
        let terminal = FakeTerminal(input: nil, isInteractive: false)
        let output = OutputRenderer(
            terminal: terminal, isJSON: json, isPlain: plain, usesColours: false, now: CommandScene.now,
            utcOffset: { _ in offset })
        return (output, terminal)
    }

    private let table = TextTable(
        ["NAME", "EMPTY", "STATE"], [["a", "", "on"], ["longer", "", ""], ["b", "", "off"]])

    @Test func alignsColumnsAndDropsEmptyOnes() {
        let (output, terminal) = renderer()
        output.table(table)
        #expect(terminal.output == "NAME    STATE\na       on\nlonger\nb       off\n")
    }

    /// Names come from files and from whoever connects: on a screen with colours they went out as they came.
    @Test(arguments: [true, false]) func cellsBringNoEscapeSequencesAlong(colours: Bool) {
        let terminal = FakeTerminal(input: nil, isInteractive: colours)
        let output = OutputRenderer(
            terminal: terminal, isJSON: false, isPlain: false, usesColours: colours, now: CommandScene.now,
            utcOffset: { _ in 0 })
        output.table(
            TextTable(["NAME", "STATE"], [[.init("a\u{1B}[2J\u{9B}1m\nb", .good), .init("on\r\u{202E}", .bad)]]))
        let own = ["\u{1B}[32m", "\u{1B}[31m", "\u{1B}[1m", "\u{1B}[0m"]
        let rest = own.reduce(terminal.output) { $0.split(separator: $1).joined() }
        #expect(rest == "NAME        STATE\na\u{FFFD}[2J\u{FFFD}1m b  on \u{FFFD}\n")
    }

    @Test func wideCharactersKeepTheColumnsApart() {
        let (output, terminal) = renderer()
        output.table(TextTable(["NAME", "STATE"], [["日本", "on"], ["e\u{301}", "off"]]))
        #expect(terminal.output == "NAME  STATE\n日本  on\ne\u{301}     off\n")
    }

    @Test func separatesWithTabsForScripts() {
        let (output, terminal) = renderer(plain: true)
        output.table(table)
        #expect(terminal.output == "a\t\ton\nlonger\t\t\nb\t\toff\n")
    }

    @Test func onlyTheDocumentReachesStandardOutputWithJSON() {
        let (output, terminal) = renderer(json: true)
        output.table(table)
        output.line("text")
        output.facts([("Name", "value")])
        output.note("a note")
        output.document(["a": 1])
        #expect(terminal.output == "{\n  \"a\": 1\n}\n")
        #expect(terminal.errors == "a note\n")
    }

    @Test(
        arguments: [
            (0, 0, "20:26"), (3600, 0, "21:26"), (3600 * 4, 0, "2026-05-29 00:26"), (0, 3600, "21:26"),
            (3600 * 24, 0, "2026-05-29 20:26"),
        ] as [(Int64, Int, String)])
    func showsTheTimeOfTheLocalClock(_ later: Int64, offset: Int, _ text: String) {
        let (output, _) = renderer(offset: offset)
        #expect(output.clock(CommandScene.now.advanced(by: .seconds(later))) == text)
    }

    @Test(
        arguments: [
            (["--state-dir", "/x", "models", "status"], ["models", "status", "--state-dir", "/x"]),
            (["--state-dir=/x", "--json", "health"], ["health", "--state-dir=/x", "--json"]),
            (["models", "status", "--json"], ["models", "status", "--json"]), (["-v"], ["--version"]),
            (["--help"], ["--help"]), (["--json"], []),
            (["--plain", "a", "--", "b"], ["a", "--plain", "--", "b"]),
        ] as [([String], [String])])
    func putsGlobalOptionsBehindTheCommand(_ given: [String], _ arranged: [String]) {
        #expect(CommandLineArguments(given).arguments == arranged)
    }

    @Test(arguments: [("90s", 90), ("15m", 900), ("12h", 43_200), ("365d", 31_536_000)] as [(String, Int64)])
    func readsShortDurations(_ text: String, _ seconds: Int64) {
        #expect(ShortDuration(text)?.duration == .seconds(seconds))
    }

    @Test(arguments: ["", "h", "0h", "-1h", "1w", "1.5h", "99999999999999d"])
    func refusesWhatIsNoDuration(_ text: String) {
        #expect(ShortDuration(text) == nil)
    }
}
