/// A place in a text.
package struct SourcePosition: Hashable, Sendable, Comparable {
    /// Bytes before the place.
    package let offset: Int
    /// The first line is 1. LF, CR and CR LF end a line.
    package let line: Int
    /// The first column is 1; counted in Unicode scalars, so that editors agree for everything but tabs.
    package let column: Int

    /// The first place of every text.
    package static let start = SourcePosition(offset: 0, line: 1, column: 1)

    /// Takes counts that somebody else made.
    package init(offset: Int, line: Int, column: Int) {
        self.offset = offset
        self.line = line
        self.column = column
    }

    /// Counts lines and columns up to `offset`, which may be the end of `bytes`. A byte order mark has no width.
    init(offset: Int, in bytes: UnsafeBufferPointer<UInt8>) {
        var cursor = SourceCursor()
        cursor.advance(to: min(offset, bytes.count), in: bytes)
        self = cursor.position
    }

    package static func < (left: Self, right: Self) -> Bool { left.offset < right.offset }
}

/// Counts lines and columns while it moves forwards, so that placing many nodes costs one pass over the text.
struct SourceCursor {
    private var offset = 0
    private var line = 1
    private var column = 1

    /// Line and column of the current place.
    var position: SourcePosition { SourcePosition(offset: offset, line: line, column: column) }

    /// Moves to `target`, which must not lie before the current place nor beyond the end of `bytes`.
    mutating func advance(to target: Int, in bytes: UnsafeBufferPointer<UInt8>) {
        if offset == 0, target >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { offset = 3 }
        while offset < target {
            switch bytes[offset] {
            case 0x0A:
                line += 1
                column = 1
            case 0x0D:
                // In CR LF the LF starts the new line.
                if offset + 1 < bytes.count, bytes[offset + 1] == 0x0A { break }
                line += 1
                column = 1
            case 0x80...0xBF:
                break
            default:
                column += 1
            }
            offset += 1
        }
    }
}
