import AlulaConfiguration
import AlulaJSON
import AlulaPrimitives
import AlulaState
import AlulaSystem
import AlulaTestSupport
import Logging
import Synchronization
import Testing

@testable import AlulaGateway

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

struct LogFileTests {
    /// A log in a directory of its own, on a clock that stands still.
    private final class Scene: Sendable {
        let directory: TemporaryDirectory
        let place: LogFilePlace
        let time = Mutex(Timestamp(milliseconds: 1_780_000_000_000))
        let complaints = Mutex<[String]>([])
        let status = LogFileStatus()

        init(file: String? = nil, profile: String? = nil) throws {
            let directory = try TemporaryDirectory()
            self.directory = directory
            var settings = LoggingSettings()
            settings.file = file.map { "\(directory.path)/\($0)" }
            let layout = StateLayout(
                request: .init(profile: profile), variables: ["HOME": directory.path], currentDirectory: "/",
                exists: { _ in false })
            place = LogFilePlace(
                settings: settings, layout: layout, variables: ["ALULA_LOG_DIR": directory("logs")])
        }

        func makeFile(maximumSize: ByteCount = .mebibytes(1)) -> LogFile {
            LogFile(
                place: place,
                settings: LogFile.Settings(
                    maximumSize: maximumSize, line: LogLine(redactor: LogRedactor(), utcOffset: { _ in 7200 }),
                    now: { self.time.withLock { $0 } },
                    complain: { reason in self.complaints.withLock { $0.append(reason) } }), status: status)
        }

        func entry(_ sentence: String) -> LogEntry {
            LogEntry(
                time: time.withLock { $0 }, level: .warning, sentence: sentence,
                fields: [LogEntry.Field(key: "provider.id", value: "openai")])
        }

        func mode(_ name: String) throws -> UInt32 {
            try BlockingContext.permit { try FileIdentity.of(directory(name)).mode }
        }
    }

    /// Runs on a thread that may block.
    private func blocking<Value>(_ body: () throws -> Value) rethrows -> Value { try BlockingContext.permit(body) }

    @Test func writesAFilePerLocalDayInTheReferencesShape() throws {
        let scene = try Scene()
        var file = scene.makeFile()
        // 20:26 UTC on 28 May is 22:26 on local clocks; two hours later it is the next day there, and not in UTC.
        #expect(blocking { file.write([scene.entry("First")], lost: 0) } == 0)
        scene.time.withLock { $0 = $0.advanced(by: .seconds(7200)) }
        #expect(blocking { file.write([scene.entry("Second")], lost: 0) } == 0)
        let names = try blocking { try Directory.list(scene.directory("logs")).map(\.name) }
        #expect(names == ["openclaw-2026-05-28.log", "openclaw-2026-05-29.log"])
        let line = try JSONValue.parse(try scene.directory.text("logs/openclaw-2026-05-28.log"))
        #expect(line["0"] == #"{"subsystem":"gateway"}"#)
        #expect(line["1"] == "First")
        #expect(line["2"] == ["provider.id": "openai"])
        #expect(line["_meta"]?["logLevelName"] == "WARN")
        #expect(line["_meta"]?["logLevelId"] == 4)
        #expect(line["time"] == "2026-05-28T22:26:40.000+02:00")
        #expect(scene.status.path == scene.directory("logs/openclaw-2026-05-29.log"))
    }

