import Testing

@testable import AlulaCLI

struct DisplayWidthTests {
    @Test(
        arguments: [
            ("", 0), ("plain", 5), ("日本", 4), ("ｆｕｌｌ", 8), ("e\u{301}", 1), ("한글", 4), ("👍", 2), ("🇩🇪", 2),
            ("❤\u{FE0F}", 2),
            ("⌚", 2), ("§ä", 2), ("a\u{1B}b", 2), ("\u{202E}x", 1), ("👨‍👩‍👧", 2), ("▁█", 2),
        ] as [(String, Int)])
    func textTakesSoManyColumns(_ text: String, _ width: Int) {
        #expect(text.displayWidth == width)
    }

    @Test(arguments: [
        ("plain", 3, "pla"), ("日本", 3, "日"), ("日本", 1, ""), ("e\u{301}a", 1, "e\u{301}"), ("ab", 9, "ab"),
        ("ab", -1, ""),
    ])
    func aBeginningFitsIntoAWidth(_ text: String, _ width: Int, _ kept: String) {
        #expect(text.cut(toWidth: width) == kept)
    }
}

struct ScreenLineTests {
    @Test(arguments: [
        ("plain", "plain"), ("a\u{1B}[2Jb", "a\u{FFFD}[2Jb"), ("a\nb\tc\r", "a b c "), ("\u{9B}31m", "\u{FFFD}31m"),
        ("\u{202E}evil\u{2066}", "\u{FFFD}evil\u{FFFD}"), ("a\u{200D}b", "ab"), ("\u{FEFF}x", "\u{FFFD}x"),
        ("日本", "日本"),
        ("\u{2028}\u{2029}", "\u{FFFD}\u{FFFD}"), ("\u{7F}\u{0}\u{7}", "\u{FFFD}\u{FFFD}\u{FFFD}"),
        ("z\u{300}\u{301}\u{302}\u{303}\u{304}o", "z\u{300}\u{301}\u{302}o"), ("\u{E0041}", "\u{FFFD}"),
    ])
    func nothingButShownCharactersIsLeft(_ text: String, _ safe: String) {
        // By scalars: as characters, some of these are the same with and without what was taken away.
        #expect(Array(ScreenLine.safe(text).unicodeScalars) == Array(safe.unicodeScalars))
    }

    @Test func aLineIsCutToItsWidthWithAMark() {
        let line = ScreenLine([.init("name", .heading), .init("  "), .init("日本語 and more", .bad)])
        #expect(line.rendered(width: 40, colours: false) == "name  日本語 and more")
        #expect(line.rendered(width: nil, colours: false) == "name  日本語 and more")
        #expect(line.rendered(width: 12, colours: false) == "name  日本…")
        #expect(line.rendered(width: 10, colours: false) == "name  日…")
        #expect(line.rendered(width: 12, colours: false, mark: "...") == "name  日...")
        #expect(line.rendered(width: 0, colours: false) == "")
        #expect(line.rendered(width: 1, colours: false) == "…")
        #expect(line.rendered(width: 5, colours: true) == "\u{1B}[1mname\u{1B}[0m…")
    }

    @Test func noColourIsLeftOpenByACut() {
        let line = ScreenLine([.init("aaaa", .good), .init("bbbb", .bad)])
        for width in 0...9 {
            let text = line.rendered(width: width, colours: true)
            #expect(text.withoutEscapes.displayWidth <= width)
            if let last = text.split(separator: "\u{1B}").last, width > 1 {
                #expect(last.hasPrefix("[0m"), "\(width)")
            }
        }
    }
}
