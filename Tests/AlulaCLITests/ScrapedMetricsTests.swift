import Testing

@testable import AlulaCLI

struct ScrapedMetricsTests {
    @Test func readsLabelsEscapesAndTimes() {
        let page = """
            # HELP a What it is.
            # TYPE a counter
            a 1
            a{x="1",y="two \\"words\\" \\\\ and \\n"} 2.5 1700000000
            b{x="}"} 3
            a{} +Inf
            """
        let metrics = ScrapedMetrics(page, names: ["a"])
        #expect(metrics["a"].map(\.value) == [1, 2.5, .infinity])
        #expect(metrics["a"][1].labels == ["x": "1", "y": "two \"words\" \\ and \n"])
        #expect(metrics["b"].isEmpty)
        #expect(metrics.value("a") == 1)
    }

    @Test(arguments: [
        "a", "a ", "a x", "a NaN", "a{", "a{x", "a{x=", "a{x=1} 1", "a{x=\"1", "a{x=\"1\\", "a{x=\"1\"", "a{x=\"1\"}",
        "{} 1", "}{",
        "a{x=\"1\"} ", "\u{0}", "a\u{1B} 1",
    ])
    func oneBadLineHidesNothingElse(_ line: String) {
        let metrics = ScrapedMetrics("a 1\n\(line)\na 2\n", names: ["a"])
        #expect(metrics["a"].map(\.value) == [1, 2])
    }

    @Test func keepsNoMoreThanItCanHold() {
        let page = (0..<(ScrapedMetrics.maximumSeries + 10)).map { "a{n=\"\($0)\"} 1" }.joined(separator: "\n")
        #expect(ScrapedMetrics(page, names: ["a"])["a"].count == ScrapedMetrics.maximumSeries)
    }

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
