package import AlulaFleet
package import AlulaMeasuring

/// The prober at work beside a server, in a process of its own.
package final class ProbeRun {
    private let child: ChildProgram
    private let output: String
    private let log: String

    /// Starts it. It waits for the port to open, so it can be there before the server is.
    ///
    /// - Parameters:
    ///   - binaries: Where `alula-bench-prober` is.
    ///   - place: A directory for its files.
    ///   - options: Further ones; see `ProbePlan`.
    package init(binaries: String, fleet: Fleet, place: String? = nil, options: [String] = []) throws(BenchmarkError) {
        output = "\(place ?? fleet.root)/samples.jsonl"
        log = "\(place ?? fleet.root)/prober.log"
        child = try ChildProgram(
            path: "\(binaries)/alula-bench-prober",
            arguments: ["--port", "\(fleet.port)", "--token", Fleet.token, "--output", output] + options,
            environment: [:], output: log)
    }

    /// Ends the asking. Answers that are on their way are still waited for.
    package func finish() { child.closeInput() }

    /// Blocks until it has ended.
    package func samples(waitingMilliseconds: Double = 90_000) throws -> [ProbeSample] {
        guard child.waitForExit(deadline: .now.advanced(byMilliseconds: waitingMilliseconds)) else {
            throw BenchmarkError(.timedOut, "The prober did not end.")
        }
        guard let text = TextFile.read(output) else {
            throw BenchmarkError(.malformedAnswer, "No samples: \(TextFile.read(log) ?? "")")
        }
        return try text.split(separator: "\n").map { try ProbeSample(line: $0) }
    }
}
