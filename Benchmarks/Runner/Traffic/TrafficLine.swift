import AlulaJSON
import AlulaMeasuring

/// How somebody answered so many clients at once.
struct TrafficLine: Sendable {
    let who: String
    let connections: Int
    /// Right answers, each client asking again as soon as it has its answer; all clients on one thread.
    let perSecond: Double
    let latencies: LatencySummary?
    let wrong: Int
    /// Processor time of whoever stands in front of the provider.
    var processorMicroseconds: Double?
    /// The same by `wrk`, which costs less than a client that checks answers; `nil` where it is not installed.
    var wrkPerSecond: Double?

    init(_ who: String, connections: Int, _ tally: ChatLoop.Tally) {
        self.who = who
        self.connections = connections
        perSecond = tally.perSecond
        latencies = LatencySummary(tally.latencies)
        wrong = tally.wrong
    }

    var document: JSONValue {
        func number(_ value: Double?) -> JSONValue { value.map { .number(($0 * 1000).rounded() / 1000) } ?? .null }
        return [
            "who": .string(who), "connections": .number(connections), "perSecond": number(perSecond),
            "p50": number(latencies?.p50), "p99": number(latencies?.p99), "p999": number(latencies?.p999),
            "wrong": .number(wrong), "processorMicroseconds": number(processorMicroseconds),
            "wrkPerSecond": number(wrkPerSecond),
        ]
    }
}

/// All of them, for people.
struct TrafficTable {
    let lines: [TrafficLine]

    /// As a page shows it.
    var markdown: String {
        let head =
            "| who | connections | answers a second | by wrk | p50 | p99 | p99.9 | processor time a call | wrong |\n"
            + "|---|--:|--:|--:|--:|--:|--:|--:|--:|\n"
        return head
            + lines.map { line in
                let cells = [
                    line.who, "\(line.connections)", Self.row(.perSecond).text(line.perSecond),
                    Self.row(.perSecond).text(line.wrkPerSecond), Self.row(.milliseconds).text(line.latencies?.p50),
                    Self.row(.milliseconds).text(line.latencies?.p99),
                    Self.row(.milliseconds).text(line.latencies?.p999),
                    Self.row(.microseconds).text(line.processorMicroseconds), "\(line.wrong)",
                ]
                return "| \(cells.joined(separator: " | ")) |"
            }.joined(separator: "\n") + "\n"
    }

    var document: JSONValue { .array(lines.map(\.document)) }

    /// How values of this unit are shown.
    private static func row(_ unit: ResultRow.Unit) -> ResultRow { ResultRow("", "", unit) }
}
