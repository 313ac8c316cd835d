package import CoreMetrics
import Synchronization

/// Keeps all metrics in memory and renders them as Prometheus text.
///
/// It is the backend of swift-metrics: whoever makes a `Counter`, `Gauge`, `Recorder` or `Timer` anywhere writes here.
/// Names have dots, as OpenTelemetry's do; the text has underscores. Names that become the same text are one metric, of
/// the kind that came first. A metric with too many dimension values drops further ones and counts them.
package final class MetricsRegistry: MetricsFactory {
    /// Series of one metric. Dimensions come from small closed sets, so more is a mistake.
    package static let maximumSeries = 1000

    /// A metric with all its series.
    struct Family {
        var kind: MetricKind
        /// The names it was made by.
        var labels: Set<String>
        var help: String?
        var series: [Labels: MetricSeries] = [:]
    }

    /// Dimensions as they appear in the text, sorted; of two with one name the first counts.
    struct Labels: Hashable {
        var pairs: [String]

        init(_ dimensions: [(String, String)]) {
            var values: [String: String] = [:]
            for (name, value) in dimensions {
                let name = PrometheusText.labelName(name)
                if values[name] == nil { values[name] = value }
            }
            pairs = values.sorted { $0.key < $1.key }.map { PrometheusText.label($0.key, $0.value) }
        }
    }

    private struct State {
        var families: [String: Family] = [:]
        var droppedSeries: UInt64 = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// Says what a metric means, for the text's `HELP` line.
    package func describe(_ name: String, _ help: String) {
        let kinds = [MetricKind.counter, .gauge, .histogram(.ofDurations)]
        let candidates = Set(kinds.map { PrometheusText.name(name, kind: $0) })
        state.withLock { state in
            for candidate in candidates where state.families[candidate]?.labels.contains(name) == true {
                state.families[candidate]?.help = help
            }
        }
    }

    // MARK: swift-metrics

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        MetricHandler(series: series(label, dimensions, kind: .counter))
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        MetricHandler(series: series(label, dimensions, kind: .counter))
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        MetricHandler(series: series(label, dimensions, kind: .gauge))
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        let kind = aggregate ? MetricKind.histogram(HistogramEdges(unitOf: label)) : .gauge
        return MetricHandler(series: series(label, dimensions, kind: kind))
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        MetricHandler(series: series(label, dimensions, kind: .histogram(.ofDurations)))
    }

    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    private func series(_ name: String, _ dimensions: [(String, String)], kind: MetricKind) -> MetricSeries {
        let labels = Labels(dimensions)
        let metric = PrometheusText.name(name, kind: kind)
        return state.withLock { state in
            state.families[metric, default: Family(kind: kind, labels: [])].labels.insert(name)
            let family = state.families[metric]
            if let known = family?.series[labels] { return known }
            let fresh = MetricSeries(kind: family?.kind ?? kind)
            guard family?.series.count ?? 0 < Self.maximumSeries else {
                state.droppedSeries += 1
                return fresh
            }
            state.families[metric]?.series[labels] = fresh
            return fresh
        }
    }

    // MARK: Text

    /// Everything in Prometheus' text format 0.0.4, sorted by name.
    package var text: String {
        let (families, dropped) = state.withLock { ($0.families, $0.droppedSeries) }
        var text = PrometheusText()
        for (metric, family) in families.sorted(by: { $0.key < $1.key }) { text.append(family, as: metric) }
        if dropped > 0 { text.append(dropped: dropped) }
        return text.result
    }
}

/// What swift-metrics writes to.
private final class MetricHandler: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler,
    TimerHandler
{
    let series: MetricSeries

    init(series: MetricSeries) { self.series = series }

    func increment(by amount: Int64) { series.add(Double(amount)) }
    func increment(by amount: Double) { series.add(amount) }
    func decrement(by amount: Double) { series.add(-amount) }
    func set(_ value: Int64) { series.set(Double(value)) }
    func set(_ value: Double) { series.set(value) }
    func record(_ value: Int64) { series.observe(Double(value)) }
    func record(_ value: Double) { series.observe(value) }
    func recordNanoseconds(_ duration: Int64) { series.observe(Double(duration) / 1e9) }
    func reset() { series.reset() }
}
