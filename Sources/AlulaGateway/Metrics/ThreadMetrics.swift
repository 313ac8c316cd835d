import AlulaDiagnostics
import AlulaPrimitives
import AlulaSystem

/// How threads keep time, and what those do that may wait.
enum ThreadMetrics {
    static let lateness = MetricDefinition(
        "alula_event_loops_lateness_seconds", .histogram(.ofDurations), .seconds,
        help: "How late threads that may never block came by when they were asked to.",
        worry: "The 99th percentile is above 50 ms: the machine is overloaded, or something holds a thread.")
    static let stalls = MetricDefinition(
        "alula_event_loops_stalls_total", .counter, .count,
        help: "Times that a thread was held up for more than 100 ms.",
        worry: "It rises: `health` and the log name the work that held the thread.")
    static let busy = MetricDefinition(
        "alula_event_loops_busy_seconds_total", .counter, .seconds,
        [.init("loop", open: "event loops, such as `event-loop-0`, one for each processor", maximum: 1024)],
        help: "Processor time of each event loop, as of its last tick.",
        worry: "The rate of one loop nears 1: that thread does nothing else any more.")
    static let poolThreads = MetricDefinition(
        "alula_blocking_pool_threads", .gauge, .count, help: "Threads of the blocking pool, stuck ones included.",
        worry: "It stays at its highest.")
    static let poolBusy = MetricDefinition(
        "alula_blocking_pool_busy", .gauge, .count,
        help: "Threads of the blocking pool inside a job, stuck ones included.",
        worry: "As many as there are threads, for long.")
    static let poolStuck = MetricDefinition(
        "alula_blocking_pool_stuck", .gauge, .count, help: "Threads whose job outlived its deadline.",
        worry: "Above 0 for long: a disk or a network file system hangs.")
    static let poolQueued = MetricDefinition(
        "alula_blocking_pool_queued", .gauge, .count, help: "Jobs that wait for a thread.",
        worry: "Above 0 for long: disks are slower than what is asked of them.")
    static let poolCompleted = MetricDefinition(
        "alula_blocking_pool_completed_total", .counter, .count, help: "Jobs of the blocking pool that have ended.",
        worry: "It stands still while jobs wait.")

    static let all = [lateness, stalls, busy, poolThreads, poolBusy, poolStuck, poolQueued, poolCompleted]

    static func samples(
        pool: BlockingPool.Statistics, stalls count: UInt64, busy times: [(name: String, time: Duration)]
    ) -> [MetricSample] {
        [
            MetricSample(stalls, count), MetricSample(poolThreads, pool.threads), MetricSample(poolBusy, pool.busy),
            MetricSample(poolStuck, pool.stuck), MetricSample(poolQueued, pool.queued),
            MetricSample(poolCompleted, pool.completed),
        ] + times.map { MetricSample(busy, [$0.name], $0.time.seconds) }
    }
}
