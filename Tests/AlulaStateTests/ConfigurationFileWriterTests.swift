import AlulaPrimitives
import AlulaSystem
import AlulaTestSupport
import Testing

@testable import AlulaState

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

struct ConfigurationFileWriterTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func writer(isReadOnly: Bool = false) -> ConfigurationFileWriter {
        ConfigurationFileWriter(lockPath: directory("alula/configuration.lock"), isReadOnly: isReadOnly)
    }

    private func write(
        _ changes: (name: String, before: String?, after: String)..., isReadOnly: Bool = false
    ) throws {
        try BlockingContext.permit {
            try writer(isReadOnly: isReadOnly).write(
                changes.map {
                    .init(
                        path: directory($0.name), before: $0.before.map { Array($0.utf8) }, after: Array($0.after.utf8))
                }, deadline: .after(.seconds(60)))
        }
    }

    private func code(_ body: () throws -> Void) -> StateError.Code? {
        #expect(throws: StateError.self, performing: body)?.code
    }

    @Test func replacesWhatTheEditWasMadeFromAndKeepsRightsAndBackups() throws {
        try directory.write("a.json", "0", mode: 0o640)
        for round in 0..<7 { try write(("a.json", "\(round)", "\(round + 1)")) }
        #expect(try directory.text("a.json") == "7")
        let backups = ["a.json.bak"] + (1..<5).map { "a.json.bak.\($0)" }
        #expect(try backups.map(directory.text) == ["6", "5", "4", "3", "2"])
        #expect(try directory.names.filter { $0.hasPrefix("a.json") } == (["a.json"] + backups).sorted())
        let identity = try BlockingContext.permit { try FileIdentity.of(directory("a.json")) }
        #expect(identity.mode == 0o640)
        #expect(identity.linkCount == 1)
    }

    @Test func refusesAFileThatChanged() throws {
        try directory.write("a.json", "theirs")
        #expect(code { try write(("a.json", "mine", "new")) } == .fileChanged)
        #expect(code { try write(("a.json", nil, "new")) } == .fileChanged)
        #expect(try directory.text("a.json") == "theirs")
        #expect(try !directory.names.contains("a.json.bak"))
    }

    @Test func makesAFileForItsOwnerOnly() throws {
        try write(("a.json", nil, "new"))
        let identity = try BlockingContext.permit { try FileIdentity.of(directory("a.json")) }
        #expect(identity.mode == 0o600)
        #expect(identity.linkCount == 1)
    }

    @Test func writesAllFilesOrNone() throws {
        try directory.write("a.json", "a")
        try directory.write("b.json", "theirs")
        #expect(code { try write(("a.json", "a", "new"), ("b.json", "b", "new")) } == .fileChanged)
        #expect(try directory.text("a.json") == "a")
    }

    @Test func refusesLinksAndManagedConfigurations() throws {
        try directory.write("real.json", "a")
        #expect(symlink(directory("real.json"), directory("a.json")) == 0)
        #expect(code { try write(("a.json", "a", "new")) } == .fileUnusable)
        #expect(code { try write(("real.json", "a", "new"), isReadOnly: true) } == .fileUnusable)
        #expect(try directory.text("real.json") == "a")
    }

    @Test func removesWhatAKilledWriterLeft() throws {
        try directory.write("a.json", "a")
        // No process has this id.
        try directory.write("a.json.2147483646.new", "half")
        try write(("a.json", "a", "b"))
        #expect(try !directory.names.contains { $0.contains("2147483646") })
    }

    @Test func losesNothingWhenManyEditAtOnce() async throws {
        let path = try directory.write("a.json", "0")
        let writer = writer()
        let pool = BlockingPool()
        defer { pool.shutdown() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try await pool.run("edit", deadline: .after(.seconds(120))) {
                        for _ in 0..<10 { try Self.countUp(path, writer) }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try directory.text("a.json") == "40")
    }

    /// Adds one to the number in a file, however often somebody comes in between.
    private static func countUp(_ path: String, _ writer: ConfigurationFileWriter) throws {
        var isDone = false
        while !isDone { isDone = try countUpOnce(path, writer) }
    }

    private static func countUpOnce(_ path: String, _ writer: ConfigurationFileWriter) throws -> Bool {
        let text = try FileReader.read(path, maximum: .kibibytes(1)).text
        let count = try #require(Int(text))
        let write: () throws -> Void = {
            try writer.write(
                [.init(path: path, before: Array(text.utf8), after: Array("\(count + 1)".utf8))],
                deadline: .after(.seconds(60)))
        }
        do {
            try write()
            return true
        } catch let error as StateError where error.code == .fileChanged {
            return false
        }
    }
}
