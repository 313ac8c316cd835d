/// Builds Prometheus' text format 0.0.4.
struct PrometheusText {
    private var lines: [String] = []

    /// All lines, each ended.
    var result: String { lines.joined(separator: "\n") + (lines.isEmpty ? "" : "\n") }

    /// Adds a metric with all its series, sorted by their values.
    mutating func append(_ definition: MetricDefinition, _ family: [[String]: MetricSeries]) {
        let metric = definition.name
        lines.append("# HELP \(metric) \(Self.escaped(definition.help, quotes: false))")
        lines.append("# TYPE \(metric) \(definition.kind.word)")
        for (values, series) in family.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let labels = zip(definition.labels, values).map { label, value in
                "\(label.name)=\"\(Self.escaped(value, quotes: true))\""
            }
            append(metric, labels, series.current, definition.kind)
        }
    }

    private mutating func append(_ metric: String, _ labels: [String], _ value: MetricSeries.Value, _ kind: MetricKind)
    {
        guard case .histogram(let edges) = kind else {
            lines.append("\(metric)\(Self.braces(labels)) \(Self.number(value.number))")
            return
        }
        var seen: UInt64 = 0
        for (edge, count) in zip(edges.values, value.buckets) {
            seen += count
            lines.append("\(metric)_bucket\(Self.braces(labels + ["le=\"\(Self.number(edge))\""])) \(seen)")
        }
        lines.append("\(metric)_bucket\(Self.braces(labels + ["le=\"+Inf\""])) \(value.count)")
        lines.append("\(metric)_sum\(Self.braces(labels)) \(Self.number(value.number))")
        lines.append("\(metric)_count\(Self.braces(labels)) \(value.count)")
    }

    /// What a metric of swift-metrics may be called in the table: with the ending of its kind, or as it is.
    static func names(_ name: String, kind: MetricKind) -> [String] {
        let text = identifier(name)
        return switch kind {
        case .counter: [text, text + "_total"]
        case .histogram: [text, text + "_seconds"]
        case .gauge: [text]
        }
    }

    /// A name with what Prometheus does not allow replaced by underscores.
    static func identifier(_ name: String) -> String {
        var text = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "_": text.unicodeScalars.append(scalar)
            case "0"..."9":
                if text.isEmpty { text = "_" }
                text.unicodeScalars.append(scalar)
            default: text += "_"
            }
        }
        return text.isEmpty ? "_" : text
    }

    /// A number as Prometheus reads it.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let exact = Int64(exactly: value) { return String(exact) }
        return "\(value)"
    }

    /// By scalars: in Swift a carriage return and a line feed are one character, which is no line feed.
    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"" where quotes: result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func braces(_ pairs: [String]) -> String {
        pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}"
    }
}
