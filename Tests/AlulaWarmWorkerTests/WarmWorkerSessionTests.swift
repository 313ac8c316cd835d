import AlulaAuth
import AlulaJSON
import AlulaPrimitives
import AlulaSystem
import Synchronization
import Testing

@testable import AlulaWarmWorker

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

struct WarmWorkerSessionTests {
    // upstream: 10.2 1
    @Test func answersForWhatOnlyTheStoreKnows() throws {
        let fact = StoreFact(
            origin: .profiles, path: "/agents/1/auth-profiles.json",
            profiles: ["runtime-only:default": ProfileFact(provider: "runtime-only", kind: .apiKey)])
        let reading = SourceReading.store(StoreID("/agents/1"), .found(fact, version: FactVersion(rawValue: 1)))
        let rig = try SessionRig(reader: FakeReader { _ in reading })
        try rig.ask(GatherPlan(items: [.store(1)]), generation: 7)
        let (batches, done) = try rig.conversation()
        #expect(batches.flatMap(\.readings) == [reading])
        #expect(done?.generation == 7)
        #expect(done?.count == 1)
        #expect(rig.ended?.ending == .done)
        #expect(rig.ended?.message == nil)
    }

    @Test func answersForNothingWithNothing() throws {
        let rig = try SessionRig(reader: FakeReader())
        try rig.ask(GatherPlan(items: []))
        let (batches, done) = try rig.conversation()
        #expect(batches.isEmpty)
        #expect(done?.count == 0)
    }

    @Test func sendsManyReadingsInBoundedBatches() throws {
        let items = (0..<1500).map { GatherPlan.Item.store($0) }
        let rig = try SessionRig(reader: FakeReader())
        try rig.ask(GatherPlan(items: items))
        let (batches, done) = try rig.conversation()
        #expect(batches.allSatisfy { $0.readings.count <= 256 })
        #expect(Set(batches.flatMap(\.readings)) == Set(items.map(\.absent)))
        #expect(done?.count == 1500)
        #expect((done?.cpuMs ?? 0) > 0)
    }

    @Test func sendsLargeReadingsInBoundedBatches() throws {
        let long = String(repeating: "x", count: 300 << 10)
        let rig = try SessionRig(
            reader: FakeReader { _ in
                .googleCredentials(.found(.init(type: long, path: ""), version: .init(rawValue: 1)))
            })
        try rig.ask(GatherPlan(items: .init(repeating: .googleCredentials(paths: []), count: 12)))
        let (batches, done) = try rig.conversation()
        #expect(done?.count == 12)
        #expect(batches.allSatisfy { $0.readings.count <= 3 && $0.bytes <= 1 << 20 })
    }

    @Test func reportsReadingsThatNobodyCouldHandOn() throws {
        let long = String(repeating: "x", count: 33 << 20)
        let rig = try SessionRig(
            reader: FakeReader { _ in
                .googleCredentials(.found(.init(type: long, path: ""), version: .init(rawValue: 1)))
            })
        try rig.ask(GatherPlan(items: [.googleCredentials(paths: [])], sourceDeadlineMilliseconds: 60_000))
        let (batches, _) = try rig.conversation()
        guard case .googleCredentials(.failed(let problem)) = batches.first?.readings.first else {
            Issue.record("The reading was handed on.")
            return
        }
        #expect(problem.code == .tooLarge)
    }

