import AlulaFleet
import AlulaMeasuring
import AlulaRunning

/// What calls to a model take while the gateway warms over and over against a FIFO and against a helper that hangs.
struct BusyCallMeasurement {
    static let connections = 16
    /// Between two edits of all stores, each of which has a warm follow.
    private static let sliceMilliseconds = 500.0

    /// In the same gateways before the first edit, in milliseconds.
    var quiet: LatencySummary?
    /// While they warm.
    var busy: LatencySummary?
    /// Warms that were done meanwhile.
    var warmCount = 0
    var tally = ChatLoop.Tally()

    static func run(settings: BenchmarkSettings) throws -> Self {
        var result = BusyCallMeasurement()
        var (quiet, busy) = (ChatLoop.Tally(), ChatLoop.Tally())
        for fault in [FleetFault.fifo, .helper] {
            let scene = try TrafficScene(
                "busy-\(fault.rawValue)", fault: fault, agentCount: settings.agentCount, settings: settings)
            defer { scene.stop() }
            result.tally.add(try scene.warmUp(calls: 1000))
            let loop = try ChatLoop(scene.target(.whole), connections: connections)
            let slices = settings.isQuick ? 4 : 16
            quiet.add(try loop.run(milliseconds: sliceMilliseconds * Double(slices) / 2))
            let before = scene.warmCount
            for round in 1...slices {
                try scene.rewriteOtherStores(round: round)
                busy.add(try loop.run(milliseconds: sliceMilliseconds))
            }
            result.warmCount += scene.warmCount - before
        }
        for part in [quiet, busy] { result.tally.add(part) }
        result.quiet = LatencySummary(quiet.latencies)
        result.busy = LatencySummary(busy.latencies)
        return result
    }
}
