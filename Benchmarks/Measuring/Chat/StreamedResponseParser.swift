/// Takes the events out of a streamed HTTP/1.1 response, whose body comes in chunks.
package struct StreamedResponseParser: Sendable {
    private enum Place {
        case head
        case chunkSize
        /// Bytes of the chunk that are still to come.
        case chunk(Int)
        /// The line end after a chunk.
        case chunkEnd
        case end
    }

    /// `nil` until the head is there.
    package private(set) var status: Int?
    /// Whether the body has come to its end.
    package var hasEnded: Bool { if case .end = place { true } else { false } }

    private var place = Place.head
    /// A line of the head or between chunks.
    private var line: [UInt8] = []
    private var isChunked = false
    private var length = 0
    private var event: [UInt8] = []

    package init() {}

    /// Takes in bytes.
    ///
    /// - Returns: The `data` lines that they complete, without their label. A body in one piece is one line.
    package mutating func take(_ bytes: [UInt8]) throws(BenchmarkError) -> [[UInt8]] {
        var events: [[UInt8]] = []
        for byte in bytes {
            switch place {
            case .head:
                guard let text = endedLine(byte) else { continue }
                if text.isEmpty { place = isChunked ? .chunkSize : .chunk(length) } else { try readHead(text) }
            case .chunkSize:
                guard let text = endedLine(byte) else { continue }
                guard let size = Int(text, radix: 16) else {
                    throw BenchmarkError(.malformedAnswer, "A chunk has no size.")
                }
                place = size == 0 ? .end : .chunk(size)
            case .chunk(let left):
                take(byte, &events)
                guard left == 1 else {
                    place = .chunk(left - 1)
                    continue
                }
                place = isChunked ? .chunkEnd : .end
                if !isChunked { events.append(event) }
            case .chunkEnd: if byte == 0x0A { place = .chunkSize }
            case .end: break
            }
        }
        return events
    }

    private mutating func take(_ byte: UInt8, _ events: inout [[UInt8]]) {
        guard byte == 0x0A, isChunked else { return event.append(byte) }
        let label = Array("data: ".utf8)
        if event.starts(with: label) { events.append(Array(event.dropFirst(label.count))) }
        event.removeAll(keepingCapacity: true)
    }

    private mutating func readHead(_ text: String) throws(BenchmarkError) {
        guard status != nil else {
            guard text.hasPrefix("HTTP/1.1 "), let code = Int(text.dropFirst(9).prefix(3)) else {
                throw BenchmarkError(.malformedAnswer, "This is no HTTP response.")
            }
            status = code
            return
        }
        let text = text.lowercased()
        if text.hasPrefix("transfer-encoding:") { isChunked = text.hasSuffix("chunked") }
        if text.hasPrefix("content-length:") { length = Int(text.dropFirst(15).filter(\.isNumber)) ?? 0 }
    }

    private mutating func endedLine(_ byte: UInt8) -> String? {
        guard byte == 0x0A else {
            line.append(byte)
            return nil
        }
        if line.last == 0x0D { line.removeLast() }
        defer { line.removeAll(keepingCapacity: true) }
        return String(decoding: line, as: UTF8.self)
    }
}
