/// Builds Prometheus' text format 0.0.4.
struct PrometheusText {
    private var lines: [String] = []

    /// All lines, each ended.
    var result: String { lines.joined(separator: "\n") + (lines.isEmpty ? "" : "\n") }

    /// Adds a metric with all its series, sorted by their labels.
    mutating func append(_ family: MetricsRegistry.Family, as metric: String) {
        if let help = family.help { lines.append("# HELP \(metric) \(Self.escaped(help, quotes: false))") }
        lines.append("# TYPE \(metric) \(family.kind.word)")
        for (labels, series) in family.series.sorted(by: { $0.key.pairs.lexicographicallyPrecedes($1.key.pairs) }) {
            let value = series.current
            guard case .histogram(let edges) = family.kind else {
                lines.append("\(metric)\(Self.braces(labels.pairs)) \(Self.number(value.number))")
                continue
            }
            var seen: UInt64 = 0
            for (edge, count) in zip(edges.values, value.buckets) {
                seen += count
                lines.append("\(metric)_bucket\(Self.braces(labels.pairs + ["le=\"\(Self.number(edge))\""])) \(seen)")
            }
            lines.append("\(metric)_bucket\(Self.braces(labels.pairs + ["le=\"+Inf\""])) \(value.count)")
            lines.append("\(metric)_sum\(Self.braces(labels.pairs)) \(Self.number(value.number))")
            lines.append("\(metric)_count\(Self.braces(labels.pairs)) \(value.count)")
        }
    }

    /// Adds how many series were refused.
    mutating func append(dropped: UInt64) {
        lines.append("# TYPE alula_metrics_series_dropped_total counter")
        lines.append("alula_metrics_series_dropped_total \(dropped)")
    }

    /// Dots become underscores; a counter ends in `_total`, a histogram of durations in `_seconds`.
    static func name(_ name: String, kind: MetricKind) -> String {
        let text = identifier(name, allowsColons: true)
        return switch kind {
        case .counter where !text.hasSuffix("_total"): text + "_total"
        case .histogram(.ofDurations) where !text.hasSuffix("_seconds"): text + "_seconds"
        default: text
        }
    }

    /// The name of a dimension. `le` belongs to the histograms, so a dimension of that name gets another.
    static func labelName(_ name: String) -> String {
        let text = identifier(name, allowsColons: false)
        return text == "le" ? "le_" : text
    }

    /// One dimension, as it stands between braces.
    static func label(_ name: String, _ value: String) -> String { "\(name)=\"\(escaped(value, quotes: true))\"" }

    /// A number as Prometheus reads it.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let exact = Int64(exactly: value) { return String(exact) }
        return "\(value)"
    }

    private static func identifier(_ name: String, allowsColons: Bool) -> String {
        var text = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "_": text.unicodeScalars.append(scalar)
            case ":" where allowsColons: text.unicodeScalars.append(scalar)
            case "0"..."9":
                if text.isEmpty { text = "_" }
                text.unicodeScalars.append(scalar)
            default: text += "_"
            }
        }
        return text.isEmpty ? "_" : text
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
