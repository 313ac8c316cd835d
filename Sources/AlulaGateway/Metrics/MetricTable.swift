import AlulaDiagnostics

/// Every metric of the gateway, in the order of the page for operators.
enum MetricTable {
    static let sections: [(title: String, definitions: [MetricDefinition])] = [
        ("Warms", WarmMetrics.all),
        ("Answers", AnswerMetrics.all),
        ("Threads", ThreadMetrics.all),
        ("Clients", ServerMetrics.all),
        ("Use of models", UsageMetrics.all),
        ("Configuration and log", ConfigurationMetrics.all),
        ("Process", ProcessMetrics.all + [MetricsRegistry.refused]),
    ]

    static var definitions: [MetricDefinition] { sections.flatMap(\.definitions) }

    /// `Documentation/Reference/metrics.md`.
    static var page: String { MetricReference.page(sections) }
}
