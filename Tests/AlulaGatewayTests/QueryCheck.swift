import AlulaDiagnostics

/// Reads a query of Prometheus' language as far as it takes to see which series and labels it is about.
struct QueryCheck {
    private enum Token: Equatable {
        case word(String)
        case number(String)
        case text(String)
        case sign(Character)
    }

    private static let functions: Set<String> = [
        "avg", "count", "histogram_quantile", "increase", "max", "min", "rate", "sum", "time",
    ]
    private static let groupings: Set<String> = ["by", "without", "on", "ignoring"]
    /// Labels that Prometheus adds.
    private static let added: Set<String> = ["instance", "job"]

    private let known: [String: MetricDefinition]
    private let labels: Set<String>
    private var tokens: ArraySlice<Token> = []

    /// What is wrong, in words; empty when all is well.
    private(set) var complaints: [String] = []
    /// Metrics of the table that the query is about.
    private(set) var metrics: Set<String> = []

    init(_ query: String, _ definitions: [MetricDefinition]) {
        var known: [String: MetricDefinition] = [:]
        for definition in definitions {
            if case .histogram = definition.kind {
                for ending in ["_bucket", "_sum", "_count"] { known[definition.name + ending] = definition }
            } else {
                known[definition.name] = definition
            }
        }
        self.known = known
        labels = Set(definitions.flatMap { $0.labels.map(\.name) }).union(Self.added).union(["le"])
        guard let tokens = Self.tokens(query) else {
            complaints.append("no query: \(query)")
            return
        }
        self.tokens = tokens[...]
        expression()
        if let rest = self.tokens.first { complaints.append("\(rest) is too much in \(query)") }
        if metrics.isEmpty { complaints.append("no series in \(query)") }
    }

    // MARK: Grammar

    /// Operands with operators between them.
    private mutating func expression() {
        operand()
        while case .sign(let sign)? = tokens.first, "+-*/<>".contains(sign) {
            tokens.removeFirst()
            operand()
        }
    }

    private mutating func operand() {
        switch tokens.popFirst() {
        case .number: return
        case .sign("("):
            expression()
            expect(")")
        case .word(let name):
            if Self.functions.contains(name) { call(name) } else { series(name) }
        case let other: complaints.append("\(other.map { "\($0)" } ?? "the end") where something to count should be")
        }
    }

    private mutating func call(_ name: String) {
        if case .word(let word)? = tokens.first, Self.groupings.contains(word) {
            tokens.removeFirst()
            grouping()
        }
        expect("(")
        if tokens.first != .sign(")") {
            expression()
            while tokens.first == .sign(",") {
                tokens.removeFirst()
                expression()
            }
        }
        expect(")")
    }

    private mutating func grouping() {
        expect("(")
        while case .word(let label)? = tokens.first {
            tokens.removeFirst()
            if !labels.contains(label) { complaints.append("no series has the label \(label)") }
            if tokens.first == .sign(",") { tokens.removeFirst() }
        }
        expect(")")
    }

    private mutating func series(_ name: String) {
        guard let definition = known[name] else {
            complaints.append("\(name) is no series of the table")
            skipToEnd()
            return
        }
        metrics.insert(definition.name)
        if tokens.first == .sign("{") { matchers(of: definition, isBucket: name.hasSuffix("_bucket")) }
        let hasRange = tokens.first == .sign("[")
        if hasRange {
            tokens.removeFirst()
            while let token = tokens.first, token != .sign("]") { tokens = tokens.dropFirst() }
            expect("]")
        }
        if hasRange == (definition.kind == .gauge) {
            complaints.append("\(name) is a \(definition.kind.word), with\(hasRange ? "" : "out") a range")
        }
    }

    private mutating func matchers(of definition: MetricDefinition, isBucket: Bool) {
        expect("{")
        while case .word(let label)? = tokens.first {
            tokens.removeFirst()
            var comparison = ""
            while case .sign(let sign)? = tokens.first {
                comparison.append(sign)
                tokens.removeFirst()
            }
            if !["=", "!=", "=~", "!~"].contains(comparison) { complaints.append("\(comparison) compares nothing") }
            guard case .text(let value)? = tokens.popFirst() else {
                complaints.append("\(label) is compared with nothing")
                return
            }
            judge(label, comparison, value, of: definition, isBucket: isBucket)
            if tokens.first == .sign(",") { tokens.removeFirst() }
        }
        expect("}")
    }

    private mutating func judge(
        _ label: String, _ comparison: String, _ value: String, of definition: MetricDefinition, isBucket: Bool
    ) {
        guard !Self.added.contains(label), !(isBucket && label == "le") else { return }
        guard let found = definition.labels.first(where: { $0.name == label }) else {
            complaints.append("\(definition.name) has no label \(label)")
            return
        }
        // What matches nothing draws nothing.
        if case .closed(let values) = found.values, ["=", "!="].contains(comparison), !values.contains(value) {
            complaints.append("\(label) of \(definition.name) is never \(value)")
        }
    }

    private mutating func expect(_ sign: Character) {
        guard tokens.first == .sign(sign) else {
            complaints.append("\(sign) is missing before \(tokens.first.map { "\($0)" } ?? "the end")")
            return
        }
        tokens.removeFirst()
    }

    private mutating func skipToEnd() { tokens = [] }

    // MARK: Words

    private static func tokens(_ query: String) -> [Token]? {
        var tokens: [Token] = []
        var rest = query[...]
        while let first = rest.first {
            if first.isWhitespace {
                rest.removeFirst()
            } else if first.isLetter || first == "_" || first == "$" {
                let word = rest.prefix { $0.isLetter || $0.isNumber || "_:$".contains($0) }
                tokens.append(.word(String(word)))
                rest = rest.dropFirst(word.count)
            } else if first.isNumber {
                let number = rest.prefix { $0.isNumber || $0.isLetter || $0 == "." }
                tokens.append(.number(String(number)))
                rest = rest.dropFirst(number.count)
            } else if first == "\"" {
                let text = rest.dropFirst().prefix { $0 != "\"" }
                rest = rest.dropFirst(text.count + 1)
                guard rest.popFirst() == "\"" else { return nil }
                tokens.append(.text(String(text)))
            } else {
                guard "(){}[],=!~<>+-*/".contains(first) else { return nil }
                tokens.append(.sign(first))
                rest.removeFirst()
            }
        }
        return tokens
    }
}
