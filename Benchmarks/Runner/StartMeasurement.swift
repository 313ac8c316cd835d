import AlulaFleet
import AlulaMeasuring
import AlulaRunning

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// How soon a small gateway is there, what it takes when idle, and how soon it is gone.
struct StartMeasurement {
    /// From the start of the process to the first 200 of `/healthz`.
    var healthy: [Double] = []
    /// From the start of the process to the first prepared answer, without a snapshot on disk.
    var preparedAfresh: [Double] = []
    /// The same when the last run left its snapshot.
    var preparedFromSnapshot: [Double] = []
    /// From SIGTERM to the end, when it ended by itself.
    var stopping: [Double] = []
    var residentMegabytes: Double?
    var privateMegabytes: Double?
    /// Of one core.
    var idlePercent: Double?

    static func run(settings: BenchmarkSettings) throws -> Self {
        let fleet = Fleet(
            root: "\(settings.scratch)/alula-bench-start", agentCount: 10, port: try LoopbackSocket.freePort())
        fleet.remove()
        try fleet.write()
        defer { fleet.remove() }
        var result = StartMeasurement()
        for _ in 0..<settings.startRepetitions {
            unlink("\(fleet.state)/alula/prepared-auth.json")
            try result.startOnce(fleet, settings: settings, isAfresh: true)
            try result.startOnce(fleet, settings: settings, isAfresh: false)
        }
        let server = try RunningServer(.alula, fleet: fleet, settings: settings)
        defer { _ = server.stop() }
        _ = try server.waitUntilHealthy()
        MonotonicTime.sleep(milliseconds: 3000)
        let before = server.usage
        let start = MonotonicTime.now
        MonotonicTime.sleep(milliseconds: settings.idleMilliseconds)
        let elapsed = MonotonicTime.now.milliseconds(since: start)
        if let before, let after = server.usage {
            result.idlePercent = (after.processorMilliseconds - before.processorMilliseconds) / elapsed * 100
            result.residentMegabytes = Double(after.residentKilobytes) / 1024
            result.privateMegabytes = Double(after.privateKilobytes) / 1024
        }
        return result
    }

    private mutating func startOnce(_ fleet: Fleet, settings: BenchmarkSettings, isAfresh: Bool) throws {
        let server = try RunningServer(.alula, fleet: fleet, settings: settings)
        healthy.append(try server.waitUntilHealthy().milliseconds(since: server.startedAt))
        let prepared = try PreparedAnswer.wait(server).milliseconds(since: server.startedAt)
        if isAfresh { preparedAfresh.append(prepared) } else { preparedFromSnapshot.append(prepared) }
        // The first warm has to end, or there is no snapshot to find the next time.
        try server.waitForOutput(WarmLogLine.marker, milliseconds: 10_000)
        MonotonicTime.sleep(milliseconds: 100)
        if let milliseconds = server.stop() { stopping.append(milliseconds) }
    }
}
