import AlulaInference

/// Cuts a `text/event-stream` body into events, however the network cut it into pieces.
///
/// Lines end in LF, CRLF or CR; comments and unknown fields are skipped; a byte order mark in front is ignored. An event
/// that the body's end cuts off is dropped, as the standard says, unless it is a whole `data` line without its empty line,
/// which some servers leave out at the very end.
///
/// - SeeAlso: WHATWG HTML, "Server-sent events", section "Interpreting an event stream".
struct EventStreamDecoder: Sendable {
    /// One event.
    struct Event: Hashable, Sendable {
        /// Empty when the event has no name.
        var name = ""
        var data: [UInt8] = []
    }

    /// The largest event, in bytes; a line of a comment counts too.
    static let maximumEvent = 16 << 20

    private var line: [UInt8] = []
    private var event = Event()
    private var hasData = false
    /// The last byte was a CR, so that an LF right after it ends no further line.
    private var isAfterReturn = false
    private var isAtStart = true

    /// Bytes of the event that is not whole yet.
    var waitingBytes: Int { line.count + event.data.count }

    /// Takes the next bytes of the body.
    ///
    /// - Returns: The events that they complete, in order.
    /// - Throws: ``InferenceError/Code/malformedStream`` when an event outgrows ``maximumEvent``.
    mutating func take(_ bytes: some Collection<UInt8>) throws(InferenceError) -> [Event] {
        var events: [Event] = []
        var rest = bytes[...]
        while let first = rest.first {
            if isAfterReturn, first == 0x0A {
                isAfterReturn = false
                rest = rest.dropFirst()
                continue
            }
            isAfterReturn = false
            let end = rest.firstIndex { $0 == 0x0A || $0 == 0x0D }
            let piece = rest[..<(end ?? rest.endIndex)]
            guard line.count + event.data.count + piece.count <= Self.maximumEvent else {
                throw InferenceError(.malformedStream, "The provider sent an event that is too large.")
            }
            line += piece
            guard let end else { break }
            isAfterReturn = rest[end] == 0x0D
            if let event = endLine() { events.append(event) }
            rest = rest[rest.index(after: end)...]
        }
        return events
    }

    /// The body has ended.
    ///
    /// - Returns: The event that only lacks its empty line.
    mutating func end() -> Event? {
        if !line.isEmpty { _ = endLine() }
        return dispatch()
    }

    private mutating func endLine() -> Event? {
        // Nothing is kept for the next line, which may be long in coming.
        defer { line = [] }
        if isAtStart {
            isAtStart = false
            if line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        }
        guard !line.isEmpty else { return dispatch() }
        guard line[0] != UInt8(ascii: ":") else { return nil }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[min(colon + 1, line.endIndex)...]
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "data":
            if hasData { event.data.append(0x0A) }
            hasData = true
            event.data += value
        case "event": event.name = String(decoding: value, as: UTF8.self)
        default: break
        }
        return nil
    }

    private mutating func dispatch() -> Event? {
        defer {
            event = Event()
            hasData = false
        }
        return hasData ? event : nil
    }
}
