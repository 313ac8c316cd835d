/// Why a measurement could not be made.
package struct BenchmarkError: Error {
    /// Raw values are stable: they appear in the results.
    package enum Code: String, CaseIterable, Sendable {
        case usage
        case systemCall = "system_call"
        case cannotStart = "cannot_start"
        case exitedEarly = "exited_early"
        case timedOut = "timed_out"
        case connectionClosed = "connection_closed"
        case malformedAnswer = "malformed_answer"
        case refused
        case interrupted
        case notPossibleHere = "not_possible_here"
    }

    package let code: Code
    /// One sentence for the person who runs the benchmark.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
