import AlulaSystem
import Testing

struct PathTextTests {
    @Test(
        arguments: [
            ("/a/b", "/a", "b"), ("/a/b///", "/a", "b"), ("/a", "/", "a"), ("///", "/", "/"), ("a", ".", "a"),
            ("", ".", ""),
            ("a//b", "a", "b"),
            // A mark that joins the slash before it to one character is a name all the same.
            ("/a/\u{301}b", "/a", "\u{301}b"), ("/a/b/\u{301}", "/a/b", "\u{301}"),
        ])
    func splitsAtTheLastSlash(path: String, directory: String, name: String) {
        #expect(PathText.directory(of: path).unicodeScalars.elementsEqual(directory.unicodeScalars))
        #expect(PathText.name(of: path).unicodeScalars.elementsEqual(name.unicodeScalars))
    }

    /// A million slashes are looked at once each; counting what is left after each would take minutes.
    @Test func slashesAtTheEndCostNoMoreThanTheirNumber() {
        #expect(PathText.name(of: "/a/b" + String(repeating: "/", count: 1_000_000)) == "b")
    }
}
