extension JSON5Container {
    /// Edits that put `item` behind the last one.
    ///
    /// - Parameters:
    ///   - indentation: The white space before it on a line of its own; `nil` keeps it on the line.
    ///   - base: The white space of the line that the container begins on.
    func appending(_ item: [UInt8], indentation: [UInt8]?, base: [UInt8], lineEnd: [UInt8]) -> TextEdits {
        guard let last = items.last else {
            return fillingEmpty(item, indentation: indentation, base: base, lineEnd: lineEnd)
        }
        var edits = TextEdits()
        let trivia = trivia(items.count)
        let comma = [UInt8(ascii: ",")]
        if trivia.comma == nil { edits.insert(comma, at: last.upperBound) }
        let separator: [UInt8]
        if let indentation {
            separator = lineEnd + indentation
        } else if trivia.endsWithLineComment {
            separator = lineEnd + base
        } else {
            separator = items.count > 1 && JSON5Trivia.isTight(bytes, gap(1)) ? [] : [0x20]
        }
        edits.insert(separator + item + (trivia.comma == nil ? [] : comma), at: trivia.end ?? last.upperBound)
        return edits
    }

    /// The first item of a container that holds comments at most.
    private func fillingEmpty(
        _ item: [UInt8], indentation: [UInt8]?, base: [UInt8], lineEnd: [UInt8]
    ) -> TextEdits {
        var edits = TextEdits()
        let gap = gap(0)
        let trivia = trivia(0)
        let pad: [UInt8] = isObject ? [0x20] : []
        guard let end = trivia.end else {
            edits.replace(gap, with: indentation.map { lineEnd + $0 + item + lineEnd + base } ?? pad + item + pad)
            return edits
        }
        let needsLine = indentation != nil || trivia.endsWithLineComment
        let endsLine = JSON5Trivia(bytes, in: end..<closing).hasLineBreak
        edits.insert(
            (needsLine ? lineEnd + (indentation ?? base) : [0x20]) + item
                + (indentation != nil && !endsLine ? lineEnd + base : []), at: end)
        return edits
    }

    /// Edits that take out item `index` with one comma. A line that it had for itself goes with it; comments stay.
    func removal(of index: Int) -> TextEdits {
        var edits = TextEdits()
        let item = items[index]
        if let comma = trivia(index + 1).comma {
            if isBlank(item.upperBound..<comma) {
                edits.cut(tidied(item.lowerBound..<(comma + 1)))
            } else {
                edits.cut(tidied(item))
                edits.cut(comma..<(comma + 1))
            }
        } else if index > 0, let comma = trivia(index).comma {
            if isBlank((comma + 1)..<item.lowerBound) {
                edits.cut(comma..<item.upperBound)
            } else {
                edits.cut(comma..<(comma + 1))
                edits.cut(tidied(item))
            }
        } else {
            edits.cut(tidied(item))
        }
        return edits
    }

    /// Whether only white space and line ends stand in `range`.
    private func isBlank(_ range: Range<Int>) -> Bool {
        let trivia = JSON5Trivia(bytes, in: range)
        return trivia.comments.isEmpty && trivia.comma == nil
    }

    /// `range` with its whole line if nothing else is on it, else with the blanks behind it.
    private func tidied(_ range: Range<Int>) -> Range<Int> {
        let start = bytes.indentation(at: range.lowerBound)
        let end = bytes.skippingBlanks(from: range.upperBound)
        let lineEnd = bytes.lineEndLength(at: end)
        if start.endsAtPlace, lineEnd > 0 {
            return bytes.startOfLine(at: range.lowerBound)..<(end + lineEnd)
        }
        return range.lowerBound..<(end == closing ? range.upperBound : end)
    }
}

extension JSON5Trivia {
    /// Whether a comma alone separates two items.
    fileprivate static func isTight(_ bytes: [UInt8], _ gap: Range<Int>) -> Bool { gap.count == 1 }
}
