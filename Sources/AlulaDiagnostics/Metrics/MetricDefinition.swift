/// Everything there is to know about one metric: what it is called, what it counts, and what it means to an operator.
///
/// A table of these is the only source: ``MetricsRegistry`` emits nothing else, the `HELP` and `TYPE` lines and the page
/// for operators come from it.
package struct MetricDefinition: Sendable, Hashable {
    /// In what the values are measured.
    package enum Unit: String, Sendable, CaseIterable {
        case seconds
        case bytes
        /// A point in time, as seconds since 1970.
        case timestamp = "seconds since 1970"
        /// A share from 0 to 1.
        case ratio
        /// 1 for yes, 0 for no.
        case flag = "1 or 0"
        /// Money.
        case dollars = "US dollars"
        /// How many there are.
        case count

        /// As it stands behind the type on the page.
        var words: String { self == .flag ? rawValue : "in \(rawValue)" }
    }

    /// One label with the values it may have.
    package struct Label: Sendable, Hashable {
        package enum Values: Sendable, Hashable {
            /// These and no others.
            case closed([String])
            /// What the configuration or the build says, so many at most.
            case open(String, maximum: Int)
        }

        package let name: String
        package let values: Values

        package init(_ name: String, _ values: [String]) {
            self.name = name
            self.values = .closed(values)
        }

        package init(_ name: String, open meaning: String, maximum: Int) {
            self.name = name
            values = .open(meaning, maximum: maximum)
        }

        fileprivate var maximum: Int {
            switch values {
            case .closed(let values): values.count
            case .open(_, let maximum): maximum
            }
        }

        func allows(_ value: String) -> Bool {
            if case .closed(let values) = values { values.contains(value) } else { true }
        }
    }

    /// As Prometheus knows it, such as `alula_warms_ended_total`.
    package let name: String
    package let kind: MetricKind
    package let unit: Unit
    package let labels: [Label]
    /// Series at most, where not every combination of values occurs; `nil` where any may.
    private let bound: Int?
    /// One plain sentence, with its full stop.
    package let help: String
    /// When an operator should look closer; one plain sentence.
    package let worry: String
    /// Why a healthy gateway may not show it; `nil` for what is always there.
    package let absence: String?

    package init(
        _ name: String, _ kind: MetricKind, _ unit: Unit, _ labels: [Label] = [], atMost bound: Int? = nil,
        help: String, worry: String, absence: String? = nil
    ) {
        self.name = name
        self.kind = kind
        self.unit = unit
        self.labels = labels
        self.bound = bound
        self.help = help
        self.worry = worry
        self.absence = absence
    }

    /// Series at most; a histogram's buckets count as one.
    package var maximumSeries: Int { bound ?? labels.reduce(1) { $0 * $1.maximum } }

    /// Whether its series are there before anything was counted, so that a first occurrence shows as a rise.
    var startsAtZero: Bool {
        guard absence == nil else { return false }
        return switch kind {
        case .counter: maximumSeries <= 64
        case .histogram: maximumSeries <= 4
        case .gauge: false
        }
    }

    /// All combinations of values of closed labels.
    var combinations: [[String]] {
        labels.reduce([[]]) { combinations, label in
            guard case .closed(let values) = label.values else { return [] }
            return combinations.flatMap { known in values.map { known + [$0] } }
        }
    }
}

/// One value that was read when somebody asked for the metrics.
package struct MetricSample: Sendable, Hashable {
    package let definition: MetricDefinition
    /// One for each label, in their order.
    package let values: [String]
    package let number: Double

    package init(_ definition: MetricDefinition, _ values: [String], _ number: Double) {
        self.definition = definition
        self.values = values
        self.number = number
    }

    package init(_ definition: MetricDefinition, _ values: [String], _ number: some BinaryInteger) {
        self.init(definition, values, Double(number))
    }

    /// 1 for yes, 0 for no.
    package init(_ definition: MetricDefinition, _ values: [String], _ isTrue: Bool) {
        self.init(definition, values, isTrue ? 1.0 : 0)
    }

    // MARK: Without labels

    package init(_ definition: MetricDefinition, _ number: Double) { self.init(definition, [], number) }
    package init(_ definition: MetricDefinition, _ number: some BinaryInteger) { self.init(definition, [], number) }
    /// 1 for yes, 0 for no.
    package init(_ definition: MetricDefinition, _ isTrue: Bool) { self.init(definition, [], isTrue) }
}
