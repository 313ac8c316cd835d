import AlulaJSON

/// One question of the prober and what became of it. One line of JSON in its file.
package struct ProbeSample: Sendable {
    /// What was asked.
    package enum Kind: String, CaseIterable, Sendable {
        /// `GET /healthz` on an open connection.
        case healthz
        /// A new connection, the upgrade, `connect` and `health`.
        case webSocket = "ws"
        /// A new WebSocket that says nothing, until it is let go for that.
        case silent
    }

    package let kind: Kind
    /// When the question was due, in milliseconds since the origin. Latencies count from here, also when it went out
    /// late, so that a stall can't hide the questions that would have been asked in it.
    package let due: Double
    /// How late the prober itself was in asking, in milliseconds.
    package let askedLate: Double
    /// From the due time to the gateway's hello, for ``Kind/webSocket``.
    package let hello: Double?
    /// From the due time to the whole answer, or to giving up.
    package let latency: Double
    /// Whether the right answer came.
    package let isAnswered: Bool
    /// The gateway's own `eventLoop.delayMaxMs` in the answer to `health`.
    package let loopDelay: Double?

    package init(
        kind: Kind, due: Double, askedLate: Double, hello: Double? = nil, latency: Double, isAnswered: Bool,
        loopDelay: Double? = nil
    ) {
        self.kind = kind
        self.due = due
        self.askedLate = askedLate
        self.hello = hello
        self.latency = latency
        self.isAnswered = isAnswered
        self.loopDelay = loopDelay
    }

    /// Its line, without an end.
    package var line: String {
        var object = JSONObject([
            ("kind", .string(kind.rawValue)), ("due", .number(due)), ("late", .number(askedLate)),
            ("ms", .number(latency)), ("ok", .bool(isAnswered)),
        ])
        if let hello { object["hello"] = .number(hello) }
        if let loopDelay { object["loop"] = .number(loopDelay) }
        return JSONValue.object(object).text()
    }

    /// Reads a line back.
    package init(line: some StringProtocol) throws {
        let object = try JSONValue.parse(String(line))
        guard let kind = object["kind"]?.string.flatMap(Kind.init(rawValue:)), let due = object["due"]?.double,
            let latency = object["ms"]?.double, let isAnswered = object["ok"]?.bool
        else { throw BenchmarkError(.malformedAnswer, "This is no sample of the prober.") }
        self.init(
            kind: kind, due: due, askedLate: object["late"]?.double ?? 0, hello: object["hello"]?.double,
            latency: latency, isAnswered: isAnswered, loopDelay: object["loop"]?.double)
    }
}
