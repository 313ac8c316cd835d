/// How late the threads of a gateway were by their own clock, as the histogram in its `/metrics` counts it since its start.
package struct LatenessBuckets: Hashable, Sendable {
    /// What is at most `edge` milliseconds late and more than the edge before.
    private struct Bucket: Hashable, Sendable {
        let edge: Double
        /// With those of all buckets before.
        let count: Double
    }

    private let buckets: [Bucket]

    /// Takes them out of Prometheus' text; `nil` when they are not in it, or nothing was counted.
    package init?(metrics text: String) {
        let start = "alula_event_loops_lateness_seconds_bucket{le=\""
        buckets = text.split(separator: "\n").compactMap { line in
            let words = line.dropFirst(start.count).split(separator: "\"} ")
            guard line.hasPrefix(start), words.count == 2, let count = Double(words[1]) else { return nil }
            return (words[0] == "+Inf" ? .infinity : Double(words[0])).map { Bucket(edge: $0 * 1000, count: count) }
        }.sorted { $0.edge < $1.edge }
        guard let last = buckets.last, last.edge == .infinity, last.count > 0 else { return nil }
    }

    /// The lateness that `share` (0 to 1) of the ticks did not exceed, in milliseconds: between the edges of its bucket in
    /// proportion, as Prometheus' `histogram_quantile` has it; beyond the last edge that edge.
    package func percentile(_ share: Double) -> Double {
        let wanted = min(max(share, 0), 1) * (buckets.last?.count ?? 0)
        var (edge, seen) = (0.0, 0.0)
        for bucket in buckets {
            if bucket.count >= wanted, bucket.edge < .infinity {
                let inside = bucket.count - seen
                return inside > 0 ? edge + (bucket.edge - edge) * (wanted - seen) / inside : edge
            }
            if bucket.edge < .infinity { (edge, seen) = (bucket.edge, bucket.count) }
        }
        return edge
    }
}
