import AlulaPrimitives
import AlulaSystem
import AlulaTestSupport
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

struct BoundedJournalTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func append(_ lines: String..., maximum: Int = 1000) throws {
        try BlockingContext.permit {
            let journal = BoundedJournal(path: directory("logs/a.jsonl"), maximum: ByteCount(bytes: maximum))
            for line in lines { try journal.append(line) }
        }
    }

    @Test func addsLinesForItsOwnerOnly() throws {
        try append("one", "two")
        chmod(directory("logs/a.jsonl"), 0o644)
        try append("three")
        #expect(try directory.text("logs/a.jsonl") == "one\ntwo\nthree\n")
        let mode = try BlockingContext.permit { try FileIdentity.of(directory("logs/a.jsonl")).mode }
        #expect(mode == 0o600)
    }

    @Test func staysWithinTwiceItsBound() throws {
        for number in 10..<40 { try append("line \(number)", maximum: 30) }
        #expect(try directory.text("logs/a.jsonl") == "line 37\nline 38\nline 39\n")
        #expect(try directory.text("logs/a.jsonl.1") == "line 34\nline 35\nline 36\n")
        let names = try BlockingContext.permit { try Directory.list(directory("logs")).map(\.name) }
        #expect(names == ["a.jsonl", "a.jsonl.1"])
    }

    @Test func beginsANewLineAfterOneThatWasCutOff() throws {
        try append("one")
        try directory.write("logs/a.jsonl", "one\ntw")
        try append("three")
        #expect(try directory.text("logs/a.jsonl") == "one\ntw\nthree\n")
    }

    @Test func writesThroughNoLink() throws {
        try append("one")
        unlink(directory("logs/a.jsonl"))
        try directory.write("elsewhere", "theirs")
        #expect(symlink(directory("elsewhere"), directory("logs/a.jsonl")) == 0)
        #expect(throws: SystemError.self) { try append("two") }
        #expect(try directory.text("elsewhere") == "theirs")
    }
}
