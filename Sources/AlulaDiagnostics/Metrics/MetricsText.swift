/// Metrics that were read back from Prometheus' text format: what `alula top` and the tests look at.
///
/// It is lenient: a line that makes no sense, or whose value is not a number, is left out and hides nothing else.
package struct MetricsText: Sendable, Hashable {
    /// One line with a value.
    package struct Sample: Sendable, Hashable {
        /// With a histogram's ending, such as `_bucket`.
        package var name: String
        package var labels: [String: String]
        package var value: Double
    }

    private typealias Bytes = Substring.UTF8View.SubSequence

    /// Most samples that are kept of one name.
    package static let maximumSamples = 4096

    /// In the text's order.
    package private(set) var samples: [Sample] = []

    /// - Parameter names: The only ones that are kept; `nil` for all.
    package init(_ text: String, names: Set<String>? = nil) {
        var counts: [String: Int] = [:]
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) where line.first != UInt8(ascii: "#") {
            let end = line.firstIndex { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: " ") } ?? line.endIndex
            let name = String(decoding: line[..<end], as: UTF8.self)
            guard !name.isEmpty, names?.contains(name) ?? true, counts[name, default: 0] < Self.maximumSamples,
                let sample = Self.sample(name, line[end...])
            else { continue }
            counts[name, default: 0] += 1
            samples.append(sample)
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

    /// What follows the name: labels in braces, perhaps, a space, and the value, with a time behind it, perhaps.
    private static func sample(_ name: String, _ text: Bytes) -> Sample? {
        var rest = text
        var labels: [String: String] = [:]
        if rest.first == UInt8(ascii: "{") {
            rest.removeFirst()
            while rest.first != UInt8(ascii: "}") {
                guard let (name, value) = label(&rest) else { return nil }
                labels[name] = value
                if rest.first == UInt8(ascii: ",") { rest.removeFirst() }
            }
            rest.removeFirst()
        }
        guard rest.first == UInt8(ascii: " "), let word = rest.split(separator: UInt8(ascii: " ")).first,
            let value = Double(String(decoding: word, as: UTF8.self)), !value.isNaN
        else { return nil }
        return Sample(name: name, labels: labels, value: value)
    }

    /// `name="value"`, where a backslash makes the next character one of the value.
    private static func label(_ rest: inout Bytes) -> (name: String, value: String)? {
        guard let equals = rest.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        let name = String(decoding: rest[..<equals], as: UTF8.self)
        rest = rest[rest.index(after: equals)...]
        guard rest.popFirst() == UInt8(ascii: "\"") else { return nil }
        var value: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return (name, String(decoding: value, as: UTF8.self))
            case UInt8(ascii: "\\"):
                guard let escaped = rest.popFirst() else { return nil }
                value.append(escaped == UInt8(ascii: "n") ? UInt8(ascii: "\n") : escaped)
            default: value.append(byte)
            }
        }
        return nil
    }
}
