/// Metrics that were read back from Prometheus' text format: what `alula top` looks at.
///
/// It is lenient: a line that is none is left out.
package struct MetricsText: Sendable, Hashable {
    /// One line with a value.
    package struct Sample: Sendable, Hashable {
        /// With a histogram's ending, such as `_bucket`.
        package var name: String
        package var labels: [String: String]
        package var value: Double
    }

    /// In the text's order.
    package private(set) var samples: [Sample] = []

    package init(_ text: String) {
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            if let sample = Self.sample(line) { samples.append(sample) }
        }
    }

    /// All values of a metric.
    package func values(_ name: String) -> [Sample] { samples.filter { $0.name == name } }

    /// The value of the metric whose labels include `labels`; the sum where several do, and `nil` where none does.
    package func sum(_ name: String, where labels: [String: String] = [:]) -> Double? {
        let found = samples.filter { sample in
            sample.name == name && labels.allSatisfy { sample.labels[$0.key] == $0.value }
        }
        return found.isEmpty ? nil : found.reduce(0) { $0 + $1.value }
    }

    private static func sample(_ line: Substring) -> Sample? {
        let name = line.prefix { $0 != "{" && $0 != " " }
        var rest = line.dropFirst(name.count)
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest = rest.dropFirst()
            while let label = nextLabel(&rest) { labels[label.name] = label.value }
            guard rest.first == "}" else { return nil }
            rest = rest.dropFirst()
        }
        guard !name.isEmpty, rest.first == " ", let value = number(rest.dropFirst()) else { return nil }
        return Sample(name: String(name), labels: labels, value: value)
    }

    private static func nextLabel(_ rest: inout Substring) -> (name: String, value: String)? {
        if rest.first == "," { rest = rest.dropFirst() }
        guard let equals = rest.firstIndex(of: "="), rest.first != "}" else { return nil }
        let name = String(rest[..<equals])
        rest = rest[rest.index(after: equals)...]
        guard rest.first == "\"" else { return nil }
        rest = rest.dropFirst()
        var value = ""
        while let character = rest.popFirst() {
            switch character {
            case "\"": return (name, value)
            case "\\":
                guard let escaped = rest.popFirst() else { return nil }
                value.append(escaped == "n" ? "\n" : escaped)
            default: value.append(character)
            }
        }
        return nil
    }

    private static func number(_ text: Substring) -> Double? {
        switch text {
        case "+Inf": .infinity
        case "-Inf": -.infinity
        case "NaN": .nan
        default: Double(text)
        }
    }
}
