import AlulaJSON

/// One line of the table: a quantity, what is promised about it, and what was measured.
struct ResultRow: Sendable {
    /// How a value is shown. Raw values are the unit's name in the JSON.
    enum Unit: String, Sendable {
        case milliseconds = "ms"
        case microseconds = "us"
        case megabytes = "MB"
        case kilobytes = "kB"
        /// More is better.
        case perSecond = "/s"
        case percent = "%"
        case count = ""
    }

    /// How a measured value stands to what is promised. Raw values are stable.
    enum Verdict: String, Sendable {
        case aim
        case must
        case missed = "MISSED"
        case notPromised = "-"
        case notMeasured = "not measured"
    }

    /// Stable, for programs.
    let key: String
    /// For people.
    let what: String
    let unit: Unit
    let must: Double?
    let aim: Double?
    var alula: Double?
    var naive: Double?
    /// The part of a run that measures it, as `--only` takes it.
    var part: BenchmarkPart?

    init(
        _ key: String, _ what: String, _ unit: Unit, must: Double? = nil, aim: Double? = nil, alula: Double? = nil,
        naive: Double? = nil
    ) {
        self.key = key
        self.what = what
        self.unit = unit
        self.must = must
        self.aim = aim
        self.alula = alula
        self.naive = naive
    }

    /// How the value stands to what is promised.
    var verdict: Verdict {
        guard let alula else { return .notMeasured }
        guard let must else { return .notPromised }
        func reaches(_ bound: Double) -> Bool { unit == .perSecond ? alula >= bound : alula <= bound }
        if let aim, reaches(aim) { return .aim }
        return reaches(must) ? .must : .missed
    }

    /// What the table says: must, aim, our value, the naive one.
    var cells: [String] {
        [must, aim, alula, naive].map { text($0) }
    }

    var document: JSONValue {
        func number(_ value: Double?) -> JSONValue { value.map { .number(Self.rounded($0)) } ?? .null }
        return [
            "key": .string(key), "what": .string(what), "unit": .string(unit.rawValue), "must": number(must),
            "aim": number(aim), "alula": number(alula), "naive": number(naive), "verdict": .string(verdict.rawValue),
            "part": part.map { .string($0.rawValue) } ?? .null,
        ]
    }

    /// A value with its unit: three digits that count, seconds from a second on.
    func text(_ value: Double?) -> String {
        guard let value else { return "–" }
        if unit == .milliseconds, value >= 1000 { return "\(Self.digits(value / 1000)) s" }
        if unit == .count { return Self.digits(value) }
        return "\(Self.digits(value)) \(unit == .microseconds ? "µs" : unit.rawValue)"
    }

    private static func digits(_ value: Double) -> String {
        if value >= 100 { return "\(Int(value.rounded()))" }
        let steps = value >= 10 ? 10.0 : value >= 1 ? 100.0 : 1000.0
        let scaled = (value * steps).rounded() / steps
        return scaled == scaled.rounded() ? "\(Int(scaled))" : "\(scaled)"
    }

    private static func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }
}
