import AlulaFleet
import AlulaJSON
import AlulaMeasuring
import AlulaRunning

/// How soon a change of a store by another program reaches the answer that clients get.
struct EditMeasurement {
    /// A provider that no store, login or variable of the fleet has anything for.
    private static let provider = "nvidia"

    /// From the rename of the new file to the event `models.auth.changed` at a client.
    var latencies: [Double] = []
    /// Edits after which no event came within three seconds.
    var missed = 0

    static func run(settings: BenchmarkSettings) throws -> Self {
        let fleet = Fleet(
            root: "\(settings.scratch)/alula-bench-edit", agentCount: settings.agentCount,
            port: try LoopbackSocket.freePort())
        fleet.remove()
        try fleet.write()
        defer { fleet.remove() }
        let server = try RunningServer(.alula, fleet: fleet, settings: settings)
        defer { _ = server.stop() }
        _ = try server.waitUntilHealthy()
        _ = try PreparedAnswer.wait(server)
        try server.waitForOutput(WarmLogLine.marker, milliseconds: 10_000)
        MonotonicTime.sleep(milliseconds: 500)
        let client = try server.connect()
        var result = EditMeasurement()
        for round in 0..<settings.editRepetitions {
            let index = 1 + (round / 2 * 17) % (settings.agentCount - 1)
            client.dropEvents()
            try fleet.setKey(of: provider, agent: index, isPresent: round % 2 == 0)
            let edited = MonotonicTime.now
            do {
                let latency = try waitForChange(of: Fleet.agent(index), client: client).milliseconds(since: edited)
                result.latencies.append(latency)
            } catch let error as BenchmarkError where error.code == .timedOut {
                result.missed += 1
            }
            MonotonicTime.sleep(milliseconds: 300)
        }
        return result
    }

    private static func waitForChange(of agent: String, client: GatewayConnection) throws -> MonotonicTime {
        let deadline = MonotonicTime.now.advanced(byMilliseconds: 3000)
        while true {
            let event = try client.event("models.auth.changed", deadline: deadline)
            let text = event.payload.text()
            if text.contains("\"\(agent)\""), text.contains("\"\(provider)\"") { return event.receivedAt }
        }
    }
}
