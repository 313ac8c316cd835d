import AlulaFleet
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
    /// What could not be measured of others, and why.
    var problems: [String] = []
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
        let (direct, gateway) = (scene.upstream.target("whole"), scene.target(.whole))
        for count in connections {
            try result.measure(direct, nil, count, settings)
            try result.measure(gateway, scene.server.pid, count, settings)
        }
        result.processorMicroseconds =
            result.lines.first { $0.who == gateway.name && $0.connections == 16 }?.processorMicroseconds
        if let programs = settings.peers {
            for peer in Peer.allCases {
                do { try result.measure(peer, programs, scene, settings) } catch let error as BenchmarkError {
                    result.problems.append(error.message)
                }
            }
        }
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

    /// - Parameter pid: The process whose processor time counts.
    private mutating func measure(
        _ target: ChatTarget, _ pid: Int32?, _ connections: Int, _ settings: BenchmarkSettings
    ) throws {
        Progress.note("calls at \(connections) connections, \(target.name)")
        let milliseconds = settings.isQuick ? 1500.0 : 4000.0
        let loop = try ChatLoop(target, connections: connections)
        tally.add(try loop.run(milliseconds: milliseconds / 4))
        let before = pid.flatMap { ProcessUsage(of: $0) }
        let measured = try loop.run(milliseconds: milliseconds)
        let after = pid.flatMap { ProcessUsage(of: $0) }
        var line = TrafficLine(target.name, connections: connections, measured)
        if let before, let after, measured.calls > 0 {
            let spent = after.processorMilliseconds - before.processorMilliseconds
            line.processorMicroseconds = spent * 1000 / Double(measured.calls)
        }
        line.wrkPerSecond = try WrkRun.perSecond(
            target, connections: connections, seconds: settings.isQuick ? 1 : 3, scratch: settings.scratch)
        lines.append(line)
        tally.add(measured)
    }

    /// The same work by another gateway, whose wrong answers are not ours.
    private mutating func measure(
        _ peer: Peer, _ programs: String, _ scene: TrafficScene, _ settings: BenchmarkSettings
    ) throws {
        Progress.note("the same through \(peer.title)")
        let port = try LoopbackSocket.freePort()
        let own = tally
        defer { tally = own }
        let child = try peer.start(
            programs: programs, place: scene.server.fleet.root, port: port, upstream: scene.upstream)
        defer { _ = child.stop(graceMilliseconds: 5000) }
        tally.add(try ChatLoop(peer.target(port: port), connections: 16).run(calls: 1000))
        for count in Self.connections { try measure(peer.target(port: port), child.pid, count, settings) }
    }
}
