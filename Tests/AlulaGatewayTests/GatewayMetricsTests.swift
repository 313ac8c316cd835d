import AlulaAuth
import AlulaDiagnostics
import AlulaPrimitives
import AlulaServer
import AlulaSystem
import Testing

@testable import AlulaGateway

struct GatewayMetricsTests {
    private let metrics = GatewayMetrics()
    private let now = Timestamp(milliseconds: 1_780_000_000_000)

    private func read(_ samples: [MetricSample] = []) -> MetricsText { MetricsText(metrics.text(samples)) }

    private func prepared(_ variable: String = "GROQ_API_KEY") throws -> PreparedAuth {
        let state = try Installation("{}").load([variable: "sk-fake"])
        return AuthPreparer.prepare(
            context: state.context, facts: AuthFacts(environment: state.environmentFact), generation: 41,
            gathering: .blockingPool, now: now)
    }

    @Test func saysHowTheWarmStands() throws {
        let warm = WarmStatus(
            generation: 42, runningSince: now, nextRetryAt: now.advanced(by: .milliseconds(2500)), failedAttempts: 3,
            dirtySources: 4, isServingStale: true, scopeMisses: ["agent_id": 7])
        let found = read(WarmMetrics.samples(warm, now: now) + AnswerMetrics.samples(warm, try prepared()))
        #expect(found.sum("alula_warms_generation") == 41)
        #expect(found.sum("alula_warms_running") == 1)
        #expect(found.sum("alula_warms_failed_attempts") == 3)
        #expect(found.sum("alula_warms_dirty_sources") == 4)
        #expect(found.sum("alula_warms_stale") == 1)
        #expect(found.sum("alula_warms_next_retry_seconds") == 2.5)
        #expect(found.sum("alula_snapshot_prepared_timestamp_seconds") == 1_780_000_000)
        for gathering in PreparedAuth.Gathering.allCases {
            let isThis = gathering == .blockingPool
            #expect(found.sum("alula_warms_gathered", where: ["by": gathering.rawValue]) == (isThis ? 1 : 0))
        }
        for mismatch in ScopeMismatch.allCases {
            #expect(
                found.sum("alula_answers_scope_misses_total", where: ["field": mismatch.rawValue])
                    == (mismatch == .agent ? 7 : 0))
        }
        #expect(found.sum("alula_providers_available", where: ["provider": "groq"]) == 1)
        #expect(found.sum("alula_providers_available", where: ["provider": "mistral"]) == 0)
        #expect(metrics.text().contains("# TYPE alula_answers_scope_misses_total counter\n"))
    }

    @Test func aRetryThatIsOverIsNotShown() {
        let waiting = WarmStatus(nextRetryAt: now.advanced(by: .seconds(9)))
        #expect(read(WarmMetrics.samples(waiting, now: now)).sum("alula_warms_next_retry_seconds") == 9)
        #expect(read(WarmMetrics.samples(WarmStatus(), now: now)).sum("alula_warms_next_retry_seconds") == nil)
    }

    @Test func aProviderThatHasLeftIsNotShown() throws {
        let both = AnswerMetrics.samples(WarmStatus(), try prepared())
        let isGroq = { (sample: MetricSample) in
            sample.definition == AnswerMetrics.available && sample.values == ["groq"]
        }
        #expect(read(both).sum("alula_providers_available", where: ["provider": "groq"]) == 1)
        let left = read(both.filter { !isGroq($0) })
        #expect(left.sum("alula_providers_available", where: ["provider": "groq"]) == nil)
        #expect(left.sum("alula_providers_available", where: ["provider": "mistral"]) == 0)
    }

    @Test func beforeTheFirstAnswerThereAreNoProviders() {
        let found = read(AnswerMetrics.samples(WarmStatus(), nil))
        #expect(found.sum("alula_warms_generation") == 0)
        #expect(found.values("alula_providers_available").isEmpty)
        #expect(found.sum("alula_snapshot_prepared_timestamp_seconds") == nil)
    }

    @Test func countsWhatHappened() {
        func ended(_ outcome: WarmStatus.Outcome, _ trigger: WarmStatus.Trigger) -> WarmStatus.Result {
            WarmStatus.Result(
                outcome: outcome, trigger: trigger, endedAt: now, durationMilliseconds: 40, gathering: .worker)
        }
        #expect(read().sum("alula_warms_ended_total", where: ["outcome": "ok", "trigger": "start"]) == 0)
        metrics.workerFellBack()
        metrics.published(changes: 2)
        metrics.published(changes: 3)
        metrics.warmEnded(ended(.ok, .start))
        metrics.warmEnded(ended(.ok, .profileFailure))
        metrics.warmEnded(ended(.timedOut, .fileChange))
        metrics.snapshotNotSaved()
        for reading in [ConfigurationReading.ok, .ok, .unreadable] { metrics.configurationRead(reading) }
        let found = read()
        #expect(found.sum("alula_warms_fallbacks_total") == 1)
        #expect(found.sum("alula_answers_changes_total") == 5)
        #expect(found.sum("alula_warms_ended_total", where: ["outcome": "ok", "trigger": "start"]) == 1)
        #expect(found.sum("alula_warms_ended_total", where: ["trigger": "auth-profile-failure"]) == 1)
        #expect(found.sum("alula_warms_ended_total", where: ["outcome": "timed_out"]) == 1)
        #expect(found.sum("alula_warms_duration_seconds_count", where: ["outcome": "ok"]) == 2)
        #expect(found.sum("alula_warms_duration_seconds_sum", where: ["outcome": "timed_out"]) == 0.04)
        #expect(found.sum("alula_snapshot_save_failures_total") == 1)
        #expect(found.sum("alula_config_reloads_total", where: ["result": "ok"]) == 2)
        #expect(found.sum("alula_config_reloads_total", where: ["result": "unreadable"]) == 1)
        #expect(found.sum("alula_config_reloads_total", where: ["result": "failed"]) == 0)
    }

    @Test func countsWhatClientsDo() {
        metrics.callAnswered("health", outcome: "ok", after: .milliseconds(3))
        metrics.requestAnswered("GET", route: "/healthz", status: "200", after: .milliseconds(1))
        metrics.eventDelivered("health", isDropped: false)
        metrics.eventDelivered("health", isDropped: true)
        metrics.clientAdmitted()
        metrics.connectionEnded("slow_consumer")
        metrics.connectionRefused("too_many_silent")
        metrics.accessFailed(.device)
        let found = read(ServerMetrics.samples(ConnectionCounts(admitted: 3, waiting: 2, silent: 1)))
        #expect(found.sum("alula_calls_total", where: ["method": "health", "outcome": "ok"]) == 1)
        #expect(found.sum("alula_calls_duration_seconds_count", where: ["method": "health"]) == 1)
        #expect(found.sum("alula_http_requests_total", where: ["route": "/healthz", "status": "200"]) == 1)
        #expect(found.sum("alula_http_request_duration_seconds_count", where: ["route": "/healthz"]) == 1)
        #expect(found.sum("alula_events_total", where: ["event": "health", "result": "dropped"]) == 1)
        #expect(found.sum("alula_events_total", where: ["event": "health", "result": "delivered"]) == 1)
        #expect(found.sum("alula_clients_admitted_total") == 1)
        #expect(found.sum("alula_connections_ended_total", where: ["reason": "slow_consumer"]) == 1)
        #expect(found.sum("alula_connections_refused_total", where: ["reason": "too_many_silent"]) == 1)
        #expect(found.sum("alula_access_failures_total", where: ["kind": "device"]) == 1)
        #expect(found.values("alula_connections").map(\.value) == [3, 1, 2])
        #expect(found.sum("alula_metrics_refused_total") == 0)
    }

    @Test func wordsThatNobodyDeclaredAreRefused() {
        metrics.callAnswered("sk-fake", outcome: "ok", after: .zero)
        metrics.eventDelivered("sk-fake", isDropped: false)
        #expect(read().sum("alula_metrics_refused_total", where: ["reason": "unknown_value"]) == 3)
        #expect(!metrics.text().contains("sk-fake"))
    }

    @Test func saysHowThreadsKeepTime() {
        let idle = BlockingPool()
        defer { idle.shutdown() }
        var pool = idle.statistics
        (pool.threads, pool.busy, pool.stuck, pool.queued, pool.completed) = (8, 3, 1, 2, 77)
        metrics.threadWasLate(.milliseconds(3))
        metrics.threadWasLate(.milliseconds(-1))
        let text = metrics.text(
            ThreadMetrics.samples(pool: pool, stalls: 9, busy: [("event-loop-0", .milliseconds(250))]))
        let found = MetricsText(text)
        #expect(found.sum("alula_blocking_pool_threads") == 8)
        #expect(found.sum("alula_blocking_pool_busy") == 3)
        #expect(found.sum("alula_blocking_pool_stuck") == 1)
        #expect(found.sum("alula_blocking_pool_queued") == 2)
        #expect(found.sum("alula_blocking_pool_completed_total") == 77)
        #expect(found.sum("alula_event_loops_lateness_seconds_count") == 2)
        #expect(found.sum("alula_event_loops_lateness_seconds_sum") == 0.003)
        #expect(found.sum("alula_event_loops_busy_seconds_total", where: ["loop": "event-loop-0"]) == 0.25)
        #expect(found.sum("alula_event_loops_stalls_total") == 9)
        #expect(text.contains("# TYPE alula_event_loops_stalls_total counter\n"))
        #expect(text.contains("# TYPE alula_event_loops_lateness_seconds histogram\n"))
        #expect(!text.contains("quantile="))
    }

    @Test func saysHowTheConfigurationStands() throws {
        let state = try Installation("{}").load([:])
        let samples = ConfigurationMetrics.samples(state, staleParts: ["access"], dropped: (console: 4, file: 5))
        let found = read(samples)
        #expect(found.sum("alula_config_unreadable") == 0)
        #expect(found.sum("alula_config_problems", where: ["severity": "error"]) == 0)
        #expect(found.sum("alula_config_stale", where: ["part": "access"]) == 1)
        #expect(found.sum("alula_config_stale", where: ["part": "logging"]) == 0)
        #expect(found.sum("alula_log_events_dropped_total", where: ["place": "console"]) == 4)
        #expect(found.sum("alula_log_events_dropped_total", where: ["place": "file"]) == 5)
    }

    @Test func saysWhatTheProcessTakes() async throws {
        metrics.whenAsked { [now] in ProcessMetrics.samples(version: "1.2.3", startedAt: now) }
        let pool = BlockingPool()
        defer { pool.shutdown() }
        let found = MetricsText(await metrics.text(askingPool: pool))
        #expect(found.sum("alula_build", where: ["version": "1.2.3"]) == 1)
        #expect(found.sum("process_start_time_seconds") == 1_780_000_000)
        #expect(try #require(found.sum("process_cpu_seconds_total")) > 0)
        #expect(try #require(found.sum("process_max_fds")) > 0)
        #if os(Linux)
        #expect(try #require(found.sum("process_open_fds")) >= 1)
        let resident = try #require(found.sum("process_resident_memory_bytes"))
        #expect(resident > 1_000_000)
        #expect(try #require(found.sum("process_virtual_memory_bytes")) >= resident)
        #endif
        #expect(found.sum("alula_metrics_refused_total") == 0)
    }

    @Test func aPoolThatIsGoneCostsOnlyItsFigures() async {
        let pool = BlockingPool()
        pool.shutdown()
        let found = MetricsText(await metrics.text(askingPool: pool))
        #expect(found.sum("process_open_fds") == nil)
        #expect(found.sum("alula_warms_fallbacks_total") == 0)
    }

    @Test func damagedFiguresOfTheSystemAreNone() {
        let whole = ProcessUsage.memory(statm: "10 4 1", pageBytes: 4096)
        #expect(whole.virtual == 40_960)
        #expect(whole.resident == 16_384)
        for text in ["10", "x y", "", "10 -"] {
            let damaged = ProcessUsage.memory(statm: text, pageBytes: 4096)
            #expect(damaged.virtual == nil && damaged.resident == nil, "\(text)")
        }
    }
}
