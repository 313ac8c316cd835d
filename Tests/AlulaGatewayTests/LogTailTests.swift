import AlulaPrimitives
import AlulaSystem
import AlulaTestSupport
import Testing

@testable import AlulaGateway

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

struct LogTailTests {
    private let directory: TemporaryDirectory
    private let pool = BlockingPool()

    init() throws { directory = try TemporaryDirectory() }

    private var path: String { directory("alula.log") }

    /// Looks at the file for every question, since its clock is real and its version always another.
    private func makeTail() -> LogTail {
        LogTail(pool: pool, redactor: { LogRedactor() }, version: { UInt64.random(in: .min ... .max) }) { [path] in path
        }
    }

    private func append(_ text: String) throws {
        let file = try #require(fopen(path, "a"))
        defer { fclose(file) }
        fputs(text, file)
    }

    @Test func answersWithTheLastLinesAndThenWithWhatIsNew() async throws {
        let tail = makeTail()
        try append("one\ntwo\nthree\n")
        var slice = try await tail.slice(LogQuery(maximumLines: 2), for: "a")
        #expect(slice.lines == ["two", "three"])
        #expect((slice.cursor, slice.size) == (14, 14))
        #expect(!slice.isReset && !slice.isTruncated)
        // A line that is not finished waits.
        try append("four\nfi")
        slice = try await tail.slice(LogQuery(cursor: slice.cursor), for: "a")
        #expect(slice.lines == ["four"])
        #expect((slice.cursor, slice.size) == (19, 21))
        try append("ve\n")
        slice = try await tail.slice(LogQuery(cursor: slice.cursor), for: "a")
        #expect(slice.lines == ["five"])
        slice = try await tail.slice(LogQuery(cursor: slice.cursor), for: "a")
        #expect(slice.lines.isEmpty && !slice.isReset)
    }

    @Test func aMissingFileIsEmpty() async throws {
        let slice = try await makeTail().slice(LogQuery(), for: "a")
        #expect(slice == LogSlice(file: path, cursor: 0, size: 0, lines: []))
    }

    @Test func aCutFileResetsTheCursor() async throws {
        let tail = makeTail()
        try append("a long first line\n")
        let cursor = try await tail.slice(LogQuery(), for: "a").cursor
        #expect(truncate(path, 0) == 0)
        try append("new\n")
        let slice = try await tail.slice(LogQuery(cursor: cursor), for: "a")
        #expect(slice.isReset && !slice.isTruncated)
        #expect(slice.lines == ["new"])
    }

    @Test func anotherFileUnderTheNameResetsTheCursorEvenWhenItIsLonger() async throws {
        let tail = makeTail()
        try append("old\n")
        let cursor = try await tail.slice(LogQuery(), for: "a").cursor
        #expect(rename(path, directory("alula.1.log")) == 0)
        try append("a new file that is longer\nthan the old one\n")
        let slice = try await tail.slice(LogQuery(cursor: cursor), for: "a")
        #expect(slice.isReset)
        #expect(slice.lines == ["a new file that is longer", "than the old one"])
    }

    @Test func whoFallsFarBehindIsTold() async throws {
        let tail = makeTail()
        try append("first\n")
        let cursor = try await tail.slice(LogQuery(), for: "a").cursor
        for number in 0..<100 { try append("line \(number)\n") }
        var slice = try await tail.slice(LogQuery(cursor: cursor, maximumBytes: 20), for: "a")
        #expect(slice.isReset && slice.isTruncated)
        #expect(slice.lines == ["line 98", "line 99"])
        slice = try await tail.slice(LogQuery(cursor: cursor, maximumLines: 3), for: "a")
        #expect(!slice.isReset && slice.isTruncated)
        #expect(slice.lines == ["line 97", "line 98", "line 99"])
    }

    @Test func aLargeFileIsReadFromItsEnd() async throws {
        // A hole of 200 MB: whoever reads it from the start never sees the line in time.
        let file = try #require(fopen(path, "w"))
        #expect(ftruncate(fileno(file), 200 << 20) == 0)
        fclose(file)
        try append("\nthe end\n")
        let tail = makeTail()
        let slice = try await tail.slice(LogQuery(maximumBytes: 1000), for: "a")
        #expect(slice.lines == ["the end"])
        #expect(slice.isTruncated)
        try append("more\n")
        #expect(try await tail.slice(LogQuery(cursor: slice.cursor), for: "a").lines == ["more"])
    }

    @Test(.bug(id: "B17")) func manyFollowersShareOneLook() async throws {
        let now = ContinuousClock.now
        let tail = LogTail(pool: pool, redactor: { LogRedactor() }, instant: { now }) { [path] in path }
        try append("one\ntwo\n")
        try await withThrowingTaskGroup(of: LogSlice.self) { group in
            for number in 0..<200 {
                group.addTask { try await tail.slice(LogQuery(cursor: 4), for: "follower \(number)") }
            }
            for try await slice in group { #expect(slice.lines == ["two"]) }
        }
        #expect(await tail.looks == 1)
    }

    @Test func whatLooksLikeASecretIsTakenOutOfLinesThatOthersWrote() async throws {
        try append("token=FAKE-CANARY\n")
        #expect(try await makeTail().slice(LogQuery(), for: "a").lines == ["token=***"])
    }

    @Test func aPipeInPlaceOfTheFileHoldsUpNobody() async throws {
        #expect(mkfifo(path, 0o600) == 0)
        await #expect(throws: SystemError.self) { try await makeTail().slice(LogQuery(), for: "a") }
    }
}
