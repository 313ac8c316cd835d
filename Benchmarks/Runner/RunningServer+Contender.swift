import AlulaFleet
import AlulaRunning

extension RunningServer {
    /// Starts a contender on `fleet`.
    convenience init(_ contender: Contender, fleet: Fleet, settings: BenchmarkSettings) throws {
        let log = "\(fleet.root)/\(contender.rawValue).log"
        switch contender {
        case .alula:
            try self.init(
                program: "\(settings.binaries)/alula", arguments: ["gateway", "run", "--port", "\(fleet.port)"],
                fleet: fleet, environment: fleet.environment, output: log)
        case .naive:
            try self.init(
                program: "\(settings.binaries)/alula-bench-naive",
                arguments: [
                    "--root", fleet.root, "--agents", "\(fleet.agentCount)", "--fault", fleet.fault.rawValue,
                    "--port", "\(fleet.port)", "--fifo-bound", "\(settings.fifoBoundSeconds)",
                ],
                fleet: fleet, environment: fleet.environment, output: log)
        }
    }
}
