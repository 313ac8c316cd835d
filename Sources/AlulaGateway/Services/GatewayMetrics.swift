import AlulaAuth
import AlulaDiagnostics
import AlulaPrimitives
import AlulaSystem
import CoreMetrics

/// The gateway's own metrics, declared once. Dimensions are small closed sets.
final class GatewayMetrics: Sendable {
    private let registry = MetricsRegistry()

    init() {
        MetricsSystem.bootstrapOnce(registry)
    }

    /// No child process could be started, so facts were gathered in the gateway itself.
    func workerFellBack() {
        counter("alula.warms.fallbacks", "Warms gathered without the worker because it could not be started.")
            .increment()
    }

    func published(changes: Int) {
        counter("alula.answers.changes", "Answers about providers that changed.").increment(by: changes)
    }

    func warmEnded(_ result: WarmStatus.Result) {
        let dimensions = [("outcome", result.outcome.rawValue), ("trigger", result.trigger.rawValue)]
        Counter(label: "alula.warms.ended", dimensions: dimensions, factory: registry).increment()
        registry.describe("alula.warms.ended", "Warms that ended, by outcome and reason.")
        CoreMetrics.Timer(
            label: "alula.warms.duration", dimensions: [("outcome", result.outcome.rawValue)], factory: registry
        ).recordMilliseconds(result.durationMilliseconds)
        registry.describe("alula.warms.duration", "How long warms took, in seconds.")
    }

    /// Everything as Prometheus text, with what is measured only when somebody looks.
    func text(
        warm: WarmStatus, prepared: PreparedAuth?, pool: BlockingPool.Statistics,
        responsiveness: ResponsivenessReport?, stalls: UInt64, now: Timestamp
    ) -> String {
        gauge("alula.warms.generation", "The number of the snapshot that is served.", Double(prepared?.generation ?? 0))
        gauge("alula.warms.running", "Whether a warm is running.", warm.runningSince == nil ? 0 : 1)
        gauge("alula.warms.failed_attempts", "Failed warms since the last good one.", Double(warm.failedAttempts))
        gauge("alula.warms.stale", "Whether what is served is known to be old.", warm.isServingStale ? 1 : 0)
        if let next = warm.nextRetryAt {
            gauge("alula.warms.next_retry_seconds", "Time until the next retry.", next.duration(since: now).seconds)
        }
        for gathering in PreparedAuth.Gathering.allCases {
            gauge(
                "alula.warms.gathered", "How the facts behind the served answers were gathered.",
                prepared?.gathering == gathering ? 1 : 0, [("by", gathering.rawValue)])
        }
        for mismatch in ScopeMismatch.allCases {
            gauge(
                "alula.answers.scope_misses", "Answers computed for callers outside the prepared scope.",
                Double(warm.scopeMisses[mismatch.rawValue] ?? 0), [("field", mismatch.rawValue)])
        }
        if let prepared, let answers = prepared.agents[prepared.context.defaultAgent] {
            for provider in answers.providers.sorted() where prepared.context.providerIDs.contains(provider) {
                gauge(
                    "alula.providers.available", "Whether a provider can answer for the default agent.",
                    answers[provider]?.isAvailable == true ? 1 : 0, [("provider", provider.rawValue)])
            }
        }
        gauge("alula.blocking_pool.threads", "Threads of the blocking pool.", Double(pool.threads))
        gauge("alula.blocking_pool.busy", "Threads of the blocking pool inside a job.", Double(pool.busy))
        gauge("alula.blocking_pool.stuck", "Threads whose job outlived its deadline.", Double(pool.stuck))
        gauge("alula.blocking_pool.queued", "Jobs that wait for a thread.", Double(pool.queued))
        if let report = responsiveness {
            let delays = [("p50", report.delayP50), ("p99", report.delayP99), ("max", report.delayMaximum)]
            for (quantile, delay) in delays {
                gauge(
                    "alula.event_loops.delay_seconds", "Lateness of threads that may never block.", delay.seconds,
                    [("quantile", quantile)])
            }
            gauge("alula.event_loops.utilization", "Share of time the busiest event loop worked.", report.utilization)
            gauge("process.cpu.utilization", "Processor time of the process, in cores.", report.cpuCores)
            gauge("alula.event_loops.degraded", "Whether the process keeps time badly.", report.isDegraded ? 1 : 0)
        }
        gauge("alula.event_loops.stalls", "Times a thread was held up for more than 100 ms.", Double(stalls))
        return registry.text
    }

    private func counter(_ name: String, _ help: String) -> Counter {
        let counter = Counter(label: name, dimensions: [], factory: registry)
        registry.describe(name, help)
        return counter
    }

    private func gauge(_ name: String, _ help: String, _ value: Double, _ dimensions: [(String, String)] = []) {
        Gauge(label: name, dimensions: dimensions, factory: registry).record(value)
        registry.describe(name, help)
    }
}

extension MetricsSystem {
    /// Makes `registry` the process's metrics backend, for libraries that write metrics themselves.
    fileprivate static func bootstrapOnce(_ registry: MetricsRegistry) {
        guard factory is NOOPMetricsHandler else { return }
        bootstrap(registry)
    }
}
