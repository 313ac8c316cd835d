import CoreMetrics
import Testing

@testable import AlulaDiagnostics

struct MetricsRegistryTests {
    private static let warms = definition("alula_warms_total", labels: [.init("outcome", ["failed", "ok"])])
    private static let turns = definition("alula_turns", .gauge)
    private static let wait = definition("alula_wait_seconds", .histogram(.ofDurations))
    private static let provider = definition(
        "alula_provider", .gauge, labels: [.init("provider", open: "providers", maximum: 3)])

    private let registry = MetricsRegistry([warms, turns, wait, provider])

    private static func definition(
        _ name: String, _ kind: MetricKind = .counter, labels: [MetricDefinition.Label] = [],
        help: String = "Help.", absence: String? = nil
    ) -> MetricDefinition {
        MetricDefinition(name, kind, .count, labels, help: help, worry: "Never.", absence: absence)
    }

    private func refused(_ reason: MetricsRegistry.Refusal, in registry: MetricsRegistry? = nil) -> Double? {
        MetricsText((registry ?? self.registry).text())
            .sum("alula_metrics_refused_total", where: ["reason": reason.rawValue])
    }

    @Test func countersAreThereBeforeAnythingIsCounted() {
        registry.series(Self.warms, ["ok"]).add(2)
        #expect(
            registry.text().contains(
                """
                # HELP alula_warms_total Help.
                # TYPE alula_warms_total counter
                alula_warms_total{outcome="failed"} 0
                alula_warms_total{outcome="ok"} 2

                """))
    }

    @Test func whatMayBeAbsentIsAbsent() {
        let rare = Self.definition("alula_rare_total", absence: "nothing rare came.")
        let registry = MetricsRegistry([rare])
        #expect(!registry.text().contains("alula_rare"))
        registry.series(rare).add(1)
        #expect(registry.text().contains("alula_rare_total 1\n"))
    }

    @Test func whatTheTableDoesNotHaveIsCountedAndNotShown() {
        registry.series(Self.definition("alula_unknown_total")).add(1)
        registry.series(Self.definition("alula_turns", .counter)).add(1)
        registry.series(Self.warms, ["maybe"]).add(1)
        registry.series(Self.warms).add(1)
        Counter(label: "library.calls", dimensions: [], factory: registry).increment()
        #expect(refused(.undeclared) == 3)
        #expect(refused(.unknownValue) == 2)
        #expect(!registry.text().contains("unknown_total"))
        #expect(!registry.text().contains("maybe"))
        #expect(!registry.text().contains("library"))
    }

    @Test func openLabelsHaveABound() {
        for index in 0..<5 { registry.series(Self.provider, ["p\(index)"]).set(1) }
        #expect(MetricsText(registry.text()).values("alula_provider").count == 3)
        #expect(refused(.tooManySeries) == 2)
    }

    @Test func readSamplesHaveTheSameBounds() {
        let text = registry.text(
            (0..<5).map { MetricSample(Self.provider, ["p\($0)"], 1) } + [
                MetricSample(Self.warms, ["maybe"], 1), MetricSample(Self.definition("alula_unknown"), [], 1),
            ])
        #expect(MetricsText(text).values("alula_provider").count == 3)
        #expect(refused(.tooManySeries) == 2)
        #expect(refused(.unknownValue) == 1)
        #expect(refused(.undeclared) == 1)
    }

    @Test func whatWasReadOnceIsGoneWhenItIsNotReadAgain() {
        let first = MetricsText(
            registry.text([MetricSample(Self.provider, ["a"], 1), MetricSample(Self.turns, [], 7)]))
        #expect(first.sum("alula_provider", where: ["provider": "a"]) == 1)
        #expect(first.sum("alula_turns") == 7)
        let second = MetricsText(registry.text([MetricSample(Self.provider, ["b"], 1)]))
        #expect(second.values("alula_provider").map(\.labels) == [["provider": "b"]])
        #expect(second.sum("alula_turns") == nil)
    }

    @Test func theFirstOfTwoSamplesCounts() {
        let text = registry.text([MetricSample(Self.turns, [], 1), MetricSample(Self.turns, [], 2)])
        #expect(MetricsText(text).values("alula_turns").map(\.value) == [1])
    }

    @Test func librariesWriteToTheTableByTheirOwnNames() {
        Counter(label: "alula.warms", dimensions: [("outcome", "ok")], factory: registry).increment(by: 5)
        Counter(label: "alula.warms", dimensions: [("outcome", "ok")], factory: registry).increment(by: -3)
        let meter = Meter(label: "alula.turns", dimensions: [], factory: registry)
        meter.increment(by: 3)
        meter.decrement(by: 4)
        CoreMetrics.Timer(label: "alula.wait", dimensions: [], factory: registry).recordNanoseconds(2_000_000)
        let text = MetricsText(registry.text())
        #expect(text.sum("alula_warms_total", where: ["outcome": "ok"]) == 5)
        #expect(text.sum("alula_turns") == -1)
        #expect(text.sum("alula_wait_seconds_count") == 1)
        #expect(refused(.undeclared) == 0)
        Counter(label: "alula.warms", dimensions: [("outcome", "ok"), ("x", "1")], factory: registry).increment()
        #expect(refused(.unknownValue) == 1)
    }

    @Test func escapesLineEndsOfEveryKind() {
        let odd = Self.definition(
            "alula_odd", .gauge, labels: [.init("x", open: "anything", maximum: 1)],
            help: "One\r\ntwo \"\\\".")
        let registry = MetricsRegistry([odd])
        registry.series(odd, ["1\r\n2\n\"3\\"]).set(3)
        let lines = registry.text().unicodeScalars.split(separator: "\n").map { String($0) }
        #expect(
            lines.filter { $0.contains("alula_odd") } == [
                "# HELP alula_odd One\r\\ntwo \"\\\\\".", "# TYPE alula_odd gauge",
                "alula_odd{x=\"1\r\\n2\\n\\\"3\\\\\"} 3",
            ])
        #expect(MetricsText(registry.text()).values("alula_odd").first?.labels == ["x": "1\r\n2\n\"3\\"])
    }

    @Test(arguments: [HistogramEdges.ofDurations, .ofAnswers, .ofCounts])
    func edgesRise(_ edges: HistogramEdges) {
        #expect(zip(edges.values, edges.values.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test func bucketsNeverFallAndEndInTheCount() {
        let series = registry.series(Self.wait)
        for exponent in 0..<40 { series.observe(Double(1 << exponent) / 1e9) }
        series.observe(.nan)
        let text = MetricsText(registry.text())
        let counts = text.values("alula_wait_seconds_bucket").map(\.value)
        #expect(counts == counts.sorted())
        #expect(counts.count == HistogramEdges.ofDurations.values.count + 1)
        #expect(counts.last == 40)
        #expect(text.sum("alula_wait_seconds_bucket", where: ["le": "+Inf"]) == 40)
        #expect(text.sum("alula_wait_seconds_sum").map { $0 > 1000 } == true)
    }
}
