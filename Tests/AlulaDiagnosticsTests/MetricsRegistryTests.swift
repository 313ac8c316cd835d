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
