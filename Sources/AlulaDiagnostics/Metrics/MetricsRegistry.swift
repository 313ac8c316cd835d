package import CoreMetrics
import Synchronization

/// Keeps all metrics in memory and renders them as Prometheus text.
///
/// It is the backend of swift-metrics: whoever makes a `Counter`, `Gauge`, `Recorder` or `Timer` anywhere writes here.
/// Names have dots, as OpenTelemetry's do; the text has underscores. A metric with too many dimension values drops
/// further ones and counts them.
package final class MetricsRegistry: MetricsFactory {
    /// Series of one metric. Dimensions come from small closed sets, so more is a mistake.
    package static let maximumSeries = 1000
    /// Upper edges for durations, in seconds.
    package static let durationEdges = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120,
    ]

    enum Kind: String {
        case counter, gauge, histogram
    }

    struct Family {
        var kind: Kind
        var help: String?
        var series: [Labels: Series] = [:]
    }

    struct Labels: Hashable {
        var pairs: [String]

        init(_ dimensions: [(String, String)]) {
            pairs = dimensions.sorted { $0.0 < $1.0 }.map { PrometheusText.label($0.0, $0.1) }
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
        state.withLock { $0.families[name]?.help = help }
    }

    // MARK: swift-metrics

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        Metric(series: series(label, dimensions, kind: .counter))
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        Metric(series: series(label, dimensions, kind: .counter))
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        Metric(series: series(label, dimensions, kind: .gauge))
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        Metric(series: series(label, dimensions, kind: aggregate ? .histogram : .gauge))
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        Metric(series: series(label, dimensions, kind: .histogram))
    }

    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    private func series(_ name: String, _ dimensions: [(String, String)], kind: Kind) -> Series {
        let labels = Labels(dimensions)
        return state.withLock { state in
            var family = state.families[name] ?? Family(kind: kind)
            if let known = family.series[labels] { return known }
            let fresh = Series(kind: family.kind)
            guard family.series.count < Self.maximumSeries else {
                state.droppedSeries += 1
                return fresh
            }
            family.series[labels] = fresh
            state.families[name] = family
            return fresh
        }
    }

    // MARK: Text

    /// Everything in Prometheus' text format 0.0.4, sorted by name.
    package var text: String {
        let (families, dropped) = state.withLock { ($0.families, $0.droppedSeries) }
        var text = PrometheusText()
        for (name, family) in families.sorted(by: { $0.key < $1.key }) { text.append(family, name: name) }
        if dropped > 0 { text.append(dropped: dropped) }
        return text.result
    }
}

/// The value of one metric under one set of labels.
final class Series: Sendable {
    struct Value {
        var number = 0.0
        var count: UInt64 = 0
        var buckets: [UInt64] = []
    }

    private let value = Mutex(Value())
    private let kind: MetricsRegistry.Kind

    init(kind: MetricsRegistry.Kind) { self.kind = kind }

    var current: Value { value.withLock { $0 } }

    func add(_ amount: Double) { value.withLock { $0.number += amount } }
    func set(_ number: Double) { value.withLock { $0.number = number } }
    func reset() { value.withLock { $0 = Value() } }

    /// A gauge takes the value; a histogram counts it.
    func observe(_ amount: Double) {
        guard kind == .histogram else { return set(amount) }
        value.withLock { value in
            let edges = MetricsRegistry.durationEdges
            if value.buckets.isEmpty { value.buckets = Array(repeating: 0, count: edges.count) }
            if let index = edges.firstIndex(where: { amount <= $0 }) { value.buckets[index] += 1 }
            value.count += 1
            value.number += amount
        }
    }
}

/// What swift-metrics writes to.
private final class Metric: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler, TimerHandler {
    let series: Series

    init(series: Series) { self.series = series }

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
