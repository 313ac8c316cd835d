package import AlulaFleet
package import AlulaMeasuring

/// A gateway or its naive counterpart, started on a fleet. It is stopped at the latest when it is let go.
package final class RunningServer {
    package let fleet: Fleet
    package let startedAt: MonotonicTime
    private let child: ChildProgram
    /// The file with everything it printed; `nil` where that can't be read.
    private let log: String?

    /// Starts `program`.
    ///
    /// - Parameters:
    ///   - environment: All of it.
    ///   - output: A file that takes what it prints.
    ///   - isOutputReadable: Whether that file can be read back: a pipe can't.
    package init(
        program: String, arguments: [String], fleet: Fleet, environment: [String: String], output: String,
        isOutputReadable: Bool = true
    ) throws {
        self.fleet = fleet
        log = isOutputReadable ? output : nil
        if isOutputReadable { try TextFile.write("", to: output) }
        startedAt = .now
        child = try ChildProgram(path: program, arguments: arguments, environment: environment, output: output)
    }

    package var pid: Int32 { child.pid }
    package var isRunning: Bool { child.isRunning }
    package var output: String { log.flatMap { TextFile.read($0) } ?? "" }
    package var usage: ProcessUsage? { ProcessUsage(of: pid) }

    /// Blocks until `/healthz` answers 200.
    package func waitUntilHealthy(milliseconds: Double = 20_000) throws -> MonotonicTime {
        try waitForStatus(200, of: "/healthz", deadline: .now.advanced(byMilliseconds: milliseconds))
    }

    /// Blocks until `/readyz` answers 200.
    package func waitUntilReady(milliseconds: Double = 60_000) throws -> MonotonicTime {
        try waitForStatus(200, of: "/readyz", deadline: .now.advanced(byMilliseconds: milliseconds))
    }

    /// Blocks until the output has `count` lines that hold `text`.
    package func waitForOutput(_ text: String, count: Int = 1, milliseconds: Double) throws {
        let deadline = MonotonicTime.now.advanced(byMilliseconds: milliseconds)
        while lines(holding: text).count < count {
            guard MonotonicTime.now < deadline else {
                let printed = output.suffix(2000)
                throw BenchmarkError(.timedOut, "The server did not print '\(text)'. It printed: \(printed)")
            }
            try checkThatItRuns()
            MonotonicTime.sleep(milliseconds: 5)
        }
    }

    /// The lines of the output with `text` in them.
    package func lines(holding text: String) -> [Substring] {
        output.split(separator: "\n").filter { $0.contains(text) }
    }

    /// A client that may read and administer.
    package func connect(milliseconds: Double = 10_000) throws -> GatewayConnection {
        try GatewayConnection(
            port: fleet.port, token: Fleet.token, deadline: .now.advanced(byMilliseconds: milliseconds))
    }

    /// The lateness that 999 of 1,000 ticks of a gateway's threads did not exceed since its start, in milliseconds; `nil` where
    /// it doesn't tell.
    package func timerP999() throws -> Double? {
        let answer = try GatewayConnection.get(
            "/metrics", port: fleet.port, token: Fleet.token, deadline: .now.advanced(byMilliseconds: 10_000))
        return LatenessBuckets(metrics: String(decoding: answer.body, as: UTF8.self))?.percentile(0.999)
    }

    /// Stops it.
    ///
    /// - Returns: How long SIGTERM took, in milliseconds, or `nil` when it had to be killed.
    package func stop() -> Double? { child.stop(graceMilliseconds: 10_000) }

    private func waitForStatus(_ status: Int, of path: String, deadline: MonotonicTime) throws -> MonotonicTime {
        var lastProblem = "nothing answered"
        while MonotonicTime.now < deadline {
            try checkThatItRuns()
            do {
                let response = try GatewayConnection.get(
                    path, port: fleet.port, token: Fleet.token, deadline: .now.advanced(byMilliseconds: 1000))
                if response.status == status { return .now }
                lastProblem = "\(path) answered \(response.status)"
            } catch {
                lastProblem = "\(error)"
            }
            MonotonicTime.sleep(milliseconds: 0.3)
        }
        throw BenchmarkError(.timedOut, "The server is not there: \(lastProblem). It printed: \(output.suffix(2000))")
    }

    private func checkThatItRuns() throws(BenchmarkError) {
        guard child.isRunning else {
            throw BenchmarkError(.exitedEarly, "The server ended. It printed: \(output.suffix(2000))")
        }
    }
}
