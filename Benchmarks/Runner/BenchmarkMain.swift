import AlulaFleet
import AlulaMeasuring
import AlulaRunning

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// `alula-bench --binaries DIR [--quick] …` measures the gateway beside a naive one;
/// `alula-bench fleet --root DIR --agents N [--fault KIND] [--port N]` only writes a state directory to play with.
@main
enum BenchmarkMain {
    static func main() {
        signal(SIGPIPE, SIG_IGN)
        SocketLimit.raise()
        do {
            var arguments = Array(CommandLine.arguments.dropFirst())
            if arguments.first == "fleet" {
                arguments.removeFirst()
                try writeFleet(arguments)
                return
            }
            let settings = try BenchmarkSettings(arguments: arguments)
            var run = BenchmarkRun(settings: settings)
            try run.measureAndReport()
        } catch {
            Progress.note("\(error)")
            exit((error as? BenchmarkError)?.code == .usage ? 64 : 70)
        }
    }

    private static func writeFleet(_ arguments: [String]) throws {
        var values: [String: String] = [:]
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw BenchmarkError(.usage, "\(name) needs a value.") }
            values[name] = value
        }
        guard let root = values["--root"], root.hasPrefix("/"), let count = values["--agents"].flatMap({ Int($0) })
        else { throw BenchmarkError(.usage, "--root (an absolute path) and --agents are needed.") }
        let fault = values["--fault"].map { FleetFault(rawValue: $0) } ?? FleetFault.none
        guard let fault else { throw BenchmarkError(.usage, "--fault is files, fifo or helper.") }
        let port = values["--port"].flatMap { Int($0) } ?? 18789
        let fleet = Fleet(root: root, agentCount: count, fault: fault, port: port)
        try fleet.write()
        for (name, value) in fleet.environment.sorted(by: { $0.key < $1.key }) { print("\(name)=\(value)") }
    }
}
