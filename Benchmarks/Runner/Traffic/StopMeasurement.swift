import AlulaMeasuring
import AlulaRunning

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// How long SIGTERM takes with a hundred streams open, and whether those who read them are told.
struct StopMeasurement {
    static let streamCount = 100

    /// From the signal to the end of the process; `nil` when it had to be killed.
    var milliseconds: Double?
    /// Streams that broke off without a word.
    var untold = 0

    static func run(settings: BenchmarkSettings) throws -> Self {
        let scene = try TrafficScene("stop", settings: settings)
        defer { scene.stop() }
        var crowd = ChatCrowd()
        try crowd.add(streamCount, scene.target(.slowStream), name: "stop")
        let streams = crowd.streams
        guard
            crowd.pump(until: .now.advanced(byMilliseconds: 10_000), orUntil: { streams.allSatisfy { $0.words > 1 } })
        else { throw BenchmarkError(.timedOut, "Not all streams began.") }
        var result = StopMeasurement()
        let start = MonotonicTime.now
        kill(scene.server.pid, SIGTERM)
        if crowd.pump(until: start.advanced(byMilliseconds: 15_000), orUntil: { !scene.server.isRunning }) {
            result.milliseconds = MonotonicTime.now.milliseconds(since: start)
        }
        crowd.pump(until: .now.advanced(byMilliseconds: 500), orUntil: { streams.allSatisfy(\.hasEnded) })
        result.untold = streams.count { $0.toldError == nil }
        return result
    }
}
