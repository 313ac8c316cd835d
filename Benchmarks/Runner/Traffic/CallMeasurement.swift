import AlulaMeasuring
import AlulaRunning

/// What the gateway adds to a call for a whole answer: each quantity is measured through it and without it, in turn, in the same
/// run with the same client, so that what is added is a difference of the same quantity.
struct CallMeasurement {
    /// Of one client, in milliseconds.
    var direct: LatencySummary?
    var proxied: LatencySummary?
    /// Of the gateway for a call at 16 connections.
    var processorMicroseconds: Double?
    /// For each number of connections, both ways.
    var lines: [TrafficLine] = []
    /// Everything that was asked, to see that all was answered rightly.
    var tally = ChatLoop.Tally()

    static let connections = [1, 16, 64, 256]

    /// What is added to the median; `nil` when one of both could not be measured.
    var addedMilliseconds: Double? {
        guard let direct, let proxied else { return nil }
        return proxied.p50 - direct.p50
    }

    static func run(settings: BenchmarkSettings) throws -> Self {
        let scene = try TrafficScene("calls", settings: settings)
        defer { scene.stop() }
        var result = CallMeasurement()
        result.tally.add(try scene.warmUp(calls: settings.isQuick ? 1000 : 4000))
        try result.measureOne(scene, rounds: settings.isQuick ? 10 : 40)
        for count in connections { try result.measure(count, scene, settings) }
        return result
    }

    /// Short rounds by turns, so that whatever else the machine does meets both.
    private mutating func measureOne(_ scene: TrafficScene, rounds: Int) throws {
        let ways = try [scene.upstream.target("whole"), scene.target(.whole)].map { try ChatLoop($0, connections: 1) }
        var tallies = [ChatLoop.Tally(), ChatLoop.Tally()]
        for _ in 0..<rounds {
            for index in ways.indices { tallies[index].add(try ways[index].run(calls: 100)) }
        }
        direct = LatencySummary(tallies[0].latencies)
        proxied = LatencySummary(tallies[1].latencies)
        for one in tallies { tally.add(one) }
    }

    private mutating func measure(_ connections: Int, _ scene: TrafficScene, _ settings: BenchmarkSettings) throws {
        Progress.note("calls at \(connections) connections")
        let milliseconds = settings.isQuick ? 1500.0 : 4000.0
        for target in [scene.upstream.target("whole"), scene.target(.whole)] {
            let isGateway = target.name == "Alula"
            let loop = try ChatLoop(target, connections: connections)
            tally.add(try loop.run(milliseconds: milliseconds / 4))
            let before = scene.server.usage
            let measured = try loop.run(milliseconds: milliseconds)
            let after = scene.server.usage
            var line = TrafficLine(target.name, connections: connections, measured)
            if isGateway, let before, let after, measured.calls > 0 {
                let spent = after.processorMilliseconds - before.processorMilliseconds
                line.processorMicroseconds = spent * 1000 / Double(measured.calls)
                if connections == 16 { processorMicroseconds = line.processorMicroseconds }
            }
            line.wrkPerSecond = try WrkRun.perSecond(
                target, connections: connections, seconds: settings.isQuick ? 1 : 3, scratch: settings.scratch)
            lines.append(line)
            tally.add(measured)
        }
    }
}