    @Test(arguments: [nil, "old.log"] as [String?])
    func nobodyElseMayReadTheFile(existing: String?) throws {
        let scene = try Scene(file: existing)
        if let existing { try scene.directory.write(existing, "{}\n", mode: 0o666) }
        let earlier = umask(0)
        defer { umask(earlier) }
        var file = scene.makeFile(maximumSize: 600)
        for number in 0..<10 { #expect(blocking { file.write([scene.entry("Line \(number)")], lost: 0) } == 0) }
        let folder = existing == nil ? "logs" : ""
        let names = try blocking { try Directory.list(scene.directory(folder)) }.filter { $0.kind == .regular }
        #expect(names.count > 1)
        for entry in names { #expect(try scene.mode("\(folder)/\(entry.name)") & 0o077 == 0, "\(entry.name)") }
        if existing == nil { #expect(try scene.mode("logs") & 0o077 == 0) }
    }

    @Test func aFullFileIsPutAsideAndFiveAreKept() throws {
        let scene = try Scene(file: "alula.log")
        var file = scene.makeFile(maximumSize: 1)
        for number in 0..<9 { #expect(blocking { file.write([scene.entry("Line \(number)")], lost: 0) } == 0) }
        let names = try scene.directory.names.filter { $0.hasSuffix(".log") }
        #expect(names == ["alula.1.log", "alula.2.log", "alula.3.log", "alula.4.log", "alula.5.log", "alula.log"])
        #expect(try scene.directory.text("alula.log").contains("Line 8"))
        #expect(try scene.directory.text("alula.1.log").contains("Line 7"))
        #expect(try scene.directory.text("alula.5.log").contains("Line 3"))
    }

    /// A gateway was killed, or the disk was full, in the middle of a line.
    @Test(arguments: ["", "{\"1\":\"whole\"}\n"]) func aLineThatWasCutOffCostsNoOther(before: String) throws {
        let scene = try Scene(file: "alula.log")
        try scene.directory.write("alula.log", before + #"{"1":"half"#)
        var file = scene.makeFile()
        #expect(blocking { file.write([scene.entry("After it")], lost: 0) } == 0)
        let lines = try scene.directory.text("alula.log").split(separator: "\n")
        #expect(lines.dropLast().last == #"{"1":"half"#)
        #expect(try JSONValue.parse(String(lines.last ?? ""))["1"] == "After it")
    }

    @Test func filesOfLongAgoAreRemovedAndOthersAreNot() throws {
        let scene = try Scene()
        try blocking { try Directory.make(scene.directory("logs")) }
        for name in [
            "openclaw-2026-05-01.log", "openclaw-2026-05-01.1.log", "openclaw-2026-05-27.log",
            "openclaw-dev-2026-05-01.log",
            "notes.log",
        ] { try scene.directory.write("logs/\(name)", "x") }
        var file = scene.makeFile()
        #expect(blocking { file.write([scene.entry("Today")], lost: 0) } == 0)
        let names = try blocking { try Directory.list(scene.directory("logs")).map(\.name) }
        #expect(
            names == ["notes.log", "openclaw-2026-05-27.log", "openclaw-2026-05-28.log", "openclaw-dev-2026-05-01.log"])
    }

    @Test func aProfileHasAFileOfItsOwn() throws {
        let scene = try Scene(profile: "work")
        #expect(try blocking { try scene.place.prepare(day: "2026-05-28") }.hasSuffix("/openclaw-work-2026-05-28.log"))
    }

    @Test func aFileThatCannotBeWrittenCostsLinesWhichAreCountedAndToldOnce() throws {
        let scene = try Scene(file: "blocked/alula.log")
        try scene.directory.write("blocked", "a file, where a directory is needed")
        var file = scene.makeFile()
        var lost: UInt64 = 0
        for _ in 0..<3 { lost = blocking { file.write([scene.entry("Lost"), scene.entry("Lost")], lost: lost) } }
        #expect(lost == 6)
        #expect(scene.complaints.withLock { $0.count } == 1)
        unlink(scene.directory("blocked"))
        lost = blocking { file.write([scene.entry("Back")], lost: lost) }
        #expect(lost == 0)
        let text = try scene.directory.text("blocked/alula.log")
        #expect(text.contains(#""count":"6""#))
        #expect(text.contains("Back"))
        #expect(!text.contains(#""1":"Lost""#))
    }

    @Test func aFullDiskCostsLinesAndNothingElse() throws {
        // Writing to it says that no space is left.
        guard access("/dev/full", W_OK) == 0 else { return }
        let scene = try Scene(file: "alula.log")
        #expect(symlink("/dev/full", scene.directory("alula.log")) == 0)
        var file = scene.makeFile()
        #expect(blocking { file.write([scene.entry("Lost")], lost: 0) } == 1)
        #expect(scene.complaints.withLock { $0.count } == 1)
    }

    @Test func aFileThatWasTakenAwayIsMadeAnew() throws {
        let scene = try Scene(file: "alula.log")
        var file = scene.makeFile()
        #expect(blocking { file.write([scene.entry("First")], lost: 0) } == 0)
        #expect(rename(scene.directory("alula.log"), scene.directory("moved.log")) == 0)
        #expect(blocking { file.write([scene.entry("Second")], lost: 0) } == 0)
        #expect(try scene.directory.text("alula.log").contains("Second"))
        #expect(try !scene.directory.text("moved.log").contains("Second"))
    }

    @Test func aLinkInTheSharedDirectoryIsNotFollowed() throws {
        let scene = try Scene()
        try blocking { try Directory.make(scene.directory("logs")) }
        try scene.directory.write("victim", "untouched")
        #expect(symlink(scene.directory("victim"), scene.directory("logs/openclaw-2026-05-28.log")) == 0)
        var file = scene.makeFile()
        #expect(blocking { file.write([scene.entry("Lost")], lost: 0) } == 1)
        #expect(try scene.directory.text("victim") == "untouched")
    }

    @Test func noSecretReachesTheFile() throws {
        let scene = try Scene(file: "alula.log")
        var file = scene.makeFile()
        let entry = LogEntry(
            time: scene.time.withLock { $0 }, level: .error, sentence: "Refused: Bearer FAKE-CANARY-0123456789",
            fields: [
                LogEntry.Field(key: "error.cause", value: #"{"api_key":"FAKE-CANARY-1"} token=FAKE-CANARY-2"#),
                LogEntry.Field(key: "gateway.token", value: "FAKE-CANARY-3"),
            ])
        #expect(blocking { file.write([entry], lost: 0) } == 0)
        #expect(try !scene.directory.text("alula.log").contains("CANARY"))
    }
}
