/// An array or object of a document, seen as items with gaps between them.
struct JSON5Container {
    let bytes: [UInt8]
    let node: JSON5Node
    /// From the first byte of each item, or of its key, to the last of its value.
    let items: [Range<Int>]

    /// `nil` for a scalar.
    ///
    /// - Parameter maximumItems: So many items are enough for the question at hand.
    init?(_ node: JSON5Node, in bytes: [UInt8], maximumItems: Int = .max) {
        switch node.kind {
        case .array(let elements): items = elements.prefix(maximumItems).map(\.range)
        case .object(let members): items = members.prefix(maximumItems).map(\.range)
        case .null, .bool, .number, .nonFinite, .string: return nil
        }
        self.bytes = bytes
        self.node = node
    }

    var isObject: Bool { if case .object = node.kind { true } else { false } }
    /// The place of the closing bracket.
    var closing: Int { node.range.upperBound - 1 }

    /// What stands before item `index`, or after the last one.
    func gap(_ index: Int) -> Range<Int> {
        let start = index == 0 ? node.range.lowerBound + 1 : items[index - 1].upperBound
        return start..<(index == items.count ? closing : items[index].lowerBound)
    }

    func trivia(_ index: Int) -> JSON5Trivia { JSON5Trivia(bytes, in: gap(index)) }

    /// Whether items of `node` stand on lines of their own; `nil` for a scalar, and when there is no item to tell by.
    static func isMultiline(_ node: JSON5Node, in bytes: [UInt8]) -> Bool? {
        JSON5Container(node, in: bytes, maximumItems: 2)?.isMultiline
    }

    /// Whether items stand on lines of their own; `nil` when there is no item to tell by.
    var isMultiline: Bool? {
        guard !items.isEmpty else { return trivia(0).hasLineBreak ? true : nil }
        return trivia(0).hasLineBreak || (items.count > 1 && trivia(1).hasLineBreak)
    }

    /// The white space before items that begin their line; `nil` when none does.
    var itemIndentation: [UInt8]? {
        for item in items.reversed() {
            let indentation = bytes.indentation(at: item.lowerBound)
            if indentation.endsAtPlace { return indentation.text }
        }
        return nil
    }
}

extension [UInt8] {
    /// The blanks at the start of the line that `place` is on, and whether nothing else stands before `place`.
    func indentation(at place: Int) -> (text: [UInt8], endsAtPlace: Bool) {
        let start = startOfLine(at: place)
        var end = start
        while end < place, self[end].isBlank { end += 1 }
        return (Array(self[start..<end]), end == place)
    }

    /// The place behind the last line end before `place`.
    func startOfLine(at place: Int) -> Int {
        var start = place
        while start > 0, !self[start - 1].isLineEnd { start -= 1 }
        return start
    }

    /// The start of the line that `place` is on, if nothing but blanks stands between them.
    func startOfLine(withOnlyBlanksBefore place: Int) -> Int? {
        var start = place
        while start > 0, self[start - 1].isBlank { start -= 1 }
        return start == 0 || self[start - 1].isLineEnd ? start : nil
    }

    /// The first place from `place` on that holds no blank.
    func skippingBlanks(from place: Int) -> Int {
        var end = place
        while end < count, self[end].isBlank { end += 1 }
        return end
    }

    /// The length of the line end at `place`, or 0: LF, CR, or CR LF.
    func lineEndLength(at place: Int) -> Int {
        guard place < count, self[place].isLineEnd else { return 0 }
        return self[place] == 0x0D && place + 1 < count && self[place + 1] == 0x0A ? 2 : 1
    }
}

extension UInt8 {
    /// A space or a tab.
    var isBlank: Bool { self == 0x20 || self == 0x09 }
    fileprivate var isLineEnd: Bool { self == 0x0A || self == 0x0D }
}
