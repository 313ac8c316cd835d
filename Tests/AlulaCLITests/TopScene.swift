import AlulaJSON
import AlulaPrimitives

@testable import AlulaCLI

/// Answers of a gateway, and samples made of them.
enum TopScene {
    static let now = CommandScene.now

    /// A page of `/metrics`.
    ///
    /// - Parameters:
    ///   - calls: How often `health` was asked with success; two calls failed.
    ///   - lateBy: How many ticks were between 10 and 100 ms late.
    static func page(calls: Int, lateBy late: Int = 0, startedAt: Int = 1_779_990_000, stalls: Int = 0) -> String {
        """
        # TYPE alula_connections gauge
        alula_connections{state="admitted"} 2
        alula_connections{state="waiting"} 1
        alula_connections{state="silent"} 0
        alula_calls_total{method="health",outcome="ok"} \(calls)
        alula_calls_total{method="health",outcome="UNAVAILABLE"} 2
        alula_calls_duration_seconds_bucket{method="health",le="+Inf"} \(calls + 2)
        alula_calls_duration_seconds_sum{method="health"} \(Double(calls) / 20)
        alula_calls_duration_seconds_count{method="health"} \(calls + 2)
        alula_http_requests_total{method="GET",route="/healthz",status="200"} 7
        alula_http_requests_total{method="HEAD",route="/healthz",status="405"} 1
        alula_http_requests_total{method="GET",route="_OTHER",status="404"} 4
        alula_http_request_duration_seconds_sum{route="/healthz"} 0.07
        alula_http_request_duration_seconds_count{route="/healthz"} 8
        alula_event_loops_lateness_seconds_bucket{le="0.001"} \(calls)
        alula_event_loops_lateness_seconds_bucket{le="0.01"} \(calls)
        alula_event_loops_lateness_seconds_bucket{le="0.1"} \(calls + late)
        alula_event_loops_lateness_seconds_bucket{le="+Inf"} \(calls + late)
        alula_event_loops_stalls_total \(stalls)
        process_start_time_seconds \(startedAt)
        process_resident_memory_bytes 34100000
        process_open_fds 23
        process_max_fds 1024
        process_cpu_seconds_total \(Double(calls) / 100)

        """
    }

    static let warm: JSONValue = [
        "state": "idle", "generation": 7, "preparedAt": .number(now.milliseconds - 12_000), "gatheredBy": "worker",
        "stale": false, "dirtySources": 0, "failedAttempts": 0,
        "lastResult": [
            "outcome": "ok", "trigger": "file-change", "endedAt": .number(now.milliseconds - 12_000), "durationMs": 42,
            "eventLoopMaxMs": 6.5,
        ],
    ]

    static func health(
        warm: JSONValue = warm, loops: JSONValue? = ["degraded": false, "delayMaxMs": 2.5],
        configuration: JSONValue = ["hotReloadStatus": "ok", "problems": 0]
    ) -> JSONValue {
        var object = JSONObject()
        object["ok"] = true
        object["providerAuth"] = warm
        object["eventLoop"] = loops
        object["configReload"] = configuration
        return .object(object)
    }

    static func models(_ rows: [JSONValue] = [openai, groq, anthropic, slow]) -> JSONValue {
        ["auth": ["providers": .array(rows)]]
    }

    static let openai: JSONValue = [
        "provider": "openai", "inUse": true, "available": true, "evidence": "env: OPENAI_API_KEY",
    ]
    static let groq: JSONValue = [
        "provider": "groq", "inUse": true, "available": false, "unavailableReason": "no_login", "reason": "no login",
    ]
    static let anthropic: JSONValue = [
        "provider": "anthropic", "inUse": true, "available": false, "reason": "rate limited",
        "unavailableUntil": .number(now.milliseconds + 600_000), "evidence": "profile anthropic:work",
    ]
    static let slow: JSONValue = [
        "provider": "slow", "inUse": true, "available": false, "unavailableReason": "source_timed_out",
    ]

    static let presence: JSONValue = [
        ["host": "vm", "mode": "gateway", "reason": "self", "version": "1.2.3"],
        [
            "host": "laptop", "mode": "webchat", "ip": "10.0.0.7", "version": "2.0", "reason": "connect",
            "ts": .number(now.milliseconds - 60_000),
        ],
    ]

    /// A sample as of so many seconds after the first.
    static func sample(
        after seconds: Int64 = 0, page: String? = page(calls: 10), health: JSONValue? = health(),
        models: JSONValue? = models(), presence: JSONValue? = presence
    ) -> TopSample {
        TopSample(
            at: now.advanced(by: .seconds(seconds)), elapsed: .seconds(100 + seconds), url: "ws://127.0.0.1:18789",
            processID: 7, hello: ["server": ["version": "1.2.3"]], health: health, models: models, presence: presence,
            counters: page.map(GatewayCounters.init(page:)))
    }

    static func history(_ samples: [TopSample]) -> TopHistory {
        var history = TopHistory()
        for sample in samples { history.take(sample) }
        return history
    }
}
