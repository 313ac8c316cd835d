import Testing

@testable import AlulaCLI

struct ScreenFrameTests {
    @Test func linesAreDrawnOverWhatIsThere() {
        let frame = ScreenFrame.text(["ab", "日本"], size: ScreenSize(columns: 4, rows: 3))
        // The second line fills its row: erasing behind it would take its last character away.
        #expect(frame == "\u{1B}[Hab\u{1B}[K\r\n日本\u{1B}[J")
    }

    @Test func aFullScreenIsNotErasedAtItsEnd() {
        let frame = ScreenFrame.text(["a", "b", "c"], size: ScreenSize(columns: 4, rows: 2))
        #expect(frame == "\u{1B}[Ha\u{1B}[K\r\nb\u{1B}[K")
    }

    @Test func coloursTakeNoColumns() {
        #expect("\u{1B}[31mab\u{1B}[0mc".withoutEscapes == "abc")
        #expect(
            ScreenFrame.text(["\u{1B}[31mab\u{1B}[0m"], size: ScreenSize(columns: 2, rows: 1))
                == "\u{1B}[H\u{1B}[31mab\u{1B}[0m")
    }

    @Test func leavingUndoesWhatEnteringDid() {
        #expect(ScreenFrame.enter.contains("\u{1B}[?1049h") && ScreenFrame.leave.contains("\u{1B}[?1049l"))
        #expect(ScreenFrame.enter.contains("\u{1B}[?25l") && ScreenFrame.leave.contains("\u{1B}[?25h"))
        #expect(ScreenFrame.leave.utf8.count < 256)
    }
}

struct KeyDecoderTests {
    private func keys(_ text: String) -> [KeyDecoder.Key] {
        var decoder = KeyDecoder()
        return text.utf8.compactMap { decoder.take($0) }
    }

    @Test(arguments: ["q", "Q", "\u{3}", "abcq", "\u{1B}[Aq", "\u{1B}OPq", "\u{1B}xq", "\u{1B}\u{1B}[1;5Bq"])
    func quits(_ text: String) { #expect(keys(text) == [.quit]) }

    @Test(arguments: [" ", "\u{C}"]) func redraws(_ text: String) { #expect(keys(text) == [.redraw]) }

    /// What a terminal sends for other keys, the mouse and answers of its own holds letters as well.
    @Test(arguments: [
        "", "x", "\u{1B}[A", "\u{1B}Oq", "\u{1B}q", "\u{1B}[1 q", "\u{1B}[<0;10;10M", "\u{1B}[200~\u{1B}[201~", "é",
    ])
    func passesOverWhatIsNoKeyOfOurs(_ text: String) { #expect(keys(text) == []) }
}
