import AlulaMeasuring
import AlulaRunning

/// How soon a gateway answers others while thousands of its calls to a provider hang.
struct HungMeasurement {
    static let callCount = 2000

    /// Of `/healthz`.
    var healthz: LatencySummary?
    /// Questions of the prober without an answer, and calls that did not hang as they should.
    var failures = 0

    static func run(settings: BenchmarkSettings) throws -> Self {
        let scene = try TrafficScene("hung", settings: settings)
        defer { scene.stop() }
        var result = HungMeasurement()
        var crowd = ChatCrowd()
        for _ in 0..<20 {
            try crowd.add(callCount / 20, scene.target(.hung), name: "hung")
            crowd.pump(until: .now.advanced(byMilliseconds: 30))
        }
        // What the kernel did not take at once is sent while they are pumped.
        let deadline = MonotonicTime.now.advanced(byMilliseconds: 20_000)
        while try scene.upstream.openCalls < callCount, MonotonicTime.now < deadline {
            crowd.pump(until: .now.advanced(byMilliseconds: 50))
        }
        try scene.upstream.waitForOpenCalls(callCount, milliseconds: 1000)
        let prober = try ProbeRun(
            binaries: settings.binaries, fleet: scene.server.fleet,
            options: ["--for", "\(settings.isQuick ? 3000 : 8000)"])
        let samples = try prober.samples()
        for stream in crowd.streams { stream.pump() }
        result.healthz = LatencySummary(samples.filter { $0.kind == .healthz }.map(\.latency))
        result.failures = samples.count { !$0.isAnswered } + crowd.streams.count(where: \.hasEnded)
        try scene.upstream.waitForOpenCalls(callCount, milliseconds: 1000)
        crowd.hangUp()
        return result
    }
}
