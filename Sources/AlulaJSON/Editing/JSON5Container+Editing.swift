extension JSON5Container {
    /// Edits that put `fresh` items behind the last one, in their order.
    ///
    /// - Parameters:
    ///   - indentation: The white space before each on a line of its own; `nil` keeps them on the line.
    ///   - base: The white space of the line that the container begins on.
    func appending(_ fresh: [[UInt8]], indentation: [UInt8]?, base: [UInt8], lineEnd: [UInt8]) -> TextEdits {
        let comma = [UInt8(ascii: ",")]
        let separator: [UInt8] =
            indentation.map { lineEnd + $0 } ?? (items.count > 1 && JSON5Trivia.isTight(bytes, gap(1)) ? [] : [0x20])
        let text = Array(fresh.joined(separator: comma + separator))
        guard let last = items.last else {
            return fillingEmpty(text, indentation: indentation, base: base, lineEnd: lineEnd)
        }
        var edits = TextEdits()
        let trivia = trivia(items.count)
        if trivia.comma == nil { edits.insert(comma, at: last.upperBound) }
        let first = indentation == nil && trivia.endsWithLineComment ? lineEnd + base : separator
        edits.insert(first + text + (trivia.comma == nil ? [] : comma), at: trivia.end ?? last.upperBound)
        return edits
    }

    /// The first items of a container that holds comments at most.
    private func fillingEmpty(
        _ text: [UInt8], indentation: [UInt8]?, base: [UInt8], lineEnd: [UInt8]
    ) -> TextEdits {
        var edits = TextEdits()
        let gap = gap(0)
        let trivia = trivia(0)
        let pad: [UInt8] = isObject ? [0x20] : []
        guard let end = trivia.end else {
            edits.replace(gap, with: indentation.map { lineEnd + $0 + text + lineEnd + base } ?? pad + text + pad)
            return edits
        }
        let needsLine = indentation != nil || trivia.endsWithLineComment
        let endsLine = JSON5Trivia(bytes, in: end..<closing).hasLineBreak
        edits.insert(
            (needsLine ? lineEnd + (indentation ?? base) : [0x20]) + text
                + (indentation != nil && !endsLine ? lineEnd + base : []), at: end)
        return edits
    }

    /// Edits that take out items, each with one comma. A line that they had for themselves goes with them; comments stay.
    func removal(of removed: Set<Int>) -> TextEdits {
        var edits = TextEdits()
        // Without a comma at the end, the last one that stays must not have one either.
        var isTail = trivia(items.count).comma == nil
        var next = items.count
        while next > 0 {
            let last = next - 1
            guard removed.contains(last) else {
                isTail = false
                next = last
                continue
            }
            var first = last
            while first > 0, removed.contains(first - 1), trivia(first).comments.isEmpty { first -= 1 }
            cut(first...last, isTail: isTail, &edits)
            next = first
        }
        return edits
    }

    /// - Parameter isTail: Whether nothing that stays comes after `run`, so that the comma before it goes.
    private func cut(_ run: ClosedRange<Int>, isTail: Bool, _ edits: inout TextEdits) {
        let range = items[run.lowerBound].lowerBound..<items[run.upperBound].upperBound
        if !isTail, let comma = trivia(run.upperBound + 1).comma {
            if isBlank(range.upperBound..<comma) {
                edits.cut(tidied(range.lowerBound..<(comma + 1)))
            } else {
                edits.cut(tidied(range))
                edits.cut(comma..<(comma + 1))
            }
        } else if run.lowerBound > 0, let comma = trivia(run.lowerBound).comma {
            if isBlank((comma + 1)..<range.lowerBound) {
                edits.cut(comma..<range.upperBound)
            } else {
                edits.cut(comma..<(comma + 1))
                edits.cut(tidied(range))
            }
        } else {
            edits.cut(tidied(range))
        }
    }

    /// Whether only white space and line ends stand in `range`.
    private func isBlank(_ range: Range<Int>) -> Bool {
        let trivia = JSON5Trivia(bytes, in: range)
        return trivia.comments.isEmpty && trivia.comma == nil
    }

    /// `range` with its whole line if nothing else is on it, else with the blanks behind it.
    private func tidied(_ range: Range<Int>) -> Range<Int> {
        let end = bytes.skippingBlanks(from: range.upperBound)
        let lineEnd = bytes.lineEndLength(at: end)
        if lineEnd > 0, let start = bytes.startOfLine(withOnlyBlanksBefore: range.lowerBound) {
            return start..<(end + lineEnd)
        }
        return range.lowerBound..<(end == closing ? range.upperBound : end)
    }
}

extension JSON5Trivia {
    /// Whether a comma alone separates two items.
    fileprivate static func isTight(_ bytes: [UInt8], _ gap: Range<Int>) -> Bool { gap.count == 1 }
}
