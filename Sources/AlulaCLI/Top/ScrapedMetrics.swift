/// The series of a page in Prometheus' text format, as far as somebody wants them.
struct ScrapedMetrics {
    struct Series {
        var labels: [String: String]
        var value: Double
    }

    /// Most series that are kept of one name.
    static let maximumSeries = 4096

    private var families: [String: [Series]] = [:]

    /// - Parameter names: What is kept. Lines that make no sense are passed over: one bad line hides nothing else.
    init(_ page: String, names: Set<String>) {
        for line in page.utf8.split(separator: UInt8(ascii: "\n")) where line.first != UInt8(ascii: "#") {
            let end = line.firstIndex { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: " ") } ?? line.endIndex
            let name = String(decoding: line[..<end], as: UTF8.self)
            guard names.contains(name), let series = Self.series(line[end...]),
                families[name, default: []].count < Self.maximumSeries
            else { continue }
            families[name, default: []].append(series)
        }
    }

    subscript(name: String) -> [Series] { families[name] ?? [] }

    /// The value of the first series of that name.
    func value(_ name: String) -> Double? { families[name]?.first?.value }

    /// What follows the name: labels in braces, perhaps, a space, and the value, with a time behind it, perhaps.
    private static func series(_ text: Substring.UTF8View.SubSequence) -> Series? {
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
        guard let word = rest.split(separator: UInt8(ascii: " ")).first,
            let value = Double(String(decoding: word, as: UTF8.self)), !value.isNaN
        else { return nil }
        return Series(labels: labels, value: value)
    }

    /// `name="value"`, where a backslash makes the next character one of the value.
    private static func label(_ rest: inout Substring.UTF8View.SubSequence) -> (String, String)? {
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
