import AlulaAuth
import AlulaDiagnostics
import AlulaPrimitives
import AlulaSystem
import Testing

@testable import AlulaGateway

struct GatewayMetricsTests {
    private static let idle = BlockingPool().statistics
    private let now = Timestamp(milliseconds: 1_780_000_000_000)

    /// The value of each series of a text, by its name with its labels.
    private func series(of text: String) -> [String: String] {
        var found: [String: String] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: " ")
            if parts.count == 2 { found[String(parts[0])] = String(parts[1]) }
        }
        return found
    }

    private func series(
        _ metrics: GatewayMetrics, warm: WarmStatus = WarmStatus(), prepared: PreparedAuth? = nil,
        pool: BlockingPool.Statistics = idle, report: ResponsivenessReport? = nil, stalls: UInt64 = 0
    ) -> [String: String] {
        series(
            of: metrics.text(
                warm: warm, prepared: prepared, pool: pool, responsiveness: report, stalls: stalls, now: now))
    }

    private func prepared() throws -> PreparedAuth {
        let state = try Installation("{}").load(["GROQ_API_KEY": "sk-fake"])
        return AuthPreparer.prepare(
            context: state.context, facts: AuthFacts(environment: state.environmentFact), generation: 41,
            gathering: .blockingPool, now: now)
    }

    @Test func saysHowTheWarmStands() throws {
        let warm = WarmStatus(
            generation: 42, runningSince: now, nextRetryAt: now.advanced(by: .milliseconds(2500)), failedAttempts: 3,
            isServingStale: true, scopeMisses: ["agent_id": 7])
        let found = series(GatewayMetrics(), warm: warm, prepared: try prepared())
        #expect(found["alula_warms_generation"] == "41")
        #expect(found["alula_warms_running"] == "1")
        #expect(found["alula_warms_failed_attempts"] == "3")
        #expect(found["alula_warms_stale"] == "1")
        #expect(found["alula_warms_next_retry_seconds"] == "2.5")
        #expect(found[#"alula_warms_gathered{by="blocking-pool"}"#] == "1")
        #expect(found[#"alula_warms_gathered{by="worker"}"#] == "0")
        #expect(found[#"alula_warms_gathered{by="persisted"}"#] == "0")
        for mismatch in ScopeMismatch.allCases {
            #expect(
                found["alula_answers_scope_misses{field=\"\(mismatch.rawValue)\"}"]
                    == (mismatch == .agent ? "7" : "0"))
        }
        #expect(found[#"alula_providers_available{provider="groq"}"#] == "1")
        #expect(found[#"alula_providers_available{provider="mistral"}"#] == "0")
    }

    @Test func beforeTheFirstAnswerThereAreNoProviders() {
        let found = series(GatewayMetrics())
        #expect(found["alula_warms_generation"] == "0")
        #expect(found["alula_warms_running"] == "0")
        #expect(found["alula_warms_next_retry_seconds"] == nil)
        #expect(!found.keys.contains { $0.hasPrefix("alula_providers_available") })
    }

    @Test func countsWhatHappened() {
        let metrics = GatewayMetrics()
        metrics.workerFellBack()
        metrics.published(changes: 2)
        metrics.published(changes: 3)
        func ended(_ outcome: WarmStatus.Outcome, _ trigger: WarmStatus.Trigger) -> WarmStatus.Result {
            WarmStatus.Result(
                outcome: outcome, trigger: trigger, endedAt: now, durationMilliseconds: 40, gathering: .worker)
        }
        metrics.warmEnded(ended(.ok, .start))
        metrics.warmEnded(ended(.ok, .profileFailure))
        metrics.warmEnded(ended(.ok, .profileFailure))
        metrics.warmEnded(ended(.timedOut, .fileChange))
        let found = series(metrics)
        #expect(found["alula_warms_fallbacks_total"] == "1")
        #expect(found["alula_answers_changes_total"] == "5")
        #expect(found[#"alula_warms_ended_total{outcome="ok",trigger="start"}"#] == "1")
        #expect(found[#"alula_warms_ended_total{outcome="ok",trigger="auth-profile-failure"}"#] == "2")
        #expect(found[#"alula_warms_ended_total{outcome="timed_out",trigger="file-change"}"#] == "1")
        #expect(found[#"alula_warms_duration_seconds_count{outcome="ok"}"#] == "3")
        #expect(found[#"alula_warms_duration_seconds_sum{outcome="timed_out"}"#] == "0.04")
    }

    @Test func saysHowThreadsKeepTime() {
        var pool = Self.idle
        (pool.threads, pool.busy, pool.stuck, pool.queued) = (8, 3, 1, 2)
        var lateness = LatenessHistogram()
        lateness.record(.seconds(2))
        let report = ResponsivenessReport(
            ResponsivenessSample(interval: .seconds(5), lateness: lateness, utilization: 0.25, cpuCores: 0.5))
        let found = series(GatewayMetrics(), pool: pool, report: report, stalls: 9)
        #expect(found["alula_blocking_pool_threads"] == "8")
        #expect(found["alula_blocking_pool_busy"] == "3")
        #expect(found["alula_blocking_pool_stuck"] == "1")
        #expect(found["alula_blocking_pool_queued"] == "2")
        #expect(found[#"alula_event_loops_delay_seconds{quantile="max"}"#] == "2")
        #expect(found[#"alula_event_loops_delay_seconds{quantile="p99"}"#] == "2")
        #expect(found[#"alula_event_loops_delay_seconds{quantile="p50"}"#] == "2")
        #expect(found["alula_event_loops_utilization"] == "0.25")
        #expect(found["process_cpu_utilization"] == "0.5")
        #expect(found["alula_event_loops_degraded"] == "1")
        #expect(found["alula_event_loops_stalls"] == "9")
        #expect(series(GatewayMetrics())["alula_event_loops_degraded"] == nil)
    }

    @Test func everyMetricOfOurOwnIsExplained() throws {
        let metrics = GatewayMetrics()
        metrics.workerFellBack()
        metrics.published(changes: 1)
        metrics.warmEnded(
            WarmStatus.Result(
                outcome: .ok, trigger: .start, endedAt: now, durationMilliseconds: 1, gathering: .worker))
        let report = ResponsivenessReport(
            ResponsivenessSample(interval: .seconds(5), lateness: LatenessHistogram(), utilization: 0, cpuCores: 0))
        let warm = WarmStatus(nextRetryAt: now)
        let lines = metrics.text(
            warm: warm, prepared: try prepared(), pool: Self.idle, responsiveness: report, stalls: 0, now: now
        ).split(separator: "\n")
        func names(_ word: String) -> Set<Substring> {
            Set(lines.filter { $0.hasPrefix("# \(word) ") }.map { $0.split(separator: " ")[2] })
        }
        let own = names("TYPE").filter { !$0.hasSuffix("series_dropped_total") }
        #expect(!own.isEmpty)
        #expect(own.isSubset(of: names("HELP")))
    }
}
