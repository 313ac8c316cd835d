import Testing

@testable import AlulaGateway

struct TickPaceTests {
    private static let work = Duration.milliseconds(10)

    private func pace(quietTicks count: Int) -> TickPace {
        var pace = TickPace()
        for _ in 0..<count { pace.ticked(afterWorking: .microseconds(50), isFirst: true) }
        return pace
    }

    @Test func restsAfterASecondWithoutWork() {
        #expect(pace(quietTicks: 49).period == TickPace.period)
        #expect(pace(quietTicks: 50).period == TickPace.quietPeriod)
    }

    @Test func workOnAnyThreadEndsTheRestAtOnce() {
        for isFirst in [true, false] {
            var pace = pace(quietTicks: 500)
            pace.ticked(afterWorking: Self.work, isFirst: isFirst)
            #expect(pace.period == TickPace.period)
        }
    }

    @Test func oneTickWithWorkIsSoonForgottenAndManyAreNot() {
        var pace = pace(quietTicks: 50)
        pace.ticked(afterWorking: Self.work, isFirst: true)
        for _ in 0..<10 { pace.ticked(afterWorking: .zero, isFirst: true) }
        #expect(pace.period == TickPace.quietPeriod)
        for _ in 0..<10 { pace.ticked(afterWorking: Self.work, isFirst: true) }
        for _ in 0..<49 { pace.ticked(afterWorking: .zero, isFirst: true) }
        #expect(pace.period == TickPace.period)
    }

    @Test func onlyOneThreadCountsTicksWithoutWork() {
        var pace = TickPace()
        for _ in 0..<500 { pace.ticked(afterWorking: .zero, isFirst: false) }
        #expect(pace.period == TickPace.period)
    }

    @Test func whoLooksCloselySeesEveryTick() {
        var pace = pace(quietTicks: 50)
        pace.isWatched = true
        #expect(pace.period == TickPace.period)
        pace.isWatched = false
        #expect(pace.period == TickPace.period)
    }
}
