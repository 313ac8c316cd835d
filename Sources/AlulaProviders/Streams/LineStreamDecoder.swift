import AlulaInference

/// Cuts a body of JSON objects, each on a line of its own, into those objects.
///
/// Lines end in LF, CRLF or CR; empty ones and a byte order mark in front are skipped; the last one may lack its end.
struct LineStreamDecoder: StreamCutting {
    /// The longest line, in bytes.
    static let maximumLine = EventStreamDecoder.maximumEvent

    private var line: [UInt8] = []
    private var isAtStart = true

    var waitingBytes: Int { line.count }

    mutating func take(_ bytes: some Collection<UInt8>) throws(InferenceError) -> [EventStreamDecoder.Event] {
        var events: [EventStreamDecoder.Event] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let end = rest.firstIndex { $0 == 0x0A || $0 == 0x0D }
            let piece = rest[..<(end ?? rest.endIndex)]
            guard line.count + piece.count <= Self.maximumLine else {
                throw InferenceError(.malformedStream, "The provider sent a line that is too long.")
            }
            line += piece
            guard let end else { break }
            if let event = endLine() { events.append(event) }
            rest = rest[rest.index(after: end)...]
        }
        return events
    }

    mutating func end() -> EventStreamDecoder.Event? { endLine() }

    private mutating func endLine() -> EventStreamDecoder.Event? {
        // Nothing is kept for the next line, which may be long in coming.
        defer { line = [] }
        if isAtStart, line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        if !line.isEmpty { isAtStart = false }
        guard line.contains(where: { $0 != 0x20 && $0 != 0x09 }) else { return nil }
        return EventStreamDecoder.Event(data: line)
    }

    // MARK: What is a stream

    private static let mediaTypes: Set<String> = [
        "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines",
    ]

    static func isStream(_ mediaType: String) -> Bool { mediaTypes.contains(mediaType) }

    /// One object on the first line, and another one behind it.
    static func isStream(_ bytes: [UInt8], labelled mediaType: String) -> Bool {
        guard bytes.first == UInt8(ascii: "{"), let end = bytes.firstIndex(where: { $0 == 0x0A || $0 == 0x0D })
        else { return false }
        return bytes[end...].contains(UInt8(ascii: "{")) && bytes[..<end].last == UInt8(ascii: "}")
    }
}
