import AlulaInference
import AlulaModels
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

/// The database of use on real files, whole, held, damaged and full.
struct UsageStoreTests {
    private let directory: TemporaryDirectory
    private let start = Timestamp(milliseconds: 1_780_000_000_000)

    init() throws {
        directory = try TemporaryDirectory()
        let own = directory("alula")
        try BlockingContext.permit { try Directory.make(own) }
    }

    private var path: String { directory("alula/usage.sqlite") }

    private func record(
        _ minutes: Int64 = 0, model: String = "m", tokens: Int64 = 10,
        cost: UsageCost? = UsageCost(input: 7, output: 5), outcome: UsageRecord.Outcome = .completed,
        isIncomplete: Bool = false
    ) -> UsageRecord {
        UsageRecord(
            endedAt: start.advanced(by: .seconds(minutes * 60)),
            model: ModelReference(provider: "lab", model: ModelID(model)), profile: "lab:work",
            operation: .answer(.openAIChat),
            apiKey: nil, agent: "main", tokens: UsageTokens(input: tokens, output: 3, cacheRead: 2, reasoning: 1),
            cost: cost, duration: .milliseconds(1500), attempts: 2, outcome: outcome, isIncomplete: isIncomplete)
    }

    @discardableResult
    private func append(_ records: [UsageRecord], to store: UsageStore) throws -> UsageStore.Outcome {
        try BlockingContext.permit { try store.append(UsageBatch(records)) }
    }

    private func totals() throws -> UsageTotals {
        let everything = Timestamp(milliseconds: 0)..<Timestamp.maximum
        return try BlockingContext.permit { try UsageReader.slices(at: path, in: everything) }
            .reduce(into: UsageTotals()) { $0 += $1.totals }
    }

    private func close(_ store: UsageStore) { BlockingContext.permit { store.close() } }

    private func code(_ body: () throws -> Void) -> StateError.Code? {
        #expect(throws: StateError.self) { try body() }?.code
    }

    // MARK: Whole

    @Test func whatIsWrittenIsRead() throws {
        let store = UsageStore(path)
        try append(
            [
                record(), record(1, cost: nil), record(2, outcome: .failed("upstream"), isIncomplete: true),
                record(20, outcome: .cancelled),
            ], to: store)
        let slices = try BlockingContext.permit {
            try UsageReader.slices(at: path, in: start..<start.advanced(by: .seconds(600)))
        }
        // The last record is of another quarter of an hour, and outside.
        #expect(slices.count == 1)
        let slice = try #require(slices.first)
        #expect(slice.start.milliseconds % UsageSlice.length == 0 && slice.start <= start)
        #expect(slice.names.model == ModelReference(provider: "lab", model: "m"))
        #expect(slice.names.agent == "main" && slice.names.apiKey == nil)
        #expect(slice.totals.requests == 3 && slice.totals.failed == 1 && slice.totals.incomplete == 1)
        #expect(slice.totals.withoutCost == 1 && slice.totals.cost == UsageCost(input: 14, output: 10))
        #expect(slice.totals.tokens == UsageTokens(input: 30, output: 9, cacheRead: 6, reasoning: 3))
        #expect(try totals().cancelled == 1)
    }

