import AlulaDiagnostics
import AlulaPrimitives
import AlulaServer

/// What clients do and how they are answered.
enum ServerMetrics {
    private static let method = MetricDefinition.Label("method", ServerEvents.methods)
    private static let route = MetricDefinition.Label("route", ServerEvents.routes)
    /// Events that clients get once they are let in.
    static let eventNames = MethodTable.events.filter { $0 != "connect.challenge" }

    static let connections = MetricDefinition(
        "alula_connections", .gauge, .count, [.init("state", ["admitted", "waiting", "silent"])],
        help: "Connections now: clients that were let in, WebSockets that were not yet, sockets without a request.",
        worry: "`waiting` or `silent` stay high: somebody opens connections and says nothing.")
    static let admitted = MetricDefinition(
        "alula_clients_admitted_total", .counter, .count, help: "Clients that were let in over a WebSocket.",
        worry: "It rises much faster than people connect: a client comes again and again.")
    static let ended = MetricDefinition(
        "alula_connections_ended_total", .counter, .count, [.init("reason", ServerEvents.endings)],
        help: "WebSockets that ended, by reason.",
        worry: "`slow_consumer` or `unanswered_pings` rise: clients or the network are too slow.")
    static let refused = MetricDefinition(
        "alula_connections_refused_total", .counter, .count, [.init("reason", ServerEvents.refusals)],
        help: "Sockets that were turned away before they were let in.",
        worry: "It rises: one address opens too many connections.")
    static let accessFailures = MetricDefinition(
        "alula_access_failures_total", .counter, .count,
        [.init("kind", AccessFailureKind.allCases.map(\.rawValue))],
        help: "Wrong secrets and wrong proofs of a device.",
        worry: "It rises: a client has an old secret, or somebody guesses.")
    static let calls = MetricDefinition(
        "alula_calls_total", .counter, .count, [method, .init("outcome", ServerEvents.outcomes)],
        help: "Calls of the gateway's protocol that were answered, by outcome; `other` stands for methods not served.",
        worry: "`UNAVAILABLE` or `INTERNAL_ERROR` rise.", absence: "no call of that method ended so yet.")
    static let callDuration = MetricDefinition(
        "alula_calls_duration_seconds", .histogram(.ofAnswers), .seconds, [method],
        help: "How long calls took until they were answered.",
        worry: "The 99th percentile of `models.list` or `health` is above 50 ms.",
        absence: "the method was not called yet.")
    static let requests = MetricDefinition(
        "alula_http_requests_total", .counter, .count,
        [.init("method", ServerEvents.httpMethods), route, .init("status", ServerEvents.statuses)],
        help: "Requests over HTTP that were answered; `_OTHER` stands for whatever is not listed.",
        worry: "`500` or `503` rise.", absence: "no such request was answered yet.")
    static let requestDuration = MetricDefinition(
        "alula_http_request_duration_seconds", .histogram(.ofAnswers), .seconds, [route],
        help: "How long requests over HTTP took until they were answered.",
        worry: "The 99th percentile of `/healthz` is above 50 ms.", absence: "no such request was answered yet.")
    static let modelRequestsOpen = MetricDefinition(
        "alula_model_requests_open", .gauge, .count, help: "Requests to models that are under way.",
        worry: "It stays high while `alula_model_requests_total` stands still: providers hang.")
    static let modelRequests = MetricDefinition(
        "alula_model_requests_total", .counter, .count, [.init("outcome", ServerEvents.modelOutcomes)],
        help: "Requests to models that are over, by outcome; streams count when they end.",
        worry: "`overloaded`, `timeout` or `upstream` rise.", absence: "no request ended so yet.")
    static let modelRequestDuration = MetricDefinition(
        "alula_model_request_duration_seconds", .histogram(.ofAnswers), .seconds,
        help: "How long requests to models took, from the head to the last byte of the answer.",
        worry: "It is far above what the provider takes.", absence: "no model was asked yet.")
    static let events = MetricDefinition(
        "alula_events_total", .counter, .count,
        [.init("event", eventNames), .init("result", ["delivered", "dropped"])],
        help: "Events handed to a client, or left out because that client reads too slowly; each client counts.",
        worry: "`dropped` rises: a client does not keep up.")

    static let all = [
        connections, admitted, ended, refused, accessFailures, calls, callDuration, requests, requestDuration,
        modelRequestsOpen, modelRequests, modelRequestDuration, events,
    ]

    static func samples(_ counts: ConnectionCounts) -> [MetricSample] {
        [
            MetricSample(connections, ["admitted"], counts.admitted),
            MetricSample(connections, ["waiting"], counts.waiting),
            MetricSample(connections, ["silent"], counts.silent),
            MetricSample(modelRequestsOpen, [], counts.modelRequests),
        ]
    }
}

extension GatewayMetrics: ServerObserving {
    func callAnswered(_ method: String, outcome: String, after duration: Duration) {
        count(ServerMetrics.calls, [method, outcome])
        observe(ServerMetrics.callDuration, [method], duration)
    }

    func requestAnswered(_ method: String, route: String, status: String, after duration: Duration) {
        count(ServerMetrics.requests, [method, route, status])
        observe(ServerMetrics.requestDuration, [route], duration)
    }

    func modelRequestEnded(outcome: String, after duration: Duration) {
        count(ServerMetrics.modelRequests, [outcome])
        observe(ServerMetrics.modelRequestDuration, [], duration)
    }

    func clientAdmitted() { count(ServerMetrics.admitted) }
    func connectionEnded(_ ending: String) { count(ServerMetrics.ended, [ending]) }
    func connectionRefused(_ refusal: String) { count(ServerMetrics.refused, [refusal]) }
    func accessFailed(_ kind: AccessFailureKind) { count(ServerMetrics.accessFailures, [kind.rawValue]) }
}
