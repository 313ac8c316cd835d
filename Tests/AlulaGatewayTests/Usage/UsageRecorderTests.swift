import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import AlulaProtocol
import AlulaServer
import AlulaState
import AlulaSystem
import AlulaTestSupport
import Testing

@testable import AlulaGateway

/// Records behind answers, on real files and a manual clock.
@Suite(.timeLimit(.minutes(2)))
struct UsageRecorderTests {
    private let directory: TemporaryDirectory
    private let pool = BlockingPool()
    private let clock = ManualClock()
    private let log = LogCatcher()
    private let now = Timestamp(milliseconds: 1_780_000_000_000)

    init() throws { directory = try TemporaryDirectory() }

    private var path: String { directory("alula/usage.sqlite") }

    private func recorder() -> UsageRecorder {
        UsageRecorder(
            store: UsageStore(path), pool: pool, clock: clock, logger: log.logger)
    }

    private func record(_ model: String = "m") -> UsageRecord {
        UsageRecord(
            endedAt: now, model: ModelReference(provider: "lab", model: ModelID(model)),
            operation: .answer(.openAIChat),
            agent: "main", tokens: UsageTokens(input: 1), cost: UsageCost(input: 1_500_000_000), duration: .seconds(1),
            attempts: 1, outcome: .completed)
    }

    private func requests() throws -> Int64 {
        try BlockingContext.permit {
            try UsageReader.slices(at: path, in: Timestamp(milliseconds: 0)..<Timestamp.maximum)
        }.reduce(0) { $0 + $1.totals.requests }
    }

