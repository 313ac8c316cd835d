/// How late something was, over many times: counts in buckets whose width grows with the value.
///
/// Fixed memory (about 4 kB) and constant time. A percentile is the upper edge of its bucket, so it errs by at most a
/// sixteenth, upwards; the maximum is exact.
package struct LatenessHistogram: Sendable, Hashable {
    /// Buckets for each doubling.
    private static let steps = 16
    /// From a microsecond to more than an hour.
    private static let doublings = 32

    private var counts = [UInt32](repeating: 0, count: steps * doublings)
    package private(set) var count: UInt64 = 0
    package private(set) var maximum: Duration = .zero

    package init() {}

    /// Counts one occurrence; negative lateness counts as none.
    package mutating func record(_ lateness: Duration) {
        let lateness = max(.zero, lateness)
        counts[Self.bucket(of: Self.microseconds(lateness))] &+= 1
        count += 1
        maximum = max(maximum, lateness)
    }

    /// Adds what another histogram counted.
    package mutating func merge(_ other: LatenessHistogram) {
        for index in counts.indices { counts[index] &+= other.counts[index] }
        count += other.count
        maximum = max(maximum, other.maximum)
    }

    package mutating func reset() { self = LatenessHistogram() }

    /// The lateness that `share` (0 to 1) of the occurrences did not exceed; zero when there were none.
    package func percentile(_ share: Double) -> Duration {
        guard count > 0 else { return .zero }
        let wanted = UInt64((Double(count) * min(max(share, 0), 1)).rounded(.up))
        var seen: UInt64 = 0
        for (index, occurrences) in counts.enumerated() {
            seen += UInt64(occurrences)
            if seen >= max(wanted, 1) { return min(.microseconds(Self.upperEdge(of: index)), maximum) }
        }
        return maximum
    }

    private static func microseconds(_ duration: Duration) -> UInt64 {
        let (seconds, attoseconds) = duration.components
        return UInt64(clamping: seconds) &* 1_000_000 &+ UInt64(attoseconds / 1_000_000_000_000)
    }

    /// Linear up to ``steps``, then by doublings of that many steps.
    private static func bucket(of value: UInt64) -> Int {
        guard value >= UInt64(steps) else { return Int(value) }
        let doubling = 63 - value.leadingZeroBitCount - 4
        let step = Int((value >> UInt64(doubling)) & UInt64(steps - 1))
        return min((doubling + 1) * steps + step, steps * doublings - 1)
    }

    private static func upperEdge(of bucket: Int) -> Int64 {
        guard bucket >= steps else { return Int64(bucket) + 1 }
        let doubling = bucket / steps - 1
        return Int64(steps + bucket % steps + 1) << Int64(doubling)
    }
}
