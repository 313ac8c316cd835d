/// Finds what somebody may have meant by a misspelt name.
package enum NearestName {
    /// Longer names are never compared; no known name is.
    private static let maximumLength = 64

    /// The known name that is nearest to `name`, if it is near enough to be worth suggesting.
    ///
    /// Another letter case, or other separators, always are. Otherwise one change per three letters is allowed, three
    /// at most; a change is a letter added, left out, replaced, or swapped with its neighbour. The first of equally near
    /// names wins.
    package static func suggest(_ name: String, among known: some Sequence<String>) -> String? {
        let wanted = folded(name)
        guard !wanted.isEmpty, name.unicodeScalars.count <= maximumLength else { return nil }
        var best: (name: String, distance: Int)?
        for candidate in known where candidate != name {
            let letters = folded(candidate)
            guard letters.count <= maximumLength else { continue }
            let limit = min(3, max(wanted.count, letters.count) / 3, (best?.distance ?? 4) - 1)
            guard limit >= 0, let distance = distance(wanted, letters, limit: limit) else { continue }
            best = (candidate, distance)
        }
        return best?.name
    }

    private static func folded(_ name: String) -> [Unicode.Scalar] {
        name.lowercased().unicodeScalars.filter { $0 != "-" && $0 != "_" }
    }

    /// Optimal string alignment distance; `nil` beyond `limit`.
    private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar], limit: Int) -> Int? {
        guard abs(left.count - right.count) <= limit else { return nil }
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var cost = min(last[column + 1] + 1, current[column] + 1, last[column] + (letter == other ? 0 : 1))
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            guard (current.min() ?? 0) <= limit else { return nil }
            (beforeLast, last) = (last, current)
        }
        return (last.last ?? 0) <= limit ? last.last : nil
    }
}
