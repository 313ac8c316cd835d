import AlulaMeasuring
import AlulaRunning

/// What a thousand streams cost that are open at once, with a word a second each.
struct StreamMeasurement {
    static let streamCount = 1000

    /// Resident memory beyond that of a gateway that has answered some calls.
    var addedMegabytes: Double?
    /// Of the gateway, of one core.
    var processorPercent: Double?
    /// From the provider's sending of a word to its being read by the client.
    var words: LatencySummary?
    /// Words that should have come and did not, streams that ended, and whatever was wrong with one.
    var failures = 0
    var problem: String?

    static func run(settings: BenchmarkSettings) throws -> Self {
        let scene = try TrafficScene("streams", settings: settings)
        defer { scene.stop() }
        var result = StreamMeasurement()
        let warm = try scene.warmUp(calls: 500)
        result.failures += warm.wrong
        result.problem = warm.problem
        // What the first streams make once is not theirs.
        var first = ChatCrowd()
        try first.add(20, scene.target(.slowStream), name: "first")
        first.pump(until: .now.advanced(byMilliseconds: 2500))
        first.hangUp()
        try scene.upstream.waitForOpenCalls(0, milliseconds: 5000)
        MonotonicTime.sleep(milliseconds: 500)
        try result.measure(scene, windowMilliseconds: settings.isQuick ? 4000 : 15_000)
        return result
    }

    private mutating func measure(_ scene: TrafficScene, windowMilliseconds: Double) throws {
        let before = scene.server.usage
        var crowd = ChatCrowd()
        // Spread over a second, as their words are from then on.
        for _ in 0..<50 {
            try crowd.add(Self.streamCount / 50, scene.target(.slowStream), name: "crowd")
            crowd.pump(until: .now.advanced(byMilliseconds: 20))
        }
        let all = crowd.streams
        guard crowd.pump(until: .now.advanced(byMilliseconds: 20_000), orUntil: { all.allSatisfy { $0.words > 0 } })
        else {
            throw BenchmarkError(
                .timedOut,
                "\(all.count { $0.words == 0 }) streams did not begin: \(all.lazy.compactMap(\.problem).first ?? "")")
        }
        crowd.pump(until: .now.advanced(byMilliseconds: 2000))
        for stream in all { stream.forgetLatencies() }
        let (start, wordsBefore) = (scene.server.usage, all.reduce(0) { $0 + $1.words })
        let began = MonotonicTime.now
        crowd.pump(until: began.advanced(byMilliseconds: windowMilliseconds))
        let elapsed = MonotonicTime.now.milliseconds(since: began)
        let (end, wordsAfter) = (scene.server.usage, all.reduce(0) { $0 + $1.words })
        if let before, let start, let end {
            addedMegabytes = Double(end.residentKilobytes - before.residentKilobytes) / 1000
            processorPercent = (end.processorMilliseconds - start.processorMilliseconds) / elapsed * 100
        }
        words = LatencySummary(all.flatMap(\.latencies))
        // At either end of the window a word of each stream may be on its way.
        let expected = Double(all.count) * (elapsed / 1000 - 1)
        failures += all.count { $0.hasEnded || $0.problem != nil }
        if Double(wordsAfter - wordsBefore) < expected {
            failures += 1
            problem = problem ?? "\(wordsAfter - wordsBefore) words in \(Int(elapsed)) ms"
        }
        problem = problem ?? all.lazy.compactMap { $0.problem ?? $0.toldError }.first
        crowd.hangUp()
    }
}
