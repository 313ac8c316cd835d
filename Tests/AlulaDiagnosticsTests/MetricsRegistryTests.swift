import CoreMetrics
import Testing

@testable import AlulaDiagnostics

struct MetricsRegistryTests {
    private let registry = MetricsRegistry()

    private func counter(_ name: String, _ dimensions: [(String, String)] = []) -> Counter {
        Counter(label: name, dimensions: dimensions, factory: registry)
    }

    @Test func rendersCountersWithLabelsInOrder() {
        counter("alula.warms", [("outcome", "ok")]).increment(by: 2)
        counter("alula.warms", [("outcome", "failed")]).increment()
        registry.describe("alula.warms", "Warms that ended.")
        #expect(
            registry.text == """
                # HELP alula_warms_total Warms that ended.
                # TYPE alula_warms_total counter
                alula_warms_total{outcome="failed"} 1
                alula_warms_total{outcome="ok"} 2

                """)
    }

    @Test func theSameMetricMadeTwiceIsOne() {
        counter("a", [("x", "1"), ("y", "2")]).increment()
        counter("a", [("y", "2"), ("x", "1")]).increment()
        #expect(registry.text.contains("a_total{x=\"1\",y=\"2\"} 2\n"))
    }

    @Test func escapesLabelsAndNames() {
        counter("9 lives", [("why-not", "a\\b\"c\nd")]).increment()
        #expect(registry.text.contains("_9_lives_total{why_not=\"a\\\\b\\\"c\\nd\"} 1\n"))
    }

    @Test func rendersHistogramsWithTheirSumCountAndInfinity() {
        let timer = CoreMetrics.Timer(label: "http.server.request.duration", dimensions: [], factory: registry)
        timer.recordNanoseconds(2_000_000)
        timer.recordNanoseconds(700_000_000_000)
        let text = registry.text
        #expect(text.contains("# TYPE http_server_request_duration_seconds histogram\n"))
        #expect(text.contains("http_server_request_duration_seconds_bucket{le=\"0.001\"} 0\n"))
        #expect(text.contains("http_server_request_duration_seconds_bucket{le=\"0.0025\"} 1\n"))
        #expect(text.contains("http_server_request_duration_seconds_bucket{le=\"120\"} 1\n"))
        #expect(text.contains("http_server_request_duration_seconds_bucket{le=\"+Inf\"} 2\n"))
        #expect(text.contains("http_server_request_duration_seconds_count 2\n"))
        #expect(text.contains("http_server_request_duration_seconds_sum 700.002\n"))
    }

    @Test func escapesLineEndsOfEveryKind() {
        counter("a", [("x", "1\r\n2\n3")]).increment()
        registry.describe("a", "One\r\ntwo \"\\\".")
        let lines = registry.text.unicodeScalars.split(separator: "\n").map { String($0) }
        #expect(
            lines == [
                "# HELP a_total One\r\\ntwo \"\\\\\".", "# TYPE a_total counter", "a_total{x=\"1\r\\n2\\n3\"} 1",
            ])
    }

    @Test func bucketsFollowTheUnit() {
        Recorder(label: "http.request.body.size", dimensions: [], aggregate: true, factory: registry).record(300)
        Recorder(label: "gen_ai.client.token.usage", dimensions: [], aggregate: true, factory: registry).record(7)
        let text = registry.text
        #expect(text.contains("http_request_body_size_bucket{le=\"256\"} 0\n"))
        #expect(text.contains("http_request_body_size_bucket{le=\"1024\"} 1\n"))
        #expect(text.contains("http_request_body_size_bucket{le=\"1073741824\"} 1\n"))
        #expect(text.contains("gen_ai_client_token_usage_bucket{le=\"5\"} 0\n"))
        #expect(text.contains("gen_ai_client_token_usage_bucket{le=\"10\"} 1\n"))
        #expect(text.contains("gen_ai_client_token_usage_sum 7\n"))
    }

    @Test(arguments: [HistogramEdges.ofDurations, .ofSizes, .ofCounts])
    func edgesRise(_ edges: HistogramEdges) {
        #expect(zip(edges.values, edges.values.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test func bucketsNeverFallAndEndInTheCount() throws {
        let timer = CoreMetrics.Timer(label: "t", dimensions: [("x", "1")], factory: registry)
        for exponent in 0..<40 { timer.recordNanoseconds(1 << exponent) }
        let counts = registry.text.split(separator: "\n").filter { $0.hasPrefix("t_seconds_bucket") }
            .compactMap { line in line.split(separator: " ").last.flatMap { Int($0) } }
        #expect(counts == counts.sorted())
        #expect(counts.count == HistogramEdges.ofDurations.values.count + 1)
        #expect(counts.last == 40)
        #expect(registry.text.contains("t_seconds_bucket{x=\"1\",le=\"+Inf\"} 40\n"))
    }

    @Test func writesEachMetricAndEachSeriesOnce() {
        counter("alula.a", [("x.y", "1")]).increment()
        counter("alula_a", [("x_y", "1")]).increment()
        counter("alula.a_total", [("x-y", "1"), ("x_y", "2")]).increment()
        Gauge(label: "alula.a", dimensions: [], factory: registry).record(7)
        #expect(
            registry.text == """
                # TYPE alula_a gauge
                alula_a 7
                # TYPE alula_a_total counter
                alula_a_total{x_y="1"} 3

                """)
    }

    @Test func namesStayNames() {
        counter("", [("", "a"), ("9", "b")]).increment()
        CoreMetrics.Timer(label: "t", dimensions: [("le", "mine")], factory: registry).recordNanoseconds(1)
        let text = registry.text
        #expect(text.contains("__total{_=\"a\",_9=\"b\"} 1\n"))
        #expect(text.contains("t_seconds_count{le_=\"mine\"} 1\n"))
    }

    @Test func countersNeverFallAndNoNumberSpoilsASum() {
        counter("c").increment(by: 5)
        counter("c").increment(by: -3)
        let recorder = Recorder(label: "r", dimensions: [], aggregate: true, factory: registry)
        recorder.record(Double.nan)
        recorder.record(2)
        #expect(registry.text.contains("c_total 5\n"))
        #expect(registry.text.contains("r_sum 2\nr_count 1\n"))
    }

    @Test func metersGoUpAndDown() {
        let meter = Meter(label: "alula.turns.queued", dimensions: [], factory: registry)
        meter.increment(by: 3)
        meter.decrement(by: 4)
        #expect(registry.text.contains("alula_turns_queued -1\n"))
    }

    @Test func gaugesKeepTheLastValue() {
        let gauge = Gauge(label: "alula.event_loops.delay_seconds", dimensions: [], factory: registry)
        gauge.record(0.5)
        gauge.record(0.25)
        #expect(registry.text.contains("alula_event_loops_delay_seconds 0.25\n"))
    }

    @Test func tooManySeriesAreDroppedAndCounted() {
        for index in 0..<(MetricsRegistry.maximumSeries + 5) { counter("m", [("i", "\(index)")]).increment() }
        let lines = registry.text.split(separator: "\n")
        #expect(lines.filter { $0.hasPrefix("m_total{") }.count == MetricsRegistry.maximumSeries)
        #expect(lines.contains("alula_metrics_series_dropped_total 5"))
    }

    @Test func nothingIsAnEmptyText() { #expect(registry.text == "") }
}
