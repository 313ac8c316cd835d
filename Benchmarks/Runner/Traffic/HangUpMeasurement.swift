import AlulaMeasuring
import AlulaRunning

/// How soon the provider's work ends when whoever asked hangs up: before anything came, and in the middle of a stream.
struct HangUpMeasurement {
    /// From the closing of the caller's connection to the provider's noticing.
    var latencies: [Double] = []
    /// Calls that were not cancelled within two seconds.
    var missed = 0

    static func run(settings: BenchmarkSettings) throws -> Self {
        let scene = try TrafficScene("hang-ups", settings: settings)
        defer { scene.stop() }
        var result = HangUpMeasurement()
        _ = try scene.warmUp(calls: 200)
        for round in 0..<(settings.isQuick ? 20 : 100) {
            try result.measure(scene, round.isMultiple(of: 2) ? .hung : .slowStream, round)
        }
        return result
    }

    private mutating func measure(_ scene: TrafficScene, _ mode: TrafficScene.Mode, _ round: Int) throws {
        let stream = try ChatStream(scene.target(mode), question: "question-\(round)")
        let deadline = MonotonicTime.now.advanced(byMilliseconds: 5000)
        while true {
            stream.pump()
            if mode == .hung ? try scene.upstream.isAt(stream.question) : stream.words > 0 { break }
            guard MonotonicTime.now < deadline, !stream.hasEnded else {
                throw BenchmarkError(.timedOut, "A call did not reach the provider: \(stream.problem ?? "no reason").")
            }
            MonotonicTime.sleep(milliseconds: 1)
        }
        let hungUp = MonotonicTime.now
        stream.hangUp()
        let cancelled = try scene.upstream.cancellation(of: stream.question, milliseconds: 2000)
        if let cancelled { latencies.append(cancelled.milliseconds(since: hungUp)) } else { missed += 1 }
    }
}
