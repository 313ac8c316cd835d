import AlulaFleet
import AlulaMeasuring

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Many processes whose agents hold copies of one OAuth login, and a provider that ends it when a refresh token comes twice.
///
/// With kills it allows for lost answers, as providers do that want to be used over networks: the token before the newest is
/// answered with the newest again. Without that, a kill in the millisecond between an answer and its first flush costs the login.
struct RefreshMeasurement {
    private static let processCount = 16
    private static let agents = (0..<8).map { "a\($0)" }
    /// How long the provider takes, in milliseconds.
    private static let delay = 20
    private static let patienceMilliseconds = 60_000.0

    private(set) var rounds = 0
    private(set) var calls = 0
    private(set) var failedCalls = 0
    private(set) var mostExchanges = 0
    /// From the instant at which all processes are let go to the end of the last.
    private(set) var milliseconds: [Double] = []
    private(set) var killed = 0
    /// Of these, how many had to leave an answer behind: the token was exchanged again.
    private(set) var killedInExchange = 0

    static func run(rounds: Int, killing: Bool = false, settings: BenchmarkSettings) throws -> Self {
        var result = RefreshMeasurement()
        let place = "\(settings.scratch)/alula-bench-refresh"
        try TextFile.makeDirectory(place)
        let told = "\(place)/issuer-\(killing ? 1 : 0)"
        let options = ["--tell", "--delay", "\(delay)"] + (killing ? ["--grace"] : [])
        let issuer = try ChildProgram(
            path: driver(settings), arguments: ["serve"] + options, environment: [:], output: told)
        defer { _ = issuer.stop(graceMilliseconds: 1000) }
        guard let port = try waitForText("port ", in: told).split(separator: "\n").first?.split(separator: " ").last
        else {
            throw BenchmarkError(.cannotStart, "The provider did not say where it is.")
        }
        for round in 0..<rounds {
            let family = "\(killing ? "k" : "c")\(round)"
            try result.take(family, at: "\(place)/\(family)", url: "http://127.0.0.1:\(port)/token", killing, settings)
            let lines = (TextFile.read(told) ?? "").split(separator: "\n")
            let exchanges = lines.count { $0 == "exchange \(family)" }
            result.mostExchanges = max(result.mostExchanges, exchanges)
            if exchanges > 1 { result.killedInExchange += 1 }
            result.rounds += 1
        }
        return result
    }

    /// One login, all processes at once.
    private mutating func take(
        _ family: String, at home: String, url: String, _ killing: Bool, _ settings: BenchmarkSettings
    ) throws {
        let state = "\(home)/.openclaw"
        for agent in Self.agents + ["main"] {
            try TextFile.makeDirectory("\(state)/agents/\(agent)/agent")
            try TextFile.write(
                #"{"version":1,"profiles":{"chutes:me":{"type":"oauth","provider":"chutes","access":"old","#
                    + #""refresh":"fake-\#(family)-0","expires":1000}}}"#,
                to: "\(state)/agents/\(agent)/agent/auth-profiles.json")
        }
        let programs = try (0..<Self.processCount).map { number in
            try ChildProgram(
                path: Self.driver(settings), arguments: ["open", state, url, "chutes:me"] + Self.agents,
                environment: ["HOME": home], output: "\(home)/\(number)")
        }
        for number in programs.indices { _ = try Self.waitForText("ready", in: "\(home)/\(number)") }
        let start = MonotonicTime.now
        for program in programs { program.closeInput() }
        var victim: Int?
        if killing, let chosen = programs.indices.randomElement() {
            // Locks, the exchange, the record and the stores take some tens of milliseconds.
            MonotonicTime.sleep(milliseconds: .random(in: 0..<Double(Self.delay) * 4))
            if programs[chosen].isRunning {
                kill(programs[chosen].pid, SIGKILL)
                victim = chosen
                killed += 1
            }
        }
        let limit = start.advanced(byMilliseconds: Self.patienceMilliseconds)
        for (number, program) in programs.enumerated() {
            guard program.waitForExit(deadline: limit) else {
                throw BenchmarkError(.cannotStart, "A process did not end in time.")
            }
            guard number != victim else { continue }
            let good = (TextFile.read("\(home)/\(number)") ?? "").split(separator: "\n")
                .count { $0 == "ok access-\(family)-1" }
            calls += Self.agents.count
            failedCalls += Self.agents.count - good
        }
        milliseconds.append(MonotonicTime.now.milliseconds(since: start))
    }

    private static func driver(_ settings: BenchmarkSettings) -> String { "\(settings.binaries)/alula-refresh-driver" }

    private static func waitForText(_ text: String, in path: String) throws -> String {
        let limit = MonotonicTime.now.advanced(byMilliseconds: patienceMilliseconds)
        while MonotonicTime.now < limit {
            if let found = TextFile.read(path), found.contains(text), found.hasSuffix("\n") { return found }
            MonotonicTime.sleep(milliseconds: 1)
        }
        throw BenchmarkError(.cannotStart, "A process did not start in time.")
    }
}
