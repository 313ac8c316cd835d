/// Builds Prometheus' text format 0.0.4.
struct PrometheusText {
    private var lines: [String] = []

    var result: String { lines.joined(separator: "\n") + (lines.isEmpty ? "" : "\n") }

    mutating func append(_ family: MetricsRegistry.Family, name: String) {
        let metric = Self.name(name, kind: family.kind)
        if let help = family.help { lines.append("# HELP \(metric) \(Self.escapedHelp(help))") }
        lines.append("# TYPE \(metric) \(family.kind.rawValue)")
        for (labels, series) in family.series.sorted(by: { $0.key.pairs.lexicographicallyPrecedes($1.key.pairs) }) {
            let value = series.current
            guard family.kind == .histogram else {
                lines.append("\(metric)\(Self.braces(labels.pairs)) \(Self.number(value.number))")
                continue
            }
            var seen: UInt64 = 0
            for (index, edge) in MetricsRegistry.durationEdges.enumerated() {
                seen += value.buckets.isEmpty ? 0 : value.buckets[index]
                let pairs = labels.pairs + ["le=\"\(Self.number(edge))\""]
                lines.append("\(metric)_bucket\(Self.braces(pairs)) \(seen)")
            }
            lines.append("\(metric)_bucket\(Self.braces(labels.pairs + ["le=\"+Inf\""])) \(value.count)")
            lines.append("\(metric)_sum\(Self.braces(labels.pairs)) \(Self.number(value.number))")
            lines.append("\(metric)_count\(Self.braces(labels.pairs)) \(value.count)")
        }
    }

    mutating func append(dropped: UInt64) {
        lines.append("# TYPE alula_metrics_series_dropped_total counter")
        lines.append("alula_metrics_series_dropped_total \(dropped)")
    }

    /// Dots become underscores; a counter ends in `_total`, a histogram of times in `_seconds`.
    static func name(_ name: String, kind: MetricsRegistry.Kind) -> String {
        var text = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") ? $0 : "_" })
        if text.first?.isNumber ?? true { text = "_" + text }
        switch kind {
        case .counter where !text.hasSuffix("_total"): text += "_total"
        case .histogram where !text.hasSuffix("_seconds") && !text.hasSuffix("_bytes"): text += "_seconds"
        default: break
        }
        return text
    }

    static func label(_ name: String, _ value: String) -> String {
        let key = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? $0 : "_" })
        var escaped = ""
        for character in value {
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.append(character)
            }
        }
        return "\(key)=\"\(escaped)\""
    }

    private static func braces(_ pairs: [String]) -> String {
        pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}"
    }

    private static func escapedHelp(_ text: String) -> String {
        text.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\")
            .split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\\n")
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let exact = Int64(exactly: value) { return String(exact) }
        return "\(value)"
    }
}
