import AlulaMeasuring
import AlulaSoaking

/// What is run, with which programs, and for how long.
struct SoakSettings: Sendable {
    /// From here on a run is a whole one, and its results are kept.
    private static let wholeSeconds = 600.0

    /// Where `alula` is.
    var binaries = ""
    /// Where the programs are that stand in for broken parts; see `Saboteurs/`.
    var saboteurs = ""
    /// Where results of a whole run are written.
    var results = "Benchmarks/Results"
    /// Where the fleet is made; it is removed at the end.
    var scratch = "/tmp"
    /// How long the load lasts, the warm-up included.
    var seconds = 600.0
    /// What chance is made of.
    var seed: UInt64
    /// For the results: what the gateway is, such as `release`.
    var build = "release"
    let agentCount = 60

    init(arguments: [String]) throws(BenchmarkError) {
        seed = UInt64.random(in: 1...999_999)
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw BenchmarkError(.usage, "\(name) needs a value.") }
            switch name {
            case "--binaries": binaries = value
            case "--saboteurs": saboteurs = value
            case "--results": results = value
            case "--scratch": scratch = value
            case "--build": build = value
            case "--seconds":
                guard let number = Double(value), number >= 60, number <= 1_000_000 else {
                    throw BenchmarkError(.usage, "--seconds needs a number from 60 on: in less, not everything comes.")
                }
                seconds = number
            case "--seed":
                guard let number = UInt64(value) else { throw BenchmarkError(.usage, "--seed needs a number.") }
                seed = number
            default: throw BenchmarkError(.usage, "There is no option \(name).")
            }
        }
        guard !binaries.isEmpty, !saboteurs.isEmpty else {
            throw BenchmarkError(.usage, "--binaries and --saboteurs are needed.")
        }
    }

    var isWhole: Bool { seconds >= Self.wholeSeconds }
    /// How much of the load comes before the first rest. In a whole run every fault comes once in it: what the first of its
    /// kind makes the gateway need, such as room for the longest frame of a worker that answers garbage, the allocator keeps.
    var warmUpSeconds: Double { min(150, seconds / 4) }
}