    @Test func givesUpSourcesThatHangAndReadsTheRest() throws {
        let gate = Gate()
        defer { gate.open() }
        let items = (0..<20).map { GatherPlan.Item.store($0) }
        let rig = try SessionRig(
            reader: FakeReader { item in
                if item == items[0] || item == items[5] { gate.pass() }
                return item.absent
            }, parallelism: 1)
        try rig.ask(GatherPlan(items: items, sourceDeadlineMilliseconds: 400))
        let readings = try rig.conversation().batches.flatMap(\.readings)
        #expect(readings.count == 20)
        for index in [0, 5] { #expect(readings.contains(items[index].timedOut(afterMilliseconds: 400))) }
        #expect(readings.filter(\.isTimedOut).count == 2)
        #expect(rig.ended?.ending == .done)
    }

    @Test func givesUpEverythingWhenAllThreadsHang() throws {
        let gate = Gate()
        defer { gate.open() }
        let started = Mutex(0)
        let items = (0..<9).map { GatherPlan.Item.store($0) }
        let rig = try SessionRig(
            reader: FakeReader { item in
                started.withLock { $0 += 1 }
                gate.pass()
                return item.absent
            }, parallelism: 2, maximumThreads: 3)
        try rig.ask(GatherPlan(items: items, sourceDeadlineMilliseconds: 20))
        let (batches, done) = try rig.conversation()
        #expect(Set(batches.flatMap(\.readings)) == Set(items.map { $0.timedOut(afterMilliseconds: 20) }))
        #expect(done?.count == 9)
        #expect(started.withLock { $0 } == 3)
    }

    @Test func dropsAnswersThatComeTooLate() throws {
        let gate = Gate()
        let items = (0..<3).map { GatherPlan.Item.store($0) }
        let rig = try SessionRig(
            reader: FakeReader { item in
                // The second is read only after the first was given up.
                if item == items[0] { gate.pass() } else { gate.open() }
                return item.absent
            }, parallelism: 1)
        try rig.ask(GatherPlan(items: items, sourceDeadlineMilliseconds: 30))
        let (batches, done) = try rig.conversation()
        #expect(batches.flatMap(\.readings).filter { $0.source == items[0].source }.map(\.isTimedOut) == [true])
        #expect(done?.count == 3)
    }

    @Test func sendsAnswersWhileOthersAreStillRead() throws {
        let gate = Gate()
        defer { gate.open() }
        let rig = try SessionRig(
            reader: FakeReader { item in
                if item == .store(1) { gate.pass() }
                return item.absent
            }, parallelism: 2)
        try rig.ask(GatherPlan(items: [.store(1), .store(2)], sourceDeadlineMilliseconds: 60_000))
        _ = try rig.nextFrame()
        let early = try #require(try rig.nextFrame())
        guard case .readings(let readings) = try WorkerAnswer(frame: early.json) else {
            Issue.record("The answer was not sent.")
            return
        }
        #expect(readings == [GatherPlan.Item.store(2).absent])
        gate.open()
        while try rig.nextFrame() != nil {}
        #expect(rig.ended?.ending == .done)
    }

    // upstream: 10.2 3
    @Test func failsAloudWithoutAPlan() throws {
        let rig = try SessionRig(reader: FakeReader())
        rig.say(try FrameEncoder.encode(Array(#"{"schema":1,"generation":1}"#.utf8)))
        #expect(try rig.conversation().done == nil)
        #expect(rig.ended?.ending == .badInput)
        #expect(rig.ended?.message == "The field plan is missing. [missing_field]")
    }

    @Test(arguments: [
        ("", WarmWorkerError.Code.incompleteFrame), ("\0\0", .incompleteFrame), ("\0\0\0\u{9}{", .incompleteFrame),
        ("sk-fake-canary", .frameTooLarge), ("\0\0\0\0", .emptyFrame), ("\0\0\0\u{e}sk-fake-canary", .malformedJSON),
        ("\0\0\0\u{e}{\"schema\": 2 }", .unsupportedSchema), ("\0\0\0\u{2}{}", .missingField),
        ("\0\0\0\u{e}{\"schema\": 1 }\0", .unexpectedContent),
    ])
    func refusesOtherInput(input: String, code: WarmWorkerError.Code) throws {
        let rig = try SessionRig(reader: FakeReader())
        rig.say(Array(input.utf8))
        #expect(try rig.conversation().done == nil)
        #expect(rig.ended?.ending == .badInput)
        #expect(rig.ended?.message?.hasSuffix("[\(code.rawValue)]") == true)
        #expect(rig.ended?.message?.contains("canary") == false)
    }

    @Test func endsWhenNobodyListens() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        close(ends[0])
        defer { close(ends[1]) }
        let ended = BlockingContext.permit {
            WarmWorkerSession(input: -1, output: ends[1], reader: FakeReader()).run()
        }
        #expect(ended.ending == .unheard)
    }

    @Test func statesItsExitStatuses() {
        #expect(WarmWorkerSession.Ending.allCases.map(\.rawValue) == [0, 64, 69])
    }
}
