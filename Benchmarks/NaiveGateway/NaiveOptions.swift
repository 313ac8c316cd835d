import AlulaFleet
import AlulaMeasuring

/// What the naive gateway is told.
struct NaiveOptions: Sendable {
    let fleet: Fleet
    /// After this an `open` of a FIFO is interrupted, so that the benchmark ends.
    let fifoBoundSeconds: UInt32

    init(arguments: [String]) throws(BenchmarkError) {
        var values: [String: String] = [:]
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw BenchmarkError(.usage, "\(name) needs a value.") }
            values[name] = value
        }
        guard let root = values["--root"], let agents = values["--agents"].flatMap({ Int($0) }),
            let fault = values["--fault"].flatMap(FleetFault.init(rawValue:)),
            let port = values["--port"].flatMap({ Int($0) })
        else { throw BenchmarkError(.usage, "--root, --agents, --fault and --port are needed.") }
        fleet = Fleet(root: root, agentCount: agents, fault: fault, port: port)
        fifoBoundSeconds = values["--fifo-bound"].flatMap { UInt32($0) } ?? 20
    }
}
