import AlulaFleet
import AlulaMeasuring
import AlulaRunning

/// How late timeouts of the gateway come: clients that say nothing are let go when their time is over, and not later, while it warms
/// against a FIFO and against a helper that hangs.
///
/// Each client counts from the moment at which it began to connect, so that its waiting for a place counts as lateness too.
struct DeadlineMeasurement {
    /// The gateway's patience with a client that says nothing.
    private static let patienceMilliseconds = 1000.0
    /// Between two such clients.
    private static let everyMilliseconds = 20.0

    /// Of each client, in milliseconds.
    var lateness: [Double] = []
    /// Clients that were let go before their time.
    var early = 0
    /// Clients that were let go in another way, or never.
    var unanswered = 0
    /// How late the prober itself was in asking, at worst.
    var proberWorstMilliseconds = 0.0

    static func run(settings: BenchmarkSettings) throws -> Self {
        var result = DeadlineMeasurement()
        for fault in [FleetFault.fifo, .helper] {
            Progress.note("timeouts with \(fault.title)")
            try result.measure(fault, settings)
        }
        return result
    }

    private mutating func measure(_ fault: FleetFault, _ settings: BenchmarkSettings) throws {
        let fleet = Fleet(
            root: "\(settings.scratch)/alula-bench-deadlines-\(fault.rawValue)", agentCount: settings.agentCount,
            fault: fault, port: try LoopbackSocket.freePort())
        fleet.remove()
        try fleet.write()
        defer { fleet.remove() }
        let patience = ["OPENCLAW_HANDSHAKE_TIMEOUT_MS": "\(Int(Self.patienceMilliseconds))"]
        let server = try RunningServer(
            program: "\(settings.binaries)/alula", arguments: ["gateway", "run", "--port", "\(fleet.port)"],
            fleet: fleet, environment: fleet.environment.merging(patience) { $1 }, output: "\(fleet.root)/alula.log")
        defer { _ = server.stop() }
        _ = try server.waitUntilHealthy()
        let prober = try ProbeRun(
            binaries: settings.binaries, fleet: fleet,
            options: [
                "--silent-every", "\(Self.everyMilliseconds)", "--healthz-every", "1000", "--socket-every", "1000",
                "--drain", "10000",
            ])
        try LatenessMeasurement.keepWarming(server, settings: settings)
        prober.finish()
        for sample in try prober.samples() where sample.kind == .silent {
            proberWorstMilliseconds = max(proberWorstMilliseconds, sample.askedLate)
            // The prober counts from when the question was due; the client began as late as it was asked.
            let late = sample.latency - sample.askedLate - Self.patienceMilliseconds
            if !sample.isAnswered {
                unanswered += 1
            } else if late < 0 {
                early += 1
            } else {
                lateness.append(late)
            }
        }
    }
}
