/// Whether the memory of a process stayed flat while clients came and went.
///
/// What may be left is ``boundBytes`` for each connection that was made; a leak that is worth its name, of a small object with
/// a buffer, leaves about 1 kB, eight times as much. It is asked for twice, since each question alone can be fooled.
///
/// - At rest: no client is there after the warm-up, nor at the end. An allocator keeps what it once needed for the largest
///   of many moments at once, and gives back whole pages only: without any leak a debug build grew by 1 to 3 MB in the minute
///   after a warm-up of 15 s, and by less and less after that. So ``noiseKilobytes`` are allowed in any case, and a run has
///   to make enough connections for a leak to stand above them; ``leastLeakBytes`` says what it would have found.
/// - Under load: the slope over the second half must be less than the bound at the rate of connections in that half, or
///   than ``noiseKilobytes`` spread over that half. It sees what is let go when the load ends, such as a queue that only
///   grows, and sees a leak that a lucky last sample hides.
package struct MemoryVerdict: Sendable {
    /// What each connection may leave behind.
    package static let boundBytes = 128.0
    /// What an allocator may keep, whatever the run's length. See the type.
    package static let noiseKilobytes = 8192.0

    /// From the rest after the warm-up to the rest at the end.
    package let growthKilobytes: Double
    package let growthBound: Double
    /// Over the second half of the load; `nil` with too few samples.
    package let slopeKilobytesPerSecond: Double?
    package let slopeBound: Double
    /// The least leak for each connection that this run would have found, in bytes.
    package let leastLeakBytes: Double

    /// - Parameters:
    ///   - load: Samples under load after the warm-up, in order, about one each second.
    ///   - baseline: At rest after the warm-up.
    ///   - end: At rest at the end.
    package init(load: [SoakSample], baseline: SoakSample, end: SoakSample) {
        let connections = Double(max(0, end.connections - baseline.connections))
        growthKilobytes = Double(end.privateKilobytes - baseline.privateKilobytes)
        growthBound = max(Self.noiseKilobytes, connections * Self.boundBytes / 1024)
        leastLeakBytes = connections > 0 ? growthBound * 1024 / connections : .infinity
        let half = load[(load.count / 2)...]
        guard half.count >= Self.leastSamples, let first = half.first, let last = half.last else {
            slopeKilobytesPerSecond = nil
            slopeBound = .infinity
            return
        }
        let duration = max(1, last.seconds - first.seconds)
        slopeKilobytesPerSecond = MemoryTrend.slope(half.map { ($0.seconds, Double($0.privateKilobytes)) })
        let rate = Double(last.connections - first.connections) / duration
        slopeBound = max(Self.noiseKilobytes / duration, rate * Self.boundBytes / 1024)
    }

    /// Fewer say nothing.
    private static let leastSamples = 10

    /// What is wrong, for people.
    package var problems: [String] {
        var problems: [String] = []
        if growthKilobytes >= growthBound {
            problems.append(
                "memory grew by \(Int(growthKilobytes)) kB from rest to rest, and \(Int(growthBound)) kB are the bound")
        }
        if let slope = slopeKilobytesPerSecond, slope >= slopeBound {
            problems.append(
                "memory rises by \(Self.shown(slope)) kB a second under load, and \(Self.shown(slopeBound)) kB are the bound"
            )
        }
        return problems
    }

    private static func shown(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}
