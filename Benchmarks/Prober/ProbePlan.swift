import AlulaMeasuring

/// What to ask, how often and for how long.
struct ProbePlan: Sendable {
    var port = 0
    var token = ""
    /// Times in the samples count from here.
    var origin = MonotonicTime.now
    var output = ""
    var healthzIntervalMilliseconds = 10.0
    var webSocketIntervalMilliseconds = 100.0
    /// Between two clients that say nothing; `nil` for none.
    var silentIntervalMilliseconds: Double?
    /// Visits that are all due at once, at the start.
    var burst = 0
    /// Asking ends after this, at the latest.
    var maximumMilliseconds = 120_000.0
    /// Answers that have not come this long after the last question are given up.
    var drainMilliseconds = 60_000.0
    /// How long to wait for the port to open.
    var openingMilliseconds = 20_000.0

    init(arguments: [String]) throws(BenchmarkError) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw BenchmarkError(.usage, "\(name) needs a value.") }
            switch name {
            case "--token": token = value
            case "--output": output = value
            default:
                guard let number = Double(value), number >= 0, number < 9e18 else {
                    throw BenchmarkError(.usage, "\(name) needs a number.")
                }
                switch name {
                case "--port": port = Int(number)
                case "--origin": origin = MonotonicTime(nanoseconds: Int64(value) ?? 0)
                case "--healthz-every": healthzIntervalMilliseconds = max(1, number)
                case "--socket-every": webSocketIntervalMilliseconds = max(1, number)
                case "--silent-every": silentIntervalMilliseconds = max(1, number)
                case "--burst": burst = Int(min(number, 20_000))
                case "--for": maximumMilliseconds = number
                case "--drain": drainMilliseconds = number
                default: throw BenchmarkError(.usage, "There is no option \(name).")
                }
            }
        }
        guard port > 0, !output.isEmpty else { throw BenchmarkError(.usage, "--port and --output are needed.") }
    }
}
