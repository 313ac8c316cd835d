package import AlulaJSON

/// What a reader asks of the log.
package struct LogQuery: Hashable, Sendable {
    /// Where the last answer ended; `nil` for the last lines.
    package var cursor: Int64?
    /// Lines at most.
    package var maximumLines: Int
    /// Bytes of the file at most.
    package var maximumBytes: Int

    /// The protocol's defaults.
    package init(cursor: Int64? = nil, maximumLines: Int = 500, maximumBytes: Int = 250_000) {
        self.cursor = cursor
        self.maximumLines = maximumLines
        self.maximumBytes = maximumBytes
    }
}

/// A part of the log, as `logs.tail` answers it.
package struct LogSlice: Hashable, Sendable {
    package var file: String
    /// Where to go on: after the last whole line.
    package var cursor: Int64
    /// The file's size.
    package var size: Int64
    package var lines: [String]
    /// Lines between the cursor, or the beginning, and these were left out.
    package var isTruncated = false
    /// The cursor did not belong to this file, or lay too far back.
    package var isReset = false

    /// The wire's shape.
    package var payload: JSONValue {
        [
            "file": .string(file), "cursor": .number(cursor), "size": .number(size),
            "lines": .array(lines.map { .string($0) }), "truncated": .bool(isTruncated), "reset": .bool(isReset),
        ]
    }
}

extension LogWindow {
    /// Answers `query` out of memory.
    ///
    /// - Parameter isOtherFile: The reader's cursor came from a file that had this name before.
    func slice(_ query: LogQuery, isOtherFile: Bool = false) -> LogSlice {
        var slice = LogSlice(file: path, cursor: end, size: size, lines: [])
        let furthest = max(0, end - Int64(query.maximumBytes))
        var from = furthest
        if let cursor = query.cursor, !isOtherFile, cursor <= size {
            if cursor >= furthest {
                from = cursor
            } else {
                slice.isReset = true
                slice.isTruncated = true
            }
        } else {
            slice.isReset = query.cursor != nil
            slice.isTruncated = from > 0
        }
        var found = lines[lines.partitioningIndex { $0.start >= from }...]
        if found.count > query.maximumLines {
            found = found.suffix(query.maximumLines)
            // Who asked for the last lines got them; who follows missed some.
            if query.cursor != nil { slice.isTruncated = true }
        }
        slice.lines = found.map(\.text)
        return slice
    }
}
