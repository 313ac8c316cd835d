import Testing

@testable import AlulaCLI

struct GatewayCountersTests {
    @Test func readsWhatTheGatewayCounts() {
        let counters = GatewayCounters(page: TopScene.page(calls: 10, lateBy: 3))
        #expect(counters.admitted == 2)
        #expect(counters.waiting == 1)
        #expect(counters.silent == 0)
        #expect(counters.requests["health"] == .init(total: 12, failed: 2, seconds: 0.5, timed: 12))
        #expect(counters.requests["GET /healthz"] == .init(total: 7, failed: 0, seconds: 0.07, timed: 8))
        #expect(counters.requests["HEAD /healthz"] == .init(total: 1, failed: 1, seconds: 0, timed: 0))
        #expect(counters.requests["GET elsewhere"] == .init(total: 4, failed: 4, seconds: 0, timed: 0))
        #expect(counters.lateness.map(\.edge) == [0.001, 0.01, 0.1, .infinity])
        #expect(counters.startTime == 1_779_990_000)
        #expect(counters.openFiles == 23)
    }

    @Test func anEmptyPageCountsNothing() {
        #expect(GatewayCounters(page: "") == GatewayCounters())
    }
}
