import AlulaFleet
import AlulaMeasuring

/// What is run, with which programs, and how long.
struct BenchmarkSettings: Sendable {
    /// Shorter windows and fewer repetitions.
    var isQuick = false
    /// Where the programs are.
    var binaries = ""
    /// The stripped release binary whose size counts.
    var stripped: String?
    /// Where results are written.
    var results = "Benchmarks/Results"
    /// A page whose table of results a whole run writes anew.
    var readme: String?
    /// Where fleets are made; each is removed after its use.
    var scratch = "/tmp"
    /// The directory with the programs of other gateways that are measured beside ours; `nil` for none.
    var peers: String?
    var contenders = Contender.allCases
    var faults = FleetFault.allCases
    /// What is measured.
    var parts = BenchmarkPart.allCases
    /// Rounds in which a process is killed while it renews a token; `nil` leaves that to the length of the run.
    private var kills: Int?

    init(arguments: [String]) throws(BenchmarkError) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            if name == "--quick" {
                isQuick = true
                continue
            }
            guard let value = rest.popFirst() else { throw BenchmarkError(.usage, "\(name) needs a value.") }
            switch name {
            case "--binaries": binaries = value
            case "--stripped": stripped = value
            case "--results": results = value
            case "--readme": readme = value
            case "--scratch": scratch = value
            case "--peers": peers = value
            case "--contenders": contenders = value.split(separator: ",").compactMap { Contender(rawValue: "\($0)") }
            case "--faults": faults = value.split(separator: ",").compactMap { FleetFault(rawValue: "\($0)") }
            case "--only": parts = try Self.parts(value)
            case "--kills":
                guard let number = Int(value), number > 0 else {
                    throw BenchmarkError(.usage, "--kills needs a number of rounds.")
                }
                kills = number
            default: throw BenchmarkError(.usage, "There is no option \(name).")
            }
        }
        guard !binaries.isEmpty else { throw BenchmarkError(.usage, "--binaries is needed.") }
    }

    private static func parts(_ text: String) throws(BenchmarkError) -> [BenchmarkPart] {
        var parts: [BenchmarkPart] = []
        for name in text.split(separator: ",") {
            guard let part = BenchmarkPart(rawValue: "\(name)") else {
                let all = BenchmarkPart.allCases.map(\.rawValue).joined(separator: ", ")
                throw BenchmarkError(.usage, "There is no part \(name). The parts are \(all).")
            }
            parts.append(part)
        }
        return parts
    }

    /// Whether everything is measured at full length: what is kept and shown is never a part of a run.
    var isWhole: Bool {
        !isQuick && parts == BenchmarkPart.allCases && contenders == Contender.allCases && faults == FleetFault.allCases
    }

    /// Agents in the fleet that lateness is measured with: as many as the report that started it all had.
    var agentCount: Int { 237 }
    /// Agents in the large fleet.
    var largeAgentCount: Int { isQuick ? 2000 : 10_000 }
    /// How long the gateway is made to warm again and again while it is probed, in milliseconds.
    var warmingMilliseconds: Double { isQuick ? 4000 : 10_000 }
    /// Seconds after which the naive gateway's `open` of the FIFO is interrupted.
    var fifoBoundSeconds: Int { isQuick ? 8 : 20 }
    var startRepetitions: Int { isQuick ? 5 : 15 }
    var editRepetitions: Int { isQuick ? 6 : 20 }
    var reloadCount: Int { isQuick ? 100 : 1000 }
    /// Rounds in which one of the processes that renew a login is killed.
    var killedRenewals: Int { kills ?? (isQuick ? 20 : 200) }
    var idleMilliseconds: Double { isQuick ? 3000 : 10_000 }
}

/// One part of a run. Raw values are what `--only` takes.
enum BenchmarkPart: String, CaseIterable, Sendable {
    case lateness
    case deadlines
    case warms
    case start
    case edits
    case load
    case reloads
    case refresh
    case gateway
    case followers
    case traffic
    case reading
    case size
}

/// Who is measured.
enum Contender: String, CaseIterable, Sendable {
    case alula
    case naive

    /// For people.
    var title: String {
        switch self {
        case .alula: "Alula"
        case .naive: "naive"
        }
    }
}
