/// What stands between the values of a document: comments, a comma, white space.
struct JSON5Trivia {
    /// A comment, with its marks and without the line end after it.
    struct Comment: Hashable {
        let range: Range<Int>
        /// Whether it goes up to the end of its line, so that nothing may follow on that line.
        let endsLine: Bool
    }

    private(set) var comments: [Comment] = []
    /// The place of the first comma.
    private(set) var comma: Int?
    /// Whether a line ends here, comments not counted.
    private(set) var hasLineBreak = false
    /// The place behind the last comment or comma; `nil` when there are neither.
    private(set) var end: Int?

    /// Looks through `range`, which holds no part of a key or value.
    init(_ bytes: [UInt8], in range: Range<Int>) {
        var place = range.lowerBound
        while place < range.upperBound {
            switch bytes[place] {
            case UInt8(ascii: ","):
                if comma == nil { comma = place }
                place += 1
                end = place
            case UInt8(ascii: "/") where place + 1 < range.upperBound:
                let endsLine = bytes[place + 1] == UInt8(ascii: "/")
                let stop =
                    endsLine
                    ? Self.endOfLine(bytes, from: place, before: range.upperBound)
                    : Self.endOfBlock(bytes, from: place + 2, before: range.upperBound)
                comments.append(Comment(range: place..<stop, endsLine: endsLine))
                place = stop
                end = stop
            case 0x0A, 0x0D:
                hasLineBreak = true
                place += 1
            default:
                place += 1
            }
        }
    }

    /// Whether the last thing here is a comment that ends its line.
    var endsWithLineComment: Bool { comments.last.map { $0.endsLine && $0.range.upperBound == end } ?? false }

    private static func endOfLine(_ bytes: [UInt8], from start: Int, before limit: Int) -> Int {
        var place = start
        while place < limit {
            switch bytes[place] {
            case 0x0A, 0x0D: return place
            // U+2028 and U+2029 end a line too.
            case 0xE2 where place + 2 < limit && bytes[place + 1] == 0x80 && bytes[place + 2] & 0xFE == 0xA8:
                return place
            default: place += 1
            }
        }
        return limit
    }

    private static func endOfBlock(_ bytes: [UInt8], from start: Int, before limit: Int) -> Int {
        var place = start
        while place + 1 < limit {
            if bytes[place] == UInt8(ascii: "*"), bytes[place + 1] == UInt8(ascii: "/") { return place + 2 }
            place += 1
        }
        return limit
    }
}

extension JSON5Document {
    /// Every comment of the document, in order, with its marks and without the line end after it.
    package var commentRanges: [Range<Int>] {
        var ranges: [Range<Int>] = []
        var place = 0
        // A tree walk on the heap: what is no key and no scalar is trivia or a bracket, a colon, a comma.
        for token in tokenRanges {
            ranges += JSON5Trivia(bytes, in: place..<token.lowerBound).comments.map(\.range)
            place = token.upperBound
        }
        return ranges + JSON5Trivia(bytes, in: place..<bytes.count).comments.map(\.range)
    }

    /// The ranges of all keys and scalars, in order.
    private var tokenRanges: [Range<Int>] {
        var ranges: [Range<Int>] = []
        var waiting = [root]
        while let node = waiting.popLast() {
            switch node.kind {
            case .array(let elements):
                waiting += elements
            case .object(let members):
                for member in members {
                    ranges.append(member.keyRange)
                    waiting.append(member.value)
                }
            case .null, .bool, .number, .nonFinite, .string:
                ranges.append(node.range)
            }
        }
        return ranges.sorted { $0.lowerBound < $1.lowerBound }
    }
}
