import AlulaFleet
import AlulaMeasuring
import AlulaRunning

/// How a gateway answers many clients at once: a steady 64 with warms beside them, and a thousand in one instant.
struct LoadMeasurement {
    /// 64 clients, each of which comes five times a second.
    private static let visitsEveryMilliseconds = 1000.0 / (64 * 5)

    /// From the due time of a visit to hello.
    var hello: LatencySummary?
    /// Of `/healthz` meanwhile.
    var healthz: LatencySummary?
    /// Until the last of a thousand clients has its hello; `nil` when not all were served.
    var burstMilliseconds: Double?
    /// Questions of the steady clients without an answer.
    var unanswered = 0
    /// Clients of the thousand that had no hello, or no answer after it.
    var unansweredInBurst = 0

    static func run(settings: BenchmarkSettings) throws -> Self {
        let fleet = Fleet(
            root: "\(settings.scratch)/alula-bench-load", agentCount: settings.agentCount,
            port: try LoopbackSocket.freePort())
        fleet.remove()
        try fleet.write()
        defer { fleet.remove() }
        let server = try RunningServer(.alula, fleet: fleet, settings: settings)
        defer { _ = server.stop() }
        _ = try server.waitUntilHealthy()
        _ = try PreparedAnswer.wait(server)
        var result = LoadMeasurement()
        let window = settings.isQuick ? 3000.0 : 6000.0
        let steady = try probe(
            fleet, settings: settings, options: ["--socket-every", "\(visitsEveryMilliseconds)", "--for", "\(window)"]
        ) {
            let end = MonotonicTime.now.advanced(byMilliseconds: window)
            var round = 1000
            while MonotonicTime.now < end {
                round += 1
                try fleet.rewriteStores(round: round)
                MonotonicTime.sleep(milliseconds: 1000)
            }
        }
        result.hello = LatencySummary(steady.filter { $0.kind == .webSocket }.map { $0.hello ?? $0.latency })
        result.healthz = LatencySummary(steady.filter { $0.kind == .healthz }.map(\.latency))
        let burst = try probe(
            fleet, settings: settings, options: ["--burst", "1000", "--for", "10", "--drain", "20000"]
        ) {}
        let visits = burst.filter { $0.kind == .webSocket }
        result.unansweredInBurst = visits.count { !$0.isAnswered }
        // Clients that were turned away are quick; the row is about a thousand that were let in.
        if result.unansweredInBurst == 0 { result.burstMilliseconds = visits.compactMap(\.hello).max() }
        result.unanswered = steady.count { !$0.isAnswered }
        return result
    }

    private static func probe(
        _ fleet: Fleet, settings: BenchmarkSettings, options: [String], beside work: () throws -> Void
    ) throws -> [ProbeSample] {
        let prober = try ProbeRun(binaries: settings.binaries, fleet: fleet, options: options)
        try work()
        return try prober.samples(waitingMilliseconds: 60_000)
    }
}