    private func running(_ recorder: UsageRecorder, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await recorder.run() }
            try await body()
            group.cancelAll()
        }
    }

    @Test func whatComesWithinAMomentIsWrittenTogether() async throws {
        let recorder = recorder()
        try await running(recorder) {
            for _ in 0..<3 { recorder.take(record()) }
            await clock.sleeper(for: UsageRecorder.gathering)
            let before = try requests()
            #expect(before == 0)
            clock.advance(by: UsageRecorder.gathering)
            while recorder.counts.written < 3 { await Task.yield() }
            let after = try requests()
            #expect(after == 3)
        }
    }

    @Test func whoeverReadsFindsWhatHasJustEnded() async throws {
        let recorder = recorder()
        for _ in 0..<2500 { recorder.take(record()) }
        let desk = UsageDesk(
            path: path, pool: pool, now: { [now] in now }, utcOffset: { _ in 0 }, flush: { await recorder.flush() })
        let answer = try await desk.answer(try UsageQuery(.cost, ["days": 2, "groupBy": "provider"]))
        #expect(answer["days"] == 2 && answer["endDate"] == "2026-05-28" && answer["startDate"] == "2026-05-27")
        #expect(answer["totals"]?["requests"] == 2500)
        #expect(answer["totals"]?["totalCost"] == 3750)
        #expect(answer["daily"]?.array?.count == 1)
        #expect(answer["groups"]?.array?.first?["provider"] == "lab")
    }

    @Test func anOrderlyStopLosesNothing() async throws {
        let recorder = recorder()
        recorder.take(record())
        await recorder.drain()
        #expect(try requests() == 1)
        #expect(log.messages.isEmpty)
        #expect(try BlockingContext.permit { try FileIdentity.ofExisting("\(path)-wal") } == nil)
    }

    /// A disk that refuses is told once, and costs nothing until the queue is full.
    @Test func whatCannotBeWrittenIsTriedAgain() async throws {
        // A file is where the directory would be.
        try directory.write("alula", "in the way")
        let recorder = recorder()
        try await running(recorder) {
            recorder.take(record())
            await clock.sleeper(for: UsageRecorder.gathering)
            clock.advance(by: UsageRecorder.gathering)
            for pause in UsageRecorder.retryPauses {
                await clock.sleeper(for: pause)
                recorder.take(record())
                clock.advance(by: pause)
            }
            await clock.sleeper(for: .seconds(30))
            #expect(log.messages.count == 1)
            try BlockingContext.permit { try DurableFile.remove(directory("alula")) }
            clock.advance(by: .seconds(30))
            while recorder.counts.written < 4 { await Task.yield() }
        }
        #expect(try requests() == 4)
        #expect(log.messages.count == 2 && recorder.counts.lost == 0)
    }

    @Test func aFullQueueLosesWhatComesAndCountsIt() async throws {
        try directory.write("alula", "in the way")
        let recorder = recorder()
        for _ in 0..<(UsageRecorder.maximumWaiting + 5) { recorder.take(record()) }
        #expect(recorder.counts.lost == 5)
        await recorder.drain()
        #expect(log.messages.count == 2)
        try BlockingContext.permit { try DurableFile.remove(directory("alula")) }
        await recorder.flush()
        #expect(try requests() == Int64(UsageRecorder.maximumWaiting))
    }

    @Test func manyWhoReadAtOnceWriteOnce() async throws {
        let recorder = recorder()
        await withDiscardingTaskGroup { group in
            for _ in 0..<20 {
                recorder.take(record())
                group.addTask { await recorder.flush() }
            }
        }
        #expect(try requests() == 20)
    }

    @Test func aDamagedDatabaseIsTold() async throws {
        try BlockingContext.permit { try Directory.make(directory("alula")) }
        try directory.write("alula/usage.sqlite", String(repeating: "no database ", count: 100))
        let recorder = recorder()
        recorder.take(record())
        await recorder.flush()
        #expect(try requests() == 1)
        #expect(log.messages.count == 1 && log.messages[0].contains("set aside"))
    }

    // MARK: Questions

    @Test func conversationsAreNoneAndTheRestIsTold() async throws {
        let recorder = recorder()
        for model in ["m", "m", "n"] { recorder.take(record(model)) }
        await recorder.drain()
        let desk = UsageDesk(path: path, pool: pool, now: { [now] in now }, utcOffset: { _ in 0 })
        func ask(_ parameters: JSONValue) async throws -> JSONValue {
            try await desk.answer(try UsageQuery(.sessions, parameters))
        }
        let answer = try await ask([:])
        #expect(answer["sessions"] == [] && answer["totals"]?["requests"] == 3)
        let models = answer["aggregates"]?["byModel"]?.array ?? []
        #expect(models.map { $0["model"]?.string } == ["m", "n"] && models.first?["count"] == 2)
        #expect(answer["aggregates"]?["byProvider"]?.array?.first?["totals"]?["totalCost"] == 4.5)
        #expect(answer["aggregates"]?["byAgent"]?.array?.first?["agentId"] == "main")
        #expect(answer["aggregates"]?["modelDaily"]?.array?.count == 2)
        #expect(answer["aggregates"]?["daily"]?.array?.first?["cost"] == 4.5)
        #expect(try await ask(["agentId": "main"])["totals"]?["requests"] == 3)
        #expect(try await ask(["agentId": "other"])["totals"]?["requests"] == 0)
        // Nobody has spoken in it.
        #expect(try await ask(["key": "main"])["totals"]?["requests"] == 0)
    }

    @Test(
        arguments: [
            (["startDate": "2026-02-30"], "startDate must be a day"), (["endDate": "soon"], "endDate must be a day"),
            (["startDate": "2026-05-02", "endDate": "2026-05-01"], "endDate is before startDate"),
            (["startDate": "2026-12-01"], "startDate is after today"),
            (["mode": "specific"], "utcOffset must be"),
            (["mode": "specific", "utcOffset": "UTC+15"], "utcOffset must be"),
            (["mode": "specific", "utcOffset": "UTC+2:20"], "utcOffset must be"),
            (["mode": "specific", "utcOffset": "+2"], "utcOffset must be"),
        ] as [(JSONValue, String)])
    func refusesWhatMeansNoDays(_ parameters: JSONValue, _ words: String) async throws {
        let desk = UsageDesk(path: path, pool: pool, now: { [now] in now }, utcOffset: { _ in 0 })
        let error = await #expect(throws: GatewayError.self) {
            _ = try await desk.answer(try UsageQuery(.cost, parameters))
        }
        #expect(error?.code == .invalidRequest && error?.message.contains(words) == true)
    }

    /// 2026-05-28 20:26 in UTC is the next day where clocks are four hours ahead.
    @Test(
        arguments: [
            ([:], "2026-04-29", "2026-05-28"), (["days": 1], "2026-05-28", "2026-05-28"),
            (["mode": "gateway", "days": 1], "2026-05-29", "2026-05-29"),
            (["mode": "specific", "utcOffset": "UTC+3:30", "days": 1], "2026-05-28", "2026-05-28"),
            (["mode": "specific", "utcOffset": "UTC+3:45", "days": 1], "2026-05-29", "2026-05-29"),
            (["mode": "specific", "utcOffset": "UTC-11", "days": 1], "2026-05-28", "2026-05-28"),
            (["startDate": "2026-05-01"], "2026-05-01", "2026-05-28"),
            (["endDate": "2026-05-10", "days": 3], "2026-05-08", "2026-05-10"),
        ] as [(JSONValue, String, String)])
    func daysAreThoseOfTheClockThatIsMeant(_ parameters: JSONValue, _ first: String, _ last: String) async throws {
        let desk = UsageDesk(path: path, pool: pool, now: { [now] in now }, utcOffset: { _ in 4 * 3600 })
        let answer = try await desk.answer(try UsageQuery(.cost, parameters))
        #expect(answer["startDate"]?.string == first && answer["endDate"]?.string == last)
        #expect(answer["daily"] == [] && answer["groups"] == nil)
    }
}
