import Synchronization

/// How a metric counts.
package enum MetricKind: Hashable, Sendable {
    case counter, gauge
    case histogram(HistogramEdges)

    /// The word of Prometheus' `TYPE` line.
    package var word: String {
        switch self {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }
}

/// The upper edges of a histogram's buckets.
package enum HistogramEdges: Hashable, Sendable {
    /// In seconds, from half a millisecond to two minutes.
    case ofDurations
    /// In seconds, from half a millisecond to ten seconds, fewer of them: for what has many series.
    case ofAnswers
    /// Of things, from 1 to a million.
    case ofCounts
    /// Of tokens, as OpenTelemetry's conventions for generative AI have them.
    case ofTokens
    /// In seconds, for operations of generative AI, by the same conventions.
    case ofOperations

    private static let durations = [
        0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120,
    ]
    private static let answers = [0.0005, 0.001, 0.005, 0.02, 0.1, 0.5, 2.5, 10]
    private static let counts: [Double] = [
        1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 1_000_000,
    ]

    private static let tokens = (0..<14).map { Double(1 << (2 * $0)) }
    private static let operations = (0..<14).map { Double(1 << $0) / 100 }

    /// Rising; what is above the last counts as `+Inf`.
    var values: [Double] {
        switch self {
        case .ofDurations: Self.durations
        case .ofAnswers: Self.answers
        case .ofCounts: Self.counts
        case .ofTokens: Self.tokens
        case .ofOperations: Self.operations
        }
    }
}

/// The value of one metric under one set of labels.
package final class MetricSeries: Sendable {
    struct Value {
        var number = 0.0
        var count: UInt64 = 0
        var buckets: [UInt64] = []
    }

    private let value: Mutex<Value>
    private let kind: MetricKind
    private let edges: [Double]

    init(kind: MetricKind) {
        self.kind = kind
        if case .histogram(let edges) = kind { self.edges = edges.values } else { edges = [] }
        value = Mutex(Value(buckets: Array(repeating: 0, count: edges.count)))
    }

    var current: Value { value.withLock { $0 } }

    /// Adds to the number; a counter never falls.
    package func add(_ amount: Double) {
        guard kind != .counter || amount > 0 else { return }
        value.withLock { $0.number += amount }
    }

    package func set(_ number: Double) { value.withLock { $0.number = number } }

    func reset() { value.withLock { $0 = Value(buckets: Array(repeating: 0, count: edges.count)) } }

    /// A gauge takes the value; a histogram counts it, unless it is no number, which would spoil the sum for good.
    package func observe(_ amount: Double) {
        guard case .histogram = kind else { return set(amount) }
        guard !amount.isNaN else { return }
        let bucket = edges.firstIndex { amount <= $0 }
        value.withLock { value in
            if let bucket { value.buckets[bucket] += 1 }
            value.count += 1
            value.number += amount
        }
    }
}
