import AlulaConfiguration
import AlulaDiagnostics

/// What came of reading the configuration again. Raw values are label values.
enum ConfigurationReading: String, CaseIterable, Sendable {
    /// What is on disk is in force.
    case ok
    /// The file can't be used as it is; the last good one stays.
    case unreadable
    /// Nothing was read in time.
    case failed
}

/// How the configuration and the log stand.
enum ConfigurationMetrics {
    static let reloads = MetricDefinition(
        "alula_config_reloads_total", .counter, .count,
        [.init("result", ConfigurationReading.allCases.map(\.rawValue))],
        help: "Times that the configuration was read again.",
        worry: "`unreadable` or `failed` rise; the log names the place.")
    static let unreadable = MetricDefinition(
        "alula_config_unreadable", .gauge, .flag,
        help: "Whether the configuration on disk can't be used, so that an earlier one is in force.",
        worry: "1: `alula config validate` shows the mistake.")
    static let problems = MetricDefinition(
        "alula_config_problems", .gauge, .count,
        [.init("severity", ConfigurationProblem.Severity.allCases.map(\.rawValue))],
        help: "What is wrong with the configuration on disk.",
        worry: "`error` is above 0: `alula config validate` shows each.")
    static let staleParts = MetricDefinition(
        "alula_config_stale", .gauge, .flag, [.init("part", ReloadPart.names)],
        help: "Whether a part of the gateway still goes by an older configuration because it can't use the newer.",
        worry: "1: the log says why.")
    static let logDropped = MetricDefinition(
        "alula_log_events_dropped_total", .counter, .count, [.init("place", ["console", "file"])],
        help: "Events of the log that found its queue full.",
        worry: "It rises: what reads standard error, or the disk of the log, is blocked.")

    static let all = [reloads, unreadable, problems, staleParts, logDropped]

    static func samples(
        _ state: LoadedState, staleParts names: [String], dropped: (console: UInt64, file: UInt64)
    ) -> [MetricSample] {
        let severities = ConfigurationProblem.Severity.allCases
        return [
            MetricSample(unreadable, state.isUnreadable), MetricSample(logDropped, ["console"], dropped.console),
            MetricSample(logDropped, ["file"], dropped.file),
        ]
            + severities.map { severity in
                MetricSample(problems, [severity.rawValue], state.problems.count { $0.severity == severity })
            } + ReloadPart.names.map { MetricSample(staleParts, [$0], names.contains($0)) }
    }
}
