import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaCLI

struct TopHistoryTests {
    private func row(_ name: String, _ history: TopHistory) throws -> TopHistory.Traffic {
        try #require(history.traffic.first { $0.name == name })
    }

    @Test func ratesAreDifferencesOverTime() throws {
        let first = TopScene.history([TopScene.sample()])
        #expect(try row("health", first).rate == nil)
        #expect(try row("health", first).total == 12)
        #expect(first.processorShare == nil)

        let second = TopScene.history([
            TopScene.sample(), TopScene.sample(after: 4, page: TopScene.page(calls: 30)),
        ])
        let health = try row("health", second)
        #expect(health.rate == 5)
        #expect(health.newlyFailed == 0)
        // 20 answers took a second together.
        #expect(try #require(health.meanMilliseconds).rounded() == 50)
        #expect(try row("GET /healthz", second).rate == 0)
        #expect(try row("GET /healthz", second).meanMilliseconds == nil)
        #expect(try #require(second.processorShare) > 0.049)
        #expect(second.traffic.map(\.name) == ["health", "GET /healthz", "GET elsewhere", "HEAD /healthz"])
    }

    @Test func whatWasNeverAskedBeforeHasARateToo() throws {
        let before = TopScene.page(calls: 10).split(separator: "\n").filter { !$0.contains("health") }
        let history = TopScene.history([
            TopScene.sample(page: before.joined(separator: "\n")), TopScene.sample(after: 2),
        ])
        #expect(try row("health", history).rate == 6)
        #expect(try row("health", history).newlyFailed == 2)
    }

    @Test func aProcessThatWasStartedAnewHasNoRatesYet() throws {
        let history = TopScene.history([
            TopScene.sample(page: TopScene.page(calls: 10)),
            TopScene.sample(after: 2, page: TopScene.page(calls: 50, startedAt: 1_780_000_000)),
        ])
        #expect(try row("health", history).rate == nil)
        #expect(history.processorShare == nil)
    }

    /// A counter that falls within one process is no counter; nothing is made of it.
    @Test func nothingFallsBelowZero() throws {
        let history = TopScene.history([
            TopScene.sample(page: TopScene.page(calls: 50, stalls: 9)),
            TopScene.sample(after: 2, page: TopScene.page(calls: 10, stalls: 3)),
        ])
        #expect(try row("health", history).rate == nil)
        #expect(history.newStalls == 0)
    }

    @Test func twoSamplesOfOneInstantHaveNoRate() throws {
        let history = TopScene.history([TopScene.sample(), TopScene.sample(page: TopScene.page(calls: 20))])
        #expect(try row("health", history).rate == nil)
    }

    // MARK: Lateness

    @Test func latenessIsWhatHealthSays() {
        let history = TopScene.history([TopScene.sample()])
        #expect(history.lateness == .init(milliseconds: 2.5, isAtLeast: false))
    }

    /// Health tells a figure once, to whoever asks first; the counters know of it all the same.
    @Test func latenessThatSomebodyElseWasToldIsNotMissed() {
        let history = TopScene.history([
            TopScene.sample(), TopScene.sample(after: 2, page: TopScene.page(calls: 30, lateBy: 1)),
        ])
        #expect(history.lateness == .init(milliseconds: 10, isAtLeast: true))
    }

    @Test func theExactFigureIsTakenWhenBothKnowOfIt() {
        let late = TopScene.health(loops: ["delayMaxMs": 55])
        let history = TopScene.history([
            TopScene.sample(), TopScene.sample(after: 2, page: TopScene.page(calls: 30, lateBy: 1), health: late),
        ])
        #expect(history.lateness == .init(milliseconds: 55, isAtLeast: false))
    }

    @Test func ticksOnTimeAreNotLate() {
        let silent = TopScene.health(loops: nil)
        let history = TopScene.history([
            TopScene.sample(health: silent), TopScene.sample(after: 2, page: TopScene.page(calls: 30), health: silent),
        ])
        #expect(history.lateness == .init(milliseconds: 0, isAtLeast: false))
        #expect(TopScene.history([TopScene.sample(health: silent)]).lateness == nil)
    }

    @Test(arguments: [JSONValue.number(-1.0), "late", .null, true])
    func latenessThatMakesNoSenseIsUnknown(_ value: JSONValue) {
        let history = TopScene.history([
            TopScene.sample(page: nil, health: TopScene.health(loops: ["delayMaxMs": value]))
        ])
        #expect(history.lateness == nil)
    }

    @Test func onlySoManyPointsAreKept() {
        var history = TopHistory()
        for second in 0..<Int64(TopHistory.maximumPoints + 5) { history.take(TopScene.sample(after: second)) }
        #expect(history.points.count == TopHistory.maximumPoints)
        #expect(history.points.first?.elapsed == .seconds(105))
        #expect(history.span == .seconds(TopHistory.maximumPoints - 1))
    }

    // MARK: A gateway that goes away

    @Test func aGatewayThatGoesAwayLeavesAGapAndComesBack() throws {
        var history = TopScene.history([TopScene.sample(), TopScene.sample(after: 2, page: TopScene.page(calls: 30))])
        history.lose("It went away.", at: TopScene.now.advanced(by: .seconds(4)), elapsed: .seconds(104))
        history.lose("Still.", at: TopScene.now.advanced(by: .seconds(6)), elapsed: .seconds(106))
        #expect(history.trouble?.reason == "Still.")
        #expect(history.trouble?.since == TopScene.now.advanced(by: .seconds(4)))
        #expect(history.points.map { $0.lateness == nil } == [false, false, true, true])
        #expect(try row("health", history).rate == nil)
        #expect(try row("health", history).total == 32)
        #expect(history.sample?.processID == 7)

        history.take(TopScene.sample(after: 8, page: TopScene.page(calls: 60)))
        #expect(history.trouble == nil)
        // Counted from the last sample that there was.
        #expect(try row("health", history).rate == 5)
    }
}
