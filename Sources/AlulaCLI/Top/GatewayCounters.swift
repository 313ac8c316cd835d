import AlulaDiagnostics

/// What a gateway counts about itself, read from its `/metrics`.
struct GatewayCounters: Hashable, Sendable {
    /// How often something was asked, since the gateway's start.
    struct Requests: Hashable, Sendable {
        var total = 0.0
        var failed = 0.0
        /// Time that answering took, in seconds, and of how many.
        var seconds = 0.0
        var timed = 0.0
    }

    /// Connections now, by their state.
    var admitted: Double?
    var waiting: Double?
    var silent: Double?
    /// By what was asked: a method of the protocol, or a method of HTTP with its route.
    var requests: [String: Requests] = [:]
    /// Ticks that came no later than so many seconds; rising, the last edge is infinite.
    var lateness: [Bucket] = []
    var stalls: Double?
    /// In seconds since 1970; the same as long as it is the same process.
    var startTime: Double?
    var residentBytes: Double?
    var openFiles: Double?
    var maximumFiles: Double?
    var processorSeconds: Double?

    struct Bucket: Hashable, Sendable {
        var edge: Double
        var count: Double
    }

    private enum Name {
        static let connections = "alula_connections"
        static let calls = "alula_calls_total"
        static let callSeconds = "alula_calls_duration_seconds_sum"
        static let callCount = "alula_calls_duration_seconds_count"
        static let requests = "alula_http_requests_total"
        static let requestSeconds = "alula_http_request_duration_seconds_sum"
        static let requestCount = "alula_http_request_duration_seconds_count"
        static let lateness = "alula_event_loops_lateness_seconds_bucket"
        static let stalls = "alula_event_loops_stalls_total"
        static let start = "process_start_time_seconds"
        static let resident = "process_resident_memory_bytes"
        static let openFiles = "process_open_fds"
        static let maximumFiles = "process_max_fds"
        static let processor = "process_cpu_seconds_total"

        static let all: Set<String> = [
            connections, calls, callSeconds, callCount, requests, requestSeconds, requestCount, lateness, stalls, start,
            resident, openFiles, maximumFiles, processor,
        ]
    }

    init() {}

    /// Reads a page in Prometheus' text format; what it does not have stays unknown.
    init(page: String) {
        let metrics = MetricsText(page, names: Name.all)
        for series in metrics.values(Name.connections) {
            switch series.labels["state"] {
            case "admitted": admitted = series.value
            case "waiting": waiting = series.value
            case "silent": silent = series.value
            default: break
            }
        }
        readCalls(metrics)
        readRequests(metrics)
        lateness = metrics.values(Name.lateness).compactMap { series in
            series.labels["le"].flatMap { Double($0) }.map { Bucket(edge: $0, count: series.value) }
        }.sorted { $0.edge < $1.edge }
        stalls = metrics.values(Name.stalls).first?.value
        startTime = metrics.values(Name.start).first?.value
        residentBytes = metrics.values(Name.resident).first?.value
        openFiles = metrics.values(Name.openFiles).first?.value
        maximumFiles = metrics.values(Name.maximumFiles).first?.value
        processorSeconds = metrics.values(Name.processor).first?.value
    }

    private mutating func readCalls(_ metrics: MetricsText) {
        for series in metrics.values(Name.calls) {
            guard let method = series.labels["method"] else { continue }
            add(method, series.value, isFailure: series.labels["outcome"] != "ok")
        }
        for series in metrics.values(Name.callSeconds) {
            if let method = series.labels["method"] { requests[method, default: Requests()].seconds = series.value }
        }
        for series in metrics.values(Name.callCount) {
            if let method = series.labels["method"] { requests[method, default: Requests()].timed = series.value }
        }
    }

    /// Durations are told by route, whatever the method was: they are those of the route's most frequent method.
    private mutating func readRequests(_ metrics: MetricsText) {
        var names: [String: [String: Double]] = [:]
        for series in metrics.values(Name.requests) {
            guard let method = series.labels["method"], let route = series.labels["route"] else { continue }
            let name = Self.name(method, route)
            add(name, series.value, isFailure: series.labels["status"].flatMap { Int($0) }.map { $0 >= 400 } ?? false)
            names[route, default: [:]][name, default: 0] += series.value
        }
        func main(_ series: MetricsText.Sample) -> String? {
            series.labels["route"].flatMap { names[$0] }?.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
        }
        for series in metrics.values(Name.requestSeconds) {
            if let name = main(series) { requests[name]?.seconds = series.value }
        }
        for series in metrics.values(Name.requestCount) {
            if let name = main(series) { requests[name]?.timed = series.value }
        }
    }

    private static func name(_ method: String, _ route: String) -> String {
        "\(method == "_OTHER" ? "other" : method) \(route == "_OTHER" ? "elsewhere" : route)"
    }

    private mutating func add(_ name: String, _ count: Double, isFailure: Bool) {
        requests[name, default: Requests()].total += count
        if isFailure { requests[name, default: Requests()].failed += count }
    }
}
