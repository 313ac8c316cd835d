import AlulaFleet
import AlulaJSON
import AlulaMeasuring
import AlulaRunning

/// What a thousand reloads do to those who use the gateway meanwhile. Half of the configuration's texts are invalid or half written.
struct ReloadMeasurement {
    /// Clients that stay connected all the time, and call in turn.
    private static let clientCount = 64
    /// Longest time for all of it, in milliseconds.
    private static let patienceMilliseconds = 300_000.0

    /// How often the gateway has read its configuration.
    var reloads = 0
    /// Of these, with a text that could not be used.
    var refused = 0
    /// Calls of the clients that stay, and questions of the prober, without a right answer.
    var failedCalls = 0
    var calls = 0
    /// Clients whose connection ended.
    var droppedSockets = 0
    var healthz: LatencySummary?
    /// The worst that the gateway's own monitor told.
    var ownWorstMilliseconds: Double?
    /// What went wrong, the first of it.
    var problems: [String] = []

    static func run(settings: BenchmarkSettings) throws -> Self {
        let fleet = Fleet(
            root: "\(settings.scratch)/alula-bench-reload", agentCount: settings.agentCount,
            port: try LoopbackSocket.freePort())
        fleet.remove()
        try fleet.write()
        defer { fleet.remove() }
        let server = try RunningServer(.alula, fleet: fleet, settings: settings)
        defer { _ = server.stop() }
        _ = try server.waitUntilHealthy()
        _ = try PreparedAnswer.wait(server)
        var result = ReloadMeasurement()
        let prober = try ProbeRun(
            binaries: settings.binaries, fleet: fleet,
            options: ["--socket-every", "20", "--for", "\(patienceMilliseconds + 30_000)", "--drain", "10000"])
        try result.reload(settings.reloadCount, server, settings)
        prober.finish()
        let samples = try prober.samples()
        result.calls += samples.count
        let failed = samples.filter { !$0.isAnswered }
        result.failedCalls += failed.count
        for kind in ProbeSample.Kind.allCases {
            let waits = LatencySummary(failed.filter { $0.kind == kind }.map(\.latency))
            guard let waits else { continue }
            result.problems.append(
                "\(waits.count) questions by \(kind.rawValue) failed after \(Int(waits.p50)) ms, at most "
                    + "\(Int(waits.maximum)) ms")
        }
        result.healthz = LatencySummary(samples.filter { $0.kind == .healthz }.map(\.latency))
        result.ownWorstMilliseconds = samples.compactMap(\.loopDelay).max()
        return result
    }

    private mutating func reload(_ count: Int, _ server: RunningServer, _ settings: BenchmarkSettings) throws {
        var clients = try (0..<Self.clientCount).map { _ in try server.connect() }
        let watcher = try server.connect()
        var editor = ConfigurationEdits(fleet: server.fleet)
        let before = try Self.counts(server)
        let limit = MonotonicTime.now.advanced(byMilliseconds: Self.patienceMilliseconds)
        while reloads < count {
            guard MonotonicTime.now < limit else {
                problems.append("only \(reloads) of \(count) reloads within \(Int(Self.patienceMilliseconds / 1000)) s")
                break
            }
            for _ in 0..<8 {
                try editor.next()
                call(&clients, [0, 1].map { (editor.count * 2 + $0) % max(1, clients.count) })
            }
            let now = try Self.counts(server)
            reloads = now.all - before.all
            refused = now.refused - before.refused
        }
        try editor.finish()
        // Everybody is still there, and what is in force is the last text.
        call(&clients, Array(clients.indices))
        droppedSockets = Self.clientCount - clients.count
        try waitUntilCurrent(watcher)
    }

    /// Lets some clients ask; one whose connection ended is gone.
    private mutating func call(_ clients: inout [GatewayConnection], _ indices: [Int]) {
        var gone: [Int] = []
        for index in indices where clients.indices.contains(index) {
            calls += 1
            do {
                let answer = try clients[index].call("health", deadline: .now.advanced(byMilliseconds: 10_000))
                guard answer["ok"]?.bool == true else { throw BenchmarkError(.malformedAnswer, "health was not ok.") }
            } catch {
                failedCalls += 1
                if problems.count < 5 { problems.append("a client that stays: \(error)") }
                gone.append(index)
            }
        }
        for index in Set(gone).sorted(by: >) { clients.remove(at: index) }
    }

    /// The last text is a good one, so soon nothing is wrong.
    private mutating func waitUntilCurrent(_ client: GatewayConnection) throws {
        let deadline = MonotonicTime.now.advanced(byMilliseconds: 10_000)
        while MonotonicTime.now < deadline {
            let health = try client.call("health", deadline: deadline)
            let reload = health["configReload"]
            if reload?["hotReloadStatus"]?.string == "ok", reload?["problems"]?.integer == 0 { return }
            MonotonicTime.sleep(milliseconds: 20)
        }
        problems.append("the last text is not in force")
    }

    private static func counts(_ server: RunningServer) throws -> (all: Int, refused: Int) {
        let page = try GatewayConnection.get(
            "/metrics", port: server.fleet.port, token: Fleet.token, deadline: .now.advanced(byMilliseconds: 10_000))
        let lines = String(decoding: page.body, as: UTF8.self).split(separator: "\n")
            .filter { $0.hasPrefix("alula_config_reloads_total{") }
        func sum(_ lines: [Substring]) -> Int {
            lines.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
        }
        return (sum(lines), sum(lines.filter { !$0.contains("\"ok\"") }))
    }
}

/// Texts of the configuration as people and programs leave them behind: good ones, and as many others.
struct ConfigurationEdits {
    private let fleet: Fleet
    private let document: JSONValue
    /// How many there were.
    private(set) var count = 0

    init(fleet: Fleet) {
        self.fleet = fleet
        document = fleet.configurationDocument()
    }

    /// Writes the next text, and waits a little.
    mutating func next() throws {
        count += 1
        switch count % 4 {
        case 1, 3: try TextFile.replace(fleet.configuration, with: good(count))
        // An editor that writes into the file, seen in the middle of it.
        case 2: try TextFile.write(String(good(count).prefix(count * 37 % 5000 + 1)), to: fleet.configuration)
        default: try TextFile.replace(fleet.configuration, with: Self.bad[count / 4 % Self.bad.count])
        }
        MonotonicTime.sleep(milliseconds: 25)
    }

    /// Leaves a good text.
    mutating func finish() throws {
        count += 1
        try TextFile.replace(fleet.configuration, with: good(count))
    }

    /// Differs from the one before in what answers depend on.
    private func good(_ number: Int) -> String {
        var whole = document.object ?? JSONObject()
        let models = ["openai/gpt-5.5", "anthropic/claude-opus-4-6", "groq/llama-4"]
        var agents = whole["agents"]?.object ?? JSONObject()
        agents["defaults"] = ["model": .string(models[number % models.count])]
        whole["agents"] = .object(agents)
        return JSONValue.object(whole).text(.pretty)
    }

    private static let bad = [
        "", "{", "{ gateway: ", "null", "[1, 2]", "{ gateway: { port: \"many\" } } }", "\u{0}\u{0}\u{0}",
        "{ \"gateway\": { \"mode\": \"local\" }, \"agents\": { \"list\": 7 ",
    ]
}
