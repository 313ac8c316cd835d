import AlulaFleet
import AlulaMeasuring
import AlulaRunning

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What a full warm of many agents takes: the one at start, with files in the page cache and no snapshot on disk.
struct WarmMeasurement {
    /// As the gateway's own log line states it.
    var wall: [Double] = []
    /// Processor time of the gateway and its worker, from the start of the process to the end of the warm.
    var processor: [Double] = []
    var residentMegabytes: [Double] = []

    static func run(agentCount: Int, repetitions: Int, settings: BenchmarkSettings) throws -> Self {
        let fleet = Fleet(
            root: "\(settings.scratch)/alula-bench-warm-\(agentCount)", agentCount: agentCount,
            port: try LoopbackSocket.freePort())
        fleet.remove()
        try fleet.write()
        defer { fleet.remove() }
        var result = WarmMeasurement()
        for _ in 0..<repetitions {
            unlink("\(fleet.state)/alula/prepared-auth.json")
            let server = try RunningServer(.alula, fleet: fleet, settings: settings)
            defer { _ = server.stop() }
            try server.waitForOutput("pre-warmed", milliseconds: 60_000)
            if let line = server.lines(holding: "pre-warmed").first.flatMap({ WarmLogLine($0) }) {
                result.wall.append(line.milliseconds)
            }
            // The worker has answered; give it the moment to end, or its time is not counted.
            MonotonicTime.sleep(milliseconds: 300)
            if let usage = server.usage {
                result.processor.append(usage.processorMilliseconds + usage.childrenMilliseconds)
                result.residentMegabytes.append(Double(usage.residentKilobytes) / 1024)
            }
        }
        return result
    }
}
