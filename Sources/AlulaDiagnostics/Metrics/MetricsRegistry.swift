package import CoreMetrics
import Synchronization

/// Keeps the metrics of a table in memory and renders them as Prometheus text.
///
/// Nothing that is not in the table can be emitted: a series of another metric, or with a value that its label does not
/// have, counts where nobody sees it, and that is counted. It is also the backend of swift-metrics, whose names have dots
/// where the table has underscores.
package final class MetricsRegistry: MetricsFactory {
    /// Why a series was refused. Raw values appear as label values.
    package enum Refusal: String, CaseIterable, Sendable {
        case undeclared
        case unknownValue = "unknown_value"
        case tooManySeries = "too_many_series"
    }

    /// How often something was emitted that the table does not have.
    package static let refused = MetricDefinition(
        "alula_metrics_refused_total", .counter, .count,
        [.init("reason", Refusal.allCases.map(\.rawValue))],
        help: "Attempts to emit a series that the table of metrics does not have.",
        worry: "Above 0: a defect in Alula; please report it.")

    /// The table, sorted by name; ``refused`` is always in it.
    package let definitions: [MetricDefinition]
    private let known: [String: MetricDefinition]
    private let state: Mutex<[String: [[String]: MetricSeries]]>

    package init(_ definitions: [MetricDefinition]) {
        let all = definitions.filter { $0.name != Self.refused.name } + [Self.refused]
        known = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
        self.definitions = known.values.sorted { $0.name < $1.name }
        var families: [String: [[String]: MetricSeries]] = [:]
        for definition in all where definition.startsAtZero {
            for values in definition.combinations {
                families[definition.name, default: [:]][values] = MetricSeries(kind: definition.kind)
            }
        }
        state = Mutex(families)
    }

    /// One series, for whoever writes to it.
    ///
    /// - Parameter values: One for each label of `definition`, in their order.
    package func series(_ definition: MetricDefinition, _ values: [String] = []) -> MetricSeries {
        let refusal: Refusal
        if known[definition.name] != definition {
            refusal = .undeclared
        } else if !Self.fits(values, definition) {
            refusal = .unknownValue
        } else {
            let series = state.withLock { families -> MetricSeries? in
                let family = families[definition.name] ?? [:]
                if let series = family[values] { return series }
                guard family.count < definition.maximumSeries else { return nil }
                let fresh = MetricSeries(kind: definition.kind)
                families[definition.name, default: [:]][values] = fresh
                return fresh
            }
            if let series { return series }
            refusal = .tooManySeries
        }
        refuse(refusal)
        return MetricSeries(kind: definition.kind)
    }

    private func refuse(_ refusal: Refusal) {
        state.withLock { $0[Self.refused.name]?[[refusal.rawValue]] }?.add(1)
    }

    private static func fits(_ values: [String], _ definition: MetricDefinition) -> Bool {
        values.count == definition.labels.count && zip(definition.labels, values).allSatisfy { $0.allows($1) }
    }

    /// Everything in Prometheus' text format 0.0.4, sorted by name.
    ///
    /// - Parameter samples: What was read just now; of two with the same labels the first counts.
    package func text(_ samples: [MetricSample] = []) -> String {
        var read: [String: [[String]: MetricSeries]] = [:]
        for sample in samples {
            let definition = sample.definition
            guard known[definition.name] == definition else {
                refuse(.undeclared)
                continue
            }
            guard Self.fits(sample.values, definition) else {
                refuse(.unknownValue)
                continue
            }
            let family = read[definition.name] ?? [:]
            guard family[sample.values] == nil else { continue }
            guard family.count < definition.maximumSeries else {
                refuse(.tooManySeries)
                continue
            }
            let series = MetricSeries(kind: definition.kind)
            series.set(sample.number)
            read[definition.name, default: [:]][sample.values] = series
        }
        let families = state.withLock { $0 }.merging(read) { kept, read in kept.merging(read) { _, new in new } }
        var text = PrometheusText()
        for definition in definitions {
            if let series = families[definition.name], !series.isEmpty { text.append(definition, series) }
        }
        return text.result
    }

    // MARK: swift-metrics

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        handler(label, dimensions, kind: .counter)
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        handler(label, dimensions, kind: .counter)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        handler(label, dimensions, kind: .gauge)
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        handler(label, dimensions, kind: aggregate ? .histogram(.ofCounts) : .gauge)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        handler(label, dimensions, kind: .histogram(.ofDurations))
    }

    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    /// Writes to the metric of the table that is meant, whatever the order of its labels.
    private func handler(_ label: String, _ dimensions: [(String, String)], kind: MetricKind) -> MetricHandler {
        let names = PrometheusText.names(label, kind: kind)
        guard let definition = names.lazy.compactMap({ self.known[$0] }).first(where: { $0.kind.word == kind.word })
        else {
            refuse(.undeclared)
            return MetricHandler(series: MetricSeries(kind: kind))
        }
        var given: [String: String] = [:]
        for (name, value) in dimensions { given[PrometheusText.identifier(name), default: value] = value }
        let values = definition.labels.compactMap { given[$0.name] }
        // A dimension too many is as wrong as one too few.
        return MetricHandler(series: series(definition, given.count == definition.labels.count ? values : []))
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
