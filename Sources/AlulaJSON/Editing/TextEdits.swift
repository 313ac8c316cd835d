/// Replacements of byte ranges, applied together.
struct TextEdits {
    private var edits: [(range: Range<Int>, text: [UInt8])] = []

    /// Whether there is nothing to do.
    var isEmpty: Bool { edits.isEmpty }

    /// Puts `text` in the place of `range`, which overlaps no other. At one place, what was added first comes first.
    mutating func replace(_ range: Range<Int>, with text: [UInt8]) { edits.append((range, text)) }

    /// Adds others, behind those that are here.
    mutating func add(_ other: TextEdits) { edits += other.edits }

    /// Takes out `range`.
    mutating func cut(_ range: Range<Int>) { replace(range, with: []) }

    /// Puts in `text` before `place`.
    mutating func insert(_ text: [UInt8], at place: Int) { replace(place..<place, with: text) }

    /// The edited text.
    func applied(to bytes: [UInt8]) -> [UInt8] {
        // Equal places keep their order: Swift's sort is stable.
        let ordered = edits.sorted { $0.range.lowerBound < $1.range.lowerBound }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + edits.reduce(0) { $0 + $1.text.count })
        var place = 0
        for edit in ordered {
            result += bytes[place..<max(place, edit.range.lowerBound)]
            result += edit.text
            place = max(place, edit.range.upperBound)
        }
        return result + bytes[place...]
    }
}
