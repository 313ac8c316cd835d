import AlulaFleet
import AlulaJSON
import AlulaMeasuring
import AlulaRunning

/// What many people who follow a long log cost: each asks once a second for what is new, as the reference's tools do.
struct FollowerMeasurement {
    static let logMegabytes = 200
    static let followerCount = 200
    /// Lines that another program adds each second.
    private static let linesPerSecond = 200

    /// From a question to its answer, in milliseconds.
    var answers: [Double] = []
    /// `health` by another client meanwhile.
    var health: [Double] = []
    var processorPercent: Double?
    var addedMegabytes: Double?
    /// Lines that somebody missed.
    var missedLines = 0

    static func run(settings: BenchmarkSettings) throws -> Self {
        let fleet = Fleet(
            root: "\(settings.scratch)/alula-bench-followers", agentCount: 10, port: try LoopbackSocket.freePort())
        fleet.remove()
        try fleet.write()
        defer { fleet.remove() }
        let log = "\(fleet.root)/followed.log"
        try configure(fleet, log: log)
        let line = line(0)
        let piece = String(repeating: line, count: (1 << 20) / line.utf8.count)
        for _ in 0..<logMegabytes { try TextFile.append(piece, to: log) }
        let server = try RunningServer(.alula, fleet: fleet, settings: settings)
        defer { _ = server.stop() }
        _ = try server.waitUntilHealthy()
        _ = try PreparedAnswer.wait(server)
        var result = FollowerMeasurement()
        try result.follow(server, log: log, rounds: settings.isQuick ? 3 : 10)
        return result
    }

    /// Lets the gateway write its log there, and leave it as long as it is.
    private static func configure(_ fleet: Fleet, log: String) throws {
        guard var document = fleet.configurationDocument().object else { return }
        document["logging"] = ["file": .string(log), "maxFileBytes": 1_000_000_000]
        try TextFile.write(JSONValue.object(document).text(.pretty), to: fleet.configuration)
    }

    private static func line(_ number: Int) -> String {
        #"{"0":"Benchmark line \#(number)","_meta":{"logLevelName":"INFO","name":"bench"},"time":"2026-01-01T00:00:00Z"}"#
            + "\n"
    }

    private mutating func follow(_ server: RunningServer, log: String, rounds: Int) throws {
        let followers = try (0..<Self.followerCount).map { _ in try server.connect() }
        let other = try server.connect()
        var cursors = [Int64?](repeating: nil, count: followers.count)
        // The first look brings the end of the file and where to go on.
        _ = try ask(followers, &cursors)
        let before = server.usage
        let start = MonotonicTime.now
        answers = []
        for round in 0..<rounds {
            let due = start.advanced(byMilliseconds: Double(round) * 1000)
            let pause = due.milliseconds(since: .now)
            if pause > 0 { MonotonicTime.sleep(milliseconds: pause) }
            let lines = (0..<Self.linesPerSecond).map { Self.line(round * 1000 + $0) }.joined()
            try TextFile.append(lines, to: log)
            let counts = try ask(followers, &cursors)
            missedLines += counts.reduce(0) { $0 + max(0, Self.linesPerSecond - $1) }
            let asked = MonotonicTime.now
            _ = try other.call("health", deadline: asked.advanced(byMilliseconds: 5000))
            health.append(MonotonicTime.now.milliseconds(since: asked))
        }
        let elapsed = MonotonicTime.now.milliseconds(since: start)
        if let before, let after = server.usage {
            processorPercent = (after.processorMilliseconds - before.processorMilliseconds) / elapsed * 100
            addedMegabytes = Double(after.residentKilobytes - before.residentKilobytes) / 1000
        }
    }

    /// Everybody asks at the same time.
    ///
    /// - Returns: How many lines of the other program each was brought.
    private mutating func ask(_ followers: [GatewayConnection], _ cursors: inout [Int64?]) throws -> [Int] {
        let sent = MonotonicTime.now
        for (follower, cursor) in zip(followers, cursors) {
            var parameters: JSONValue = [:]
            if let cursor { parameters = ["cursor": .number(cursor)] }
            try follower.ask("logs.tail", parameters)
        }
        // Read once all are there, so that it is not the reading that is measured.
        let texts = try followers.map { follower in
            let text = try follower.unreadAnswer(deadline: sent.advanced(byMilliseconds: 10_000))
            answers.append(MonotonicTime.now.milliseconds(since: sent))
            return text
        }
        return try texts.enumerated().map { index, text in
            let answer = try JSONValue.parse(text)["payload"]
            cursors[index] = answer?["cursor"]?.integer
            return answer?["lines"]?.array?.count { $0.string?.contains("Benchmark line") == true } ?? 0
        }
    }
}
