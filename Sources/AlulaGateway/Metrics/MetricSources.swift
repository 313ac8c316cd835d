import AlulaAuth
import AlulaDiagnostics
import AlulaPrimitives
import AlulaServer
import AlulaSystem

/// The parts of the gateway that are looked at when somebody asks for the metrics.
struct MetricSources: Sendable {
    let version: String
    let startedAt: Timestamp
    let now: @Sendable () -> Timestamp
    let warm: WarmStatusSource
    let prepared: PreparedAuthSource
    let pool: BlockingPool
    let sampler: ResponsivenessSampler
    let states: LoadedStateSource
    let reloading: PartKeeper
    let log: GatewayLog
    let server: GatewayServer
    let usage: UsageRecorder

    /// What they say now. It waits for nothing, and takes nothing away from others who look.
    var samples: [MetricSample] {
        let status = warm.current
        return WarmMetrics.samples(status, now: now()) + AnswerMetrics.samples(status, prepared.current)
            + ThreadMetrics.samples(
                pool: pool.statistics, stalls: sampler.stalls.total, busy: sampler.busyTimes)
            + ServerMetrics.samples(server.connections) + UsageMetrics.samples(usage.counts)
            + ConfigurationMetrics.samples(
                states.current, staleParts: reloading.staleParts, dropped: log.dropped)
            + ProcessMetrics.samples(version: version, startedAt: startedAt)
    }
}

extension GatewayMetrics {
    /// How long a look at the system's files may take before the text comes without it.
    private static let lookDeadline = Duration.seconds(1)

    func introduce(_ sources: MetricSources) { whenAsked { sources.samples } }

    /// Everything as Prometheus text, with what only a thread that may wait can find out.
    func text(askingPool pool: BlockingPool) async -> String {
        var looked: [MetricSample] = []
        do {
            let usage = try await pool.run("look at the process", deadline: .after(Self.lookDeadline)) {
                ProcessUsage.read()
            }
            looked = ProcessMetrics.samples(usage)
        } catch {
            // A pool that stands still is what the rest of the text is wanted for.
        }
        let samples = looked
        return WorkRegister.withWork("/metrics") { text(samples) }
    }
}