    /// The column takes any word, so that a database of an earlier version needs no change.
    @Test func eachOperationIsKeptInItsWord() throws {
        let store = UsageStore(path)
        let operations = Dialect.allCases.map { UsageRecord.Operation.answer($0) } + [.embeddings]
        for operation in operations {
            var record = record()
            record.operation = operation
            try append([record], to: store)
        }
        close(store)
        let database = try DatabaseWriter(path)
        #expect(
            try database.text("SELECT group_concat(dialect) FROM (SELECT dialect FROM requests ORDER BY id)")
                == "openai-chat,openai-responses,anthropic-messages,openai-embeddings")
        #expect(try database.text("PRAGMA user_version") == "1")
        #expect(try totals().requests == 4)
    }

    /// Everything that a record may say at most, so many times that an unguarded sum would fail.
    @Test func theLargestRecordsAddUp() throws {
        let store = UsageStore(path)
        let cost = UsageCost(
            input: UsageCost.maximum, output: UsageCost.maximum, cacheRead: UsageCost.maximum,
            cacheWrite: UsageCost.maximum)
        let large = record(tokens: UsageTokens.maximum, cost: cost)
        for _ in 0..<4 { try append(Array(repeating: large, count: 1000), to: store) }
        let sum = try totals()
        #expect(sum.tokens.input == 4000 * UsageTokens.maximum && sum.cost.output == 4000 * UsageCost.maximum)
        let limits = UsageDatabase.Limits()
        for maximum in [UsageTokens.maximum, UsageCost.maximum] {
            #expect(!maximum.multipliedReportingOverflow(by: limits.records).overflow)
        }
    }

    @Test func itIsItsOwnersAlone() throws {
        // The directory is made too.
        #expect(rmdir(directory("alula")) == 0)
        umask(0)
        defer { umask(0o022) }
        let store = UsageStore(path)
        try append([record()], to: store)
        for ending in ["", "-wal", "-shm"] {
            let mode = try BlockingContext.permit { try FileIdentity.of(path + ending).mode }
            #expect(mode == 0o600, "\(ending)")
        }
        close(store)
        #expect(try BlockingContext.permit { try FileIdentity.ofExisting("\(path)-wal") } == nil)
        #expect(try totals().requests == 1)
    }

    @Test func aBatchIsWrittenOnce() throws {
        let store = UsageStore(path)
        let batch = UsageBatch([record(), record()])
        for _ in 0..<3 { _ = try BlockingContext.permit { try store.append(batch) } }
        #expect(try totals().requests == 2)
    }

    @Test func nothingIsReadWhereNothingIs() throws {
        #expect(try totals() == UsageTotals())
        try directory.write("alula/usage.sqlite", "")
        #expect(try totals() == UsageTotals())
    }

    /// The log of a database is beside the file, wherever a link to it is.
    @Test func aDatabaseMayBeElsewhere() throws {
        try BlockingContext.permit { try Directory.make(directory("disk")) }
        #expect(symlink(directory("disk/use.sqlite"), path) == 0)
        let store = UsageStore(path)
        try append([record()], to: store)
        #expect(try totals().requests == 1)
        close(store)
        try directory.write("disk/use.sqlite", String(repeating: "This is no database. ", count: 500))
        #expect(try append([record(), record()], to: store) == .begunAnew)
        #expect(try totals().requests == 2)
        let names = try BlockingContext.permit { try Directory.list(directory("disk")).map(\.name).sorted() }
        #expect(names.count { $0.hasPrefix("use.sqlite.damaged-") } == 1)
    }

    @Test func readingChangesNothingBesideIt() throws {
        let store = UsageStore(path)
        try append([record()], to: store)
        close(store)
        let before = try BlockingContext.permit { (try FileIdentity.of(path), try Directory.list(directory("alula"))) }
        _ = try totals()
        let after = try BlockingContext.permit { (try FileIdentity.of(path), try Directory.list(directory("alula"))) }
        #expect(before.0 == after.0 && before.1.map(\.name) == after.1.map(\.name))
    }

    // MARK: Bounds

    @Test func whatIsOldOrTooMuchGoes() throws {
        var limits = UsageDatabase.Limits()
        limits.age = .seconds(86_400)
        limits.records = 5
        try BlockingContext.permit {
            let database = try UsageDatabase(path, limits: limits)
            try database.append((0..<20).map { record($0 * 60) })
            try database.prune(at: start.advanced(by: .seconds(30 * 3600)))
            #expect(try totals().requests == 5)
            try database.append([record(19 * 60 + 1)])
            try database.prune(at: start.advanced(by: .seconds(1000 * 86_400)))
            #expect(try totals().requests == 0)
        }
    }

    @Test func oneTurnOfRemovingIsBounded() throws {
        var limits = UsageDatabase.Limits()
        limits.age = .zero
        limits.removals = 3
        try BlockingContext.permit {
            let database = try UsageDatabase(path, limits: limits)
            try database.append((0..<10).map { record($0) })
            try database.prune(at: start.advanced(by: .seconds(86_400)))
            #expect(try totals().requests == 7)
        }
    }

    /// A full database takes nothing, says so, and keeps what it has.
    @Test func aFullDatabaseRefuses() throws {
        var limits = UsageDatabase.Limits()
        limits.pages = 12
        let store = UsageStore(path, limits: limits)
        try append([record()], to: store)
        let many = (0..<2000).map { record($0) }
        #expect(code { try append(many, to: store) } == .fileUnusable)
        #expect(try totals().requests == 1)
        // What fits is still taken.
        try append([record()], to: store)
        #expect(try totals().requests == 2)
    }

    // MARK: Other programs

    @Test func aHeldDatabaseIsTriedAgain() throws {
        let store = UsageStore(path)
        try append([record()], to: store)
        let other = try DatabaseWriter(path)
        try other.run("BEGIN IMMEDIATE")
        let batch = UsageBatch([record()])
        #expect(code { _ = try BlockingContext.permit { try store.append(batch) } } == .databaseBusy)
        // Whoever reads is not held up.
        #expect(try totals().requests == 1)
        try other.run("COMMIT")
        _ = try BlockingContext.permit { try store.append(batch) }
        #expect(try totals().requests == 2)
    }

    @Test func twoStoresMakeTheDatabaseOnce() throws {
        let (one, other) = (UsageStore(path), UsageStore(path))
        try append([record()], to: one)
        try append([record()], to: other)
        try append([record()], to: one)
        #expect(try totals().requests == 3)
    }

    @Test func aRemovedDatabaseIsBegunAnew() throws {
        let store = UsageStore(path)
        try append([record()], to: store)
        for ending in ["", "-wal", "-shm"] { unlink(path + ending) }
        try append([record(), record()], to: store)
        #expect(try totals().requests == 2)
    }

    @Test(arguments: [
        "PRAGMA application_id = 7", "PRAGMA user_version = 99", "PRAGMA user_version = -1",
    ])
    func aDatabaseOfOthersIsLeftAlone(_ change: String) throws {
        let store = UsageStore(path)
        try append([record()], to: store)
        close(store)
        let other = try DatabaseWriter(path)
        try other.run(change)
        other.close()
        let before = try BlockingContext.permit { try FileReader.read(path, maximum: .mebibytes(1)).bytes }
        #expect(code { try append([record()], to: store) } == .databaseForeign)
        #expect(code { _ = try totals() } == .databaseForeign)
        #expect(try BlockingContext.permit { try FileReader.read(path, maximum: .mebibytes(1)).bytes } == before)
    }

    @Test func anotherProgramsTablesAreLeftAlone() throws {
        let other = try DatabaseWriter(path)
        try other.run("CREATE TABLE t (x)")
        other.close()
        #expect(code { try append([record()], to: UsageStore(path)) } == .databaseForeign)
    }

    // MARK: Damage

    @Test func aDamagedDatabaseIsSetAside() throws {
        let garbage = String(repeating: "This is no database. ", count: 500)
        for round in 0..<4 {
            try directory.write("alula/usage.sqlite", garbage)
            let store = UsageStore(path)
            let outcome = try append([record(Int64(round))], to: store)
            #expect(outcome == .begunAnew)
            #expect(try totals().requests == 1)
            close(store)
        }
        // The last two are kept to be looked at.
        let names = try BlockingContext.permit { try Directory.list(directory("alula")).map(\.name).sorted() }
        #expect(names.count == 3 && names.dropFirst().allSatisfy { $0.hasPrefix("usage.sqlite.damaged-") })
        #expect(try directory.text("alula/\(names[1])") == garbage)
    }

    @Test func damageUnderAnOpenStoreIsNoticed() throws {
        let store = UsageStore(path)
        try append((0..<3000).map { record($0, model: "m\($0)") }, to: store)
        close(store)
        try append([record()], to: store)
        close(store)
        // Every page but the first is overwritten.
        let descriptor = open(path, O_WRONLY)
        let junk = [UInt8](repeating: 0xA5, count: 4096)
        for page in 1..<40 { #expect(pwrite(descriptor, junk, junk.count, off_t(page * 4096)) == junk.count) }
        Glibc.close(descriptor)
        #expect(try append([record()], to: store) == .begunAnew)
        #expect(try totals().requests == 1)
    }

    @Test func whatIsNoFileIsRefused() throws {
        #expect(mkfifo(path, 0o600) == 0)
        #expect(code { try append([record()], to: UsageStore(path)) } == .fileUnusable)
        #expect(code { _ = try totals() } == .fileUnusable)
    }
}
