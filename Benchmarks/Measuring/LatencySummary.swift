/// What a set of latencies looks like, in milliseconds.
package struct LatencySummary: Hashable, Sendable {
    package let count: Int
    package let p50: Double
    package let p99: Double
    package let p999: Double
    package let maximum: Double

    /// `nil` when there is nothing to sum up.
    package init?(_ milliseconds: [Double]) {
        let sorted = milliseconds.sorted()
        guard let last = sorted.last else { return nil }
        /// The smallest value that at least `share` of all values do not exceed.
        func quantile(_ share: Double) -> Double {
            let rank = Int((share * Double(sorted.count)).rounded(.up))
            return sorted[min(max(rank, 1), sorted.count) - 1]
        }
        count = sorted.count
        p50 = quantile(0.5)
        p99 = quantile(0.99)
        p999 = quantile(0.999)
        maximum = last
    }
}
