import AlulaAuth
import AlulaDiagnostics
import AlulaPrimitives
import CoreMetrics
import Synchronization

/// Counts what happens in the gateway, and reads the rest when somebody asks.
///
/// What may appear is in ``MetricTable``; nothing else can.
final class GatewayMetrics: Sendable {
    typealias Reading = @Sendable () -> [MetricSample]

    private let registry: MetricsRegistry
    private let readings = Mutex<[Reading]>([])
    private let lateness: MetricSeries
    /// The models that series are told apart by.
    let models = ModelLabels()
    private let events: [String: (delivered: MetricSeries, dropped: MetricSeries)]

    init() {
        let registry = MetricsRegistry(MetricTable.definitions)
        self.registry = registry
        lateness = registry.series(ThreadMetrics.lateness)
        // Looked up once: an event to a thousand clients is counted a thousand times.
        events = Dictionary(
            uniqueKeysWithValues: ServerMetrics.eventNames.map { name in
                let family = ServerMetrics.events
                return (
                    name, (registry.series(family, [name, "delivered"]), registry.series(family, [name, "dropped"]))
                )
            })
        MetricsSystem.bootstrapOnce(registry)
    }

    /// Adds what is read each time that somebody asks. It may be called on any thread and waits for nothing.
    func whenAsked(_ reading: @escaping Reading) { readings.withLock { $0.append(reading) } }

    /// Everything as Prometheus text.
    ///
    /// - Parameter samples: What was read just now, beside what ``whenAsked(_:)`` added.
    func text(_ samples: [MetricSample] = []) -> String {
        let readings = readings.withLock { $0 }
        return registry.text(samples + readings.flatMap { $0() })
    }

    /// Counts one more.
    func count(_ definition: MetricDefinition, _ values: [String] = [], by amount: Int = 1) {
        registry.series(definition, values).add(Double(amount))
    }

    /// Counts an amount that is no whole number.
    func add(_ definition: MetricDefinition, _ values: [String], _ amount: Double) {
        registry.series(definition, values).add(amount)
    }

    /// Counts something by its size.
    func observe(_ definition: MetricDefinition, _ values: [String], _ size: Double) {
        registry.series(definition, values).observe(size)
    }

    /// Counts a time that something took.
    func observe(_ definition: MetricDefinition, _ values: [String] = [], _ duration: Duration) {
        registry.series(definition, values).observe(duration.seconds)
    }

    // MARK: What happens

    /// No child process could be started, so facts were gathered in the gateway itself.
    func workerFellBack() { count(WarmMetrics.fallbacks) }

    func published(changes: Int) { count(AnswerMetrics.changes, by: changes) }

    func warmEnded(_ result: WarmStatus.Result) {
        count(WarmMetrics.ended, [result.outcome.rawValue, result.trigger.rawValue])
        observe(WarmMetrics.duration, [result.outcome.rawValue], .milliseconds(result.durationMilliseconds))
    }

    /// A thread that may never block came by so late.
    func threadWasLate(_ lateness: Duration) { self.lateness.observe(max(lateness, .zero).seconds) }

    func configurationRead(_ reading: ConfigurationReading) {
        count(ConfigurationMetrics.reloads, [reading.rawValue])
    }

    func snapshotNotSaved() { count(AnswerMetrics.saveFailures) }

    func eventDelivered(_ name: String, isDropped: Bool) {
        guard let series = events[name] else {
            // An event that the table does not have, which is counted as such.
            return count(ServerMetrics.events, [name, isDropped ? "dropped" : "delivered"])
        }
        (isDropped ? series.dropped : series.delivered).add(1)
    }
}

extension MetricsSystem {
    /// Makes `registry` the process's metrics backend, for libraries that write metrics themselves.
    fileprivate static func bootstrapOnce(_ registry: MetricsRegistry) {
        guard factory is NOOPMetricsHandler else { return }
        bootstrap(registry)
    }
}
