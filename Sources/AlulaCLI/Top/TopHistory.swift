import AlulaJSON
import AlulaPrimitives

/// What several samples of one gateway come to: rates, and how late its threads were over time.
///
/// Counters rise from the start of a process, so a difference says what happened since the last sample, whoever else asks. A
/// process that was started anew counts from zero: its first sample has no rates.
struct TopHistory: Sendable {
    /// Most points of lateness that are kept.
    static let maximumPoints = 1000

    /// The worst lateness between two samples.
    struct Lateness: Hashable, Sendable {
        var milliseconds: Double
        /// Whether it was later than that: somebody else was told the exact figure.
        var isAtLeast: Bool
    }

    struct Point: Hashable, Sendable {
        var elapsed: Duration
        /// `nil` where the gateway was not there to ask.
        var lateness: Lateness?
    }

    /// How often one thing is asked.
    struct Traffic: Hashable, Sendable {
        var name: String
        var total: Double
        var failed: Double
        /// A second; `nil` before there is anything to compare with.
        var rate: Double?
        /// How many failed since the last sample.
        var newlyFailed: Double
        /// Of the answers since the last sample, in milliseconds.
        var meanMilliseconds: Double?
    }

    /// The last sample, which stays when the gateway goes away.
    private(set) var sample: TopSample?
    /// Why there is no newer one, and since when; `nil` while the gateway answers.
    private(set) var trouble: (reason: String, since: Timestamp)?
    private(set) var points: [Point] = []
    /// Most frequent first.
    private(set) var traffic: [Traffic] = []
    /// Of one core, since the last sample.
    private(set) var processorShare: Double?
    /// Stalls since the first sample.
    private(set) var newStalls = 0.0

    init() {}

    /// The newest point's lateness.
    var lateness: Lateness? { points.last?.lateness }
    /// The worst of all that is kept.
    var worstLateness: Lateness? { points.compactMap(\.lateness).max { $0.milliseconds < $1.milliseconds } }
    /// The time that the points span.
    var span: Duration { points.first.flatMap { first in points.last.map { $0.elapsed - first.elapsed } } ?? .zero }

    mutating func take(_ next: TopSample) {
        let earlier = sample.flatMap { Self.isSameProcess($0, next) ? $0 : nil }
        let seconds = earlier.map { (next.elapsed - $0.elapsed).seconds }.flatMap { $0 > 0 ? $0 : nil }
        add(Point(elapsed: next.elapsed, lateness: Self.lateness(next, since: earlier)))
        traffic = Self.traffic(next.counters, since: earlier?.counters, seconds: seconds)
        processorShare = Self.difference(next.counters?.processorSeconds, earlier?.counters?.processorSeconds)
            .flatMap { spent in seconds.map { spent / $0 } }
        newStalls += Self.difference(next.counters?.stalls, earlier?.counters?.stalls) ?? 0
        sample = next
        trouble = nil
    }

    /// Notes that the gateway did not answer.
    mutating func lose(_ reason: String, at time: Timestamp, elapsed: Duration) {
        trouble = (reason, trouble?.since ?? time)
        add(Point(elapsed: elapsed, lateness: nil))
        for index in traffic.indices { (traffic[index].rate, traffic[index].meanMilliseconds) = (nil, nil) }
        processorShare = nil
    }

    private mutating func add(_ point: Point) {
        points.append(point)
        if points.count > Self.maximumPoints { points.removeFirst(points.count - Self.maximumPoints) }
    }

    // MARK: Differences

    private static func isSameProcess(_ earlier: TopSample, _ later: TopSample) -> Bool {
        if let before = earlier.counters?.startTime, let now = later.counters?.startTime { return before == now }
        return earlier.processID == later.processID && earlier.url == later.url
    }

    /// `nil` when one of them is unknown, or the counter fell, which no counter of one process does.
    private static func difference(_ now: Double?, _ before: Double?) -> Double? {
        guard let now, let before, now >= before else { return nil }
        return now - before
    }

    /// What the gateway says of its own last second, or more when its counters know of something later: `health` tells
    /// each figure once, to whoever asks first.
    private static func lateness(_ sample: TopSample, since earlier: TopSample?) -> Lateness? {
        let told = sample.loops?["delayMaxMs"]?.double.flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
        let counted = earlier.flatMap {
            latestBucket(sample.counters?.lateness ?? [], since: $0.counters?.lateness ?? [])
        }
        guard let counted, counted > told ?? -1 else {
            return told.map { Lateness(milliseconds: $0, isAtLeast: false) }
        }
        return Lateness(milliseconds: counted, isAtLeast: counted > 0)
    }

    /// The lower edge, in milliseconds, of the latest bucket that got something new; `nil` when none did.
    private static func latestBucket(_ now: [GatewayCounters.Bucket], since before: [GatewayCounters.Bucket]) -> Double?
    {
        guard now.count == before.count, !now.isEmpty else { return nil }
        var below = 0.0
        var edge = 0.0
        var latest: Double?
        for (bucket, earlier) in zip(now, before) {
            let fresh = bucket.count - earlier.count
            if fresh > below { latest = edge * 1000 }
            (below, edge) = (fresh, bucket.edge)
        }
        return latest
    }

    private static func traffic(
        _ now: GatewayCounters?, since before: GatewayCounters?, seconds: Double?
    ) -> [Traffic] {
        (now?.requests ?? [:]).map { name, counts in
            // What was never asked before has no series yet, which is as good as zero.
            let earlier = before.map { $0.requests[name] ?? GatewayCounters.Requests() }
            let asked = difference(counts.total, earlier?.total)
            let timed = difference(counts.timed, earlier?.timed) ?? 0
            let spent = difference(counts.seconds, earlier?.seconds)
            return Traffic(
                name: name, total: counts.total, failed: counts.failed,
                rate: asked.flatMap { asked in seconds.map { asked / $0 } },
                newlyFailed: difference(counts.failed, earlier?.failed) ?? 0,
                meanMilliseconds: timed > 0 ? spent.map { $0 / timed * 1000 } : nil)
        }.sorted { left, right in
            (right.rate ?? 0, right.total, left.name) < (left.rate ?? 0, left.total, right.name)
        }
    }
}
