import AlulaAuth
import AlulaDiagnostics
import AlulaPrimitives

/// What is answered, and how old it is.
enum AnswerMetrics {
    /// Providers that may be shown; more than anybody has.
    private static let maximumProviders = 1000

    static let changes = MetricDefinition(
        "alula_answers_changes_total", .counter, .count, help: "Answers about providers that changed.",
        worry: "It rises all the time: a login or a store flaps.")
    static let scopeMisses = MetricDefinition(
        "alula_answers_scope_misses_total", .counter, .count,
        [.init("field", ScopeMismatch.allCases.map(\.rawValue))],
        help: "Answers computed for callers outside the prepared scope, by what did not match.",
        worry: "It rises steadily: some client asks for what is never prepared, which costs a reading each time.")
    static let generation = MetricDefinition(
        "alula_warms_generation", .gauge, .count,
        help: "The number of the snapshot that is served; 0 before there is one.",
        worry: "It stays although logins change.")
    static let preparedAt = MetricDefinition(
        "alula_snapshot_prepared_timestamp_seconds", .gauge, .timestamp,
        help: "When the snapshot that is served was prepared; its age is `time()` less this.",
        worry: "It is older than the last change of a login.", absence: "nothing was prepared yet.")
    static let stale = MetricDefinition(
        "alula_warms_stale", .gauge, .flag, help: "Whether what is served is known to be old.",
        worry: "1 for more than a minute: clients are told yesterday's truth.")
    static let gathered = MetricDefinition(
        "alula_warms_gathered", .gauge, .flag,
        [.init("by", PreparedAuth.Gathering.allCases.map(\.rawValue))],
        help: "How the facts behind the served answers were gathered; 1 for one of them.",
        worry: "`worker` is 0 for long after the start.")
    static let available = MetricDefinition(
        "alula_providers_available", .gauge, .flag,
        [.init("provider", open: "providers of the configuration and of the catalogue", maximum: maximumProviders)],
        help: "Whether a provider can answer for the default agent.",
        worry: "A provider that you pay for shows 0; `alula models status` says why.",
        absence: "nothing was prepared yet, or the provider has left the configuration.")
    static let saveFailures = MetricDefinition(
        "alula_snapshot_save_failures_total", .counter, .count,
        help: "Snapshots that could not be written to disk.",
        worry: "It rises: the next start has no answers at once. The disk may be full.")

    static let all = [changes, scopeMisses, generation, preparedAt, stale, gathered, available, saveFailures]

    static func samples(_ warm: WarmStatus, _ prepared: PreparedAuth?) -> [MetricSample] {
        var samples = [
            MetricSample(generation, prepared?.generation ?? 0), MetricSample(stale, warm.isServingStale),
        ]
        for gathering in PreparedAuth.Gathering.allCases {
            samples.append(MetricSample(gathered, [gathering.rawValue], prepared?.gathering == gathering))
        }
        for mismatch in ScopeMismatch.allCases {
            let misses = warm.scopeMisses[mismatch.rawValue] ?? 0
            samples.append(MetricSample(scopeMisses, [mismatch.rawValue], misses))
        }
        guard let prepared else { return samples }
        samples.append(MetricSample(preparedAt, Double(prepared.preparedAt.milliseconds) / 1000))
        guard let answers = prepared.agents[prepared.context.defaultAgent] else { return samples }
        for provider in answers.providers.sorted() where prepared.context.providerIDs.contains(provider) {
            samples.append(MetricSample(available, [provider.rawValue], answers[provider]?.isAvailable == true))
        }
        return samples
    }
}
