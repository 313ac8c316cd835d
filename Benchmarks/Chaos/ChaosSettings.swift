import AlulaFaults
import AlulaMeasuring

/// What is run, with which programs, and for how long.
struct ChaosSettings: Sendable {
    /// What the program is asked to do. Raw values are its first argument.
    enum Work: String, Sendable {
        /// Each fault alone, then all together.
        case faults
        /// The names that `--only` takes.
        case list
    }

    var work = Work.faults
    /// Where `alula` and `alula-bench-prober` are.
    var binaries = ""
    /// Where the programs are that stand in for broken parts; see `Saboteurs/`.
    var saboteurs = ""
    /// Where results are written.
    var results = "Benchmarks/Results"
    /// A page with a place for the short table.
    var readme: String?
    /// Where fleets are made; each is removed after its use.
    var scratch = "/tmp"
    /// The faults to run; all when empty.
    var only: [String] = []
    /// A few faults, each for a short time, and results that are printed only.
    var isQuick = false
    /// Whether file systems may be mounted, and whether one in user space may. `--without mounts,fuse` says no.
    var allowsMounts = true
    var allowsFUSE = true
    /// Agents of the ordinary fleet: as many as the report that started it all had.
    var agentCount = 237

    init(arguments: [String]) throws(BenchmarkError) {
        var rest = arguments[...]
        guard let first = rest.popFirst(), let work = Work(rawValue: first) else {
            throw BenchmarkError(.usage, "The first argument is faults or list.")
        }
        self.work = work
        while let name = rest.popFirst() {
            if name == "--quick" {
                isQuick = true
                continue
            }
            guard let value = rest.popFirst() else { throw BenchmarkError(.usage, "\(name) needs a value.") }
            switch name {
            case "--binaries": binaries = value
            case "--saboteurs": saboteurs = value
            case "--results": results = value
            case "--readme": readme = value
            case "--scratch": scratch = value
            case "--only": only = value.split(separator: ",").map(String.init)
            case "--without":
                allowsMounts = !value.split(separator: ",").contains("mounts")
                allowsFUSE = !value.split(separator: ",").contains("fuse")
            case "--agents": agentCount = try Self.number(value, of: name, from: 20)
            default: throw BenchmarkError(.usage, "There is no option \(name).")
            }
        }
        guard work == .list || !binaries.isEmpty && !saboteurs.isEmpty else {
            throw BenchmarkError(.usage, "--binaries and --saboteurs are needed.")
        }
    }

    /// What faults get of it.
    var tools: FaultTools {
        FaultTools(
            binaries: binaries, saboteurs: saboteurs, allowsMounts: allowsMounts, allowsFUSE: allowsFUSE)
    }

    private static func number(_ text: String, of name: String, from least: Int) throws(BenchmarkError) -> Int {
        guard let number = Int(text), number >= least, number <= 100_000 else {
            throw BenchmarkError(.usage, "\(name) needs a number from \(least) on.")
        }
        return number
    }
}
