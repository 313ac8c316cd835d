/// How fast a measured value rises, whatever single samples do.
package enum MemoryTrend {
    /// The median of the slopes between all pairs of points (Theil–Sen).
    ///
    /// Nearly a third of the points may be anything at all without changing what comes out much: a body under way or a
    /// warm does not look like a leak.
    ///
    /// - Returns: Units of `y` for each unit of `x`; `nil` when no two points differ in `x`.
    package static func slope(_ points: [(x: Double, y: Double)]) -> Double? {
        var slopes: [Double] = []
        slopes.reserveCapacity(points.count * max(0, points.count - 1) / 2)
        for (place, first) in points.enumerated() {
            for second in points[(place + 1)...] where second.x != first.x {
                slopes.append((second.y - first.y) / (second.x - first.x))
            }
        }
        return median(slopes)
    }

    /// `nil` of nothing.
    package static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
