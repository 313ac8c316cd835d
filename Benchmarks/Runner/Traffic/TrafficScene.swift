import AlulaFleet
import AlulaJSON
import AlulaMeasuring
import AlulaRunning

/// A gateway between a provider that costs next to nothing and whoever asks. Each way of the provider to answer is a provider
/// of its own in the configuration, with a key in the main store: the way that most logins take.
final class TrafficScene {
    /// The provider's ways to answer, which are also its paths.
    enum Mode: String, CaseIterable, Sendable {
        case whole
        /// A word a second, for longer than anybody measures.
        case slowStream = "stream/1000/100000"
        case hung

        /// The provider's id in the configuration.
        var provider: String {
            switch self {
            case .whole: "bench-whole"
            case .slowStream: "bench-stream"
            case .hung: "bench-hung"
            }
        }
    }

    let upstream: RunningUpstream
    let server: RunningServer
    private let fleet: Fleet

    /// - Parameters:
    ///   - name: What is measured, for the directory's name.
    ///   - fault: What is wrong besides.
    init(_ name: String, fault: FleetFault = .none, agentCount: Int = 10, settings: BenchmarkSettings) throws {
        fleet = Fleet(
            root: "\(settings.scratch)/alula-bench-traffic-\(name)", agentCount: agentCount, fault: fault,
            port: try LoopbackSocket.freePort())
        fleet.remove()
        try fleet.write()
        upstream = try RunningUpstream(binaries: settings.binaries, output: "\(fleet.root)/upstream.log")
        try Self.configure(fleet, upstream)
        server = try RunningServer(.alula, fleet: fleet, settings: settings)
        _ = try server.waitUntilHealthy()
        _ = try PreparedAnswer.wait(server)
        try server.waitForOutput(WarmLogLine.marker, milliseconds: 10_000)
    }

    /// How the gateway is asked for an answer of this kind.
    func target(_ mode: Mode) -> ChatTarget {
        ChatTarget("Alula", port: fleet.port, key: Fleet.token, model: "\(mode.provider)/\(mode.provider)")
    }

    /// Asks for some answers, so that whatever is made once is there.
    func warmUp(calls: Int) throws -> ChatLoop.Tally {
        var tally = try ChatLoop(target(.whole), connections: 16).run(calls: calls)
        tally.add(try ChatLoop(upstream.target(Mode.whole.rawValue), connections: 16).run(calls: calls))
        return tally
    }

    /// How many warms the gateway has ended.
    var warmCount: Int { server.lines(holding: WarmLogLine.marker).count }

    /// Edits the stores of all agents but the one whose logins the calls use, so that everything is warmed anew.
    func rewriteOtherStores(round: Int) throws {
        let hung = fleet.fault == .fifo ? fleet.agents.firstIndex(of: fleet.agentWithFIFO) : nil
        try fleet.rewriteStores(round: round, of: Set(1..<fleet.agentCount).subtracting(hung.map { [$0] } ?? []))
    }

    /// Ends everything and removes its files.
    func stop() {
        _ = server.stop()
        upstream.stop()
        fleet.remove()
    }

    private static func configure(_ fleet: Fleet, _ upstream: RunningUpstream) throws {
        guard var document = fleet.configurationDocument().object, var store = fleet.storeDocument(0).object,
            var profiles = store["profiles"]?.object
        else { return }
        var providers = JSONObject()
        for mode in Mode.allCases {
            providers[mode.provider] = [
                "baseUrl": .string("http://127.0.0.1:\(upstream.port)/\(mode.rawValue)/v1"),
                "api": "openai-completions",
                "models": [["id": .string(mode.provider), "name": .string(mode.provider)]],
            ]
            profiles["\(mode.provider):default"] = [
                "type": "api_key", "provider": .string(mode.provider), "key": .string(ChatWords.upstreamKey),
            ]
        }
        document["models"] = ["providers": .object(providers)]
        // Whatever fails must not be tried with a provider of the world.
        var agents = document["agents"]?.object ?? JSONObject()
        let model = "\(Mode.whole.provider)/\(Mode.whole.provider)"
        agents["defaults"] = ["model": .string(model)]
        document["agents"] = .object(agents)
        store["profiles"] = .object(profiles)
        try TextFile.write(JSONValue.object(document).text(.pretty), to: fleet.configuration)
        try TextFile.write(JSONValue.object(store).text(), to: fleet.store(of: "main"))
    }
}
