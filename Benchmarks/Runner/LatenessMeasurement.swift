import AlulaFleet
import AlulaJSON
import AlulaMeasuring
import AlulaRunning

/// How punctual a server stays while it warms, seen from outside and by its own clock.
struct LatenessMeasurement {
    let contender: Contender
    let fault: FleetFault
    let samples: [ProbeSample]
    /// The worst lateness that the server itself saw: of its 100 ms timer, or of its event loops.
    let ownWorstMilliseconds: Double?
    /// What 999 of 1,000 of the gateway's ticks did not exceed; the naive one has too few.
    let ownP999Milliseconds: Double?
    /// Warms that ended while it was probed.
    let warmCount: Int

    /// Starts the prober and the server, makes the server warm, and collects.
    static func run(_ contender: Contender, fault: FleetFault, settings: BenchmarkSettings) throws -> Self {
        let fleet = Fleet(
            root: "\(settings.scratch)/alula-bench-\(fault.rawValue)-\(contender.rawValue)",
            agentCount: settings.agentCount, fault: fault, port: try LoopbackSocket.freePort())
        fleet.remove()
        try fleet.write()
        defer { fleet.remove() }
        let origin = MonotonicTime.now
        // First the prober, so that it sees the warm at start from its beginning.
        let prober = try ProbeRun(
            binaries: settings.binaries, fleet: fleet, options: ["--origin", "\(origin.nanoseconds)"])
        let server = try RunningServer(contender, fleet: fleet, settings: settings)
        defer { _ = server.stop() }
        switch contender {
        case .naive:
            try server.waitForOutput("naive timer worst lateness", milliseconds: 150_000)
            // What is left over from the stall is answered now; the plot shows the way back.
            MonotonicTime.sleep(milliseconds: 2000)
        case .alula: try keepWarming(server, settings: settings)
        }
        let p999 = contender == .alula ? try server.timerP999() : nil
        prober.finish()
        let samples = try prober.samples()
        let warms = server.lines(holding: WarmLogLine.marker).compactMap { WarmLogLine($0) }
        let worst = ownWorst(of: server, contender: contender, warms: warms, samples: samples)
        return LatenessMeasurement(
            contender: contender, fault: fault, samples: samples, ownWorstMilliseconds: worst,
            // A bucket ends beyond the worst that is in it.
            ownP999Milliseconds: p999.map { min($0, worst ?? $0) }, warmCount: contender == .naive ? 1 : warms.count)
    }

    /// Latencies of one kind of question, unanswered ones with the time until they were given up.
    func latencies(_ kind: ProbeSample.Kind) -> LatencySummary? {
        LatencySummary(samples.filter { $0.kind == kind }.map(\.latency))
    }

    var unansweredCount: Int { samples.count { !$0.isAnswered } }

    /// The prober's own worst lateness in asking: what part of the result is the machine's.
    var proberWorstMilliseconds: Double { samples.map(\.askedLate).max() ?? 0 }

    /// The distribution of each kind of question.
    var document: JSONValue {
        func summary(_ kind: ProbeSample.Kind) -> JSONValue {
            guard let latencies = latencies(kind) else { return .null }
            return [
                "count": .number(latencies.count), "p50": .number(latencies.p50), "p99": .number(latencies.p99),
                "p999": .number(latencies.p999), "max": .number(latencies.maximum),
            ]
        }
        return [
            "contender": .string(contender.rawValue), "fault": .string(fault.rawValue),
            "ownP999": ownP999Milliseconds.map { .number($0) } ?? .null, "healthz": summary(.healthz),
            "webSocket": summary(.webSocket), "warms": .number(warmCount),
            "unanswered": .number(unansweredCount), "proberLateMax": .number(proberWorstMilliseconds),
        ]
    }

    /// Dirties every store again and again, and every secret, while the prober is at work.
    static func keepWarming(_ server: RunningServer, settings: BenchmarkSettings) throws {
        _ = try server.waitUntilHealthy()
        let end = MonotonicTime.now.advanced(byMilliseconds: settings.warmingMilliseconds)
        let client = try server.connect()
        var round = 0
        while MonotonicTime.now < end {
            round += 1
            let next = MonotonicTime.now.advanced(byMilliseconds: 500)
            try server.fleet.rewriteStores(round: round)
            if round % 4 == 1 {
                do {
                    _ = try client.call("secrets.reload", deadline: .now.advanced(byMilliseconds: 10_000))
                } catch {
                    Progress.note("secrets.reload: \(error)")
                }
            }
            MonotonicTime.sleep(until: next)
        }
    }

    private static func ownWorst(
        of server: RunningServer, contender: Contender, warms: [WarmLogLine], samples: [ProbeSample]
    ) -> Double? {
        switch contender {
        case .naive:
            let line = server.lines(holding: "naive timer worst lateness").last
            return line.flatMap { $0.split(separator: " ").last }.flatMap { Double($0.dropLast(2)) }
        case .alula:
            let reported = samples.compactMap(\.loopDelay) + warms.map(\.worstLatenessMilliseconds)
            return reported.max()
        }
    }
}
