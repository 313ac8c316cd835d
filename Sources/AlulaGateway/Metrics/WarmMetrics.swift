import AlulaAuth
import AlulaDiagnostics
import AlulaPrimitives

/// How warms go.
enum WarmMetrics {
    private static let outcome = MetricDefinition.Label("outcome", WarmStatus.Outcome.allCases.map(\.rawValue))
    private static let trigger = MetricDefinition.Label("trigger", WarmStatus.Trigger.allCases.map(\.rawValue))

    static let ended = MetricDefinition(
        "alula_warms_ended_total", .counter, .count, [outcome, trigger],
        help: "Warms that ended, by outcome and by what asked for them.",
        worry: "`failed` or `timed_out` rises again and again: what clients are told grows old.")
    static let duration = MetricDefinition(
        "alula_warms_duration_seconds", .histogram(.ofDurations), .seconds, [outcome],
        help: "How long warms took.",
        worry: "The 99th percentile reaches seconds: a store or a helper program is slow.")
    static let fallbacks = MetricDefinition(
        "alula_warms_fallbacks_total", .counter, .count,
        help: "Warms gathered in the gateway itself because the worker could not be started.",
        worry: "Above 0: the worker does not start; `alula doctor --self-test` says why.")
    static let running = MetricDefinition(
        "alula_warms_running", .gauge, .flag, help: "Whether a warm is running.",
        worry: "1 for more than a minute: something that the warm reads hangs.")
    static let failedAttempts = MetricDefinition(
        "alula_warms_failed_attempts", .gauge, .count, help: "Failed warms since the last good one.",
        worry: "Above 2: the cause does not go away by itself; the log names it.")
    static let nextRetry = MetricDefinition(
        "alula_warms_next_retry_seconds", .gauge, .seconds, help: "Time until a failed warm is tried again.",
        worry: "It is there for long: see `alula_warms_failed_attempts`.", absence: "no retry is due.")
    static let dirtySources = MetricDefinition(
        "alula_warms_dirty_sources", .gauge, .count, help: "Sources that wait to be read again.",
        worry: "It does not return to 0 within a minute of the last edit.")

    static let all = [ended, duration, fallbacks, running, failedAttempts, nextRetry, dirtySources]

    static func samples(_ warm: WarmStatus, now: Timestamp) -> [MetricSample] {
        var samples = [
            MetricSample(running, warm.runningSince != nil), MetricSample(failedAttempts, warm.failedAttempts),
            MetricSample(dirtySources, warm.dirtySources),
        ]
        if let next = warm.nextRetryAt {
            samples.append(MetricSample(nextRetry, max(next.duration(since: now), .zero).seconds))
        }
        return samples
    }
}
