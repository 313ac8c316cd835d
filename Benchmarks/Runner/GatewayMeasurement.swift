import AlulaFleet
import AlulaJSON
import AlulaMeasuring
import AlulaRunning

/// What one client of a small gateway feels, how many calls fit into a second, and what an idle connection takes.
struct GatewayMeasurement {
    private static let methods = ["health", "models.list", "config.get"]
    private static let pipelinedMethod = "system-presence"

    /// In milliseconds, by method; `connect` is from the start of the connection to hello.
    var latencies: [String: [Double]] = [:]
    var pipelinedPerSecond: Double?
    var kilobytesPerConnection: Double?
    /// What could not be measured, and why.
    var problems: [String] = []

    static func run(settings: BenchmarkSettings) throws -> Self {
        let fleet = Fleet(
            root: "\(settings.scratch)/alula-bench-gateway", agentCount: 10, port: try LoopbackSocket.freePort())
        fleet.remove()
        try fleet.write()
        defer { fleet.remove() }
        let server = try RunningServer(.alula, fleet: fleet, settings: settings)
        defer { _ = server.stop() }
        _ = try server.waitUntilHealthy()
        _ = try PreparedAnswer.wait(server)
        try server.waitForOutput(WarmLogLine.marker, milliseconds: 10_000)
        var result = GatewayMeasurement()
        try result.measureCalls(server, repetitions: settings.isQuick ? 200 : 1000)
        result.measurePipeline(server, count: settings.isQuick ? 5000 : 25_000)
        try result.measureIdleConnections(server, count: settings.isQuick ? 300 : 1000)
        return result
    }

    private mutating func measureCalls(_ server: RunningServer, repetitions: Int) throws {
        for _ in 0..<repetitions / 4 {
            let start = MonotonicTime.now
            _ = try server.connect()
            latencies["connect", default: []].append(MonotonicTime.now.milliseconds(since: start))
        }
        let client = try server.connect()
        for method in Self.methods {
            do {
                for _ in 0..<repetitions {
                    let start = MonotonicTime.now
                    try client.ask(method)
                    let answer = try client.unreadAnswer(deadline: start.advanced(byMilliseconds: 5000))
                    latencies[method, default: []].append(MonotonicTime.now.milliseconds(since: start))
                    // Read after the clock has stopped: how fast this client parses is not what is measured.
                    guard try JSONValue.parse(answer)["ok"] == true else {
                        throw BenchmarkError(.refused, "The call was refused.")
                    }
                }
            } catch let error as BenchmarkError {
                problems.append("\(method): \(error.message)")
            }
        }
    }

    private mutating func measurePipeline(_ server: RunningServer, count: Int) {
        do {
            let connections = try (0..<4).map { _ in try server.connect() }
            _ = try connections[0].call(Self.pipelinedMethod, deadline: .now.advanced(byMilliseconds: 5000))
            pipelinedPerSecond = try PipelinedCalls(connections: connections, window: 64)
                .run(Self.pipelinedMethod, count: count, deadline: .now.advanced(byMilliseconds: 30_000))
        } catch {
            problems.append("pipelined \(Self.pipelinedMethod): \((error as? BenchmarkError)?.message ?? "\(error)")")
        }
    }

    /// The second half of the connections is weighed: what the first ones make is made once.
    private mutating func measureIdleConnections(_ server: RunningServer, count: Int) throws {
        var connections: [GatewayConnection] = []
        for _ in 0..<count / 2 { connections.append(try server.connect()) }
        MonotonicTime.sleep(milliseconds: 1000)
        let before = server.usage?.residentKilobytes
        for _ in 0..<count / 2 { connections.append(try server.connect()) }
        MonotonicTime.sleep(milliseconds: 1000)
        if let before, let after = server.usage?.residentKilobytes {
            kilobytesPerConnection = Double(after - before) / Double(count / 2)
        }
        withExtendedLifetime(connections) {}
    }
}
