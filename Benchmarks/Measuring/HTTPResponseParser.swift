/// Takes HTTP/1.1 responses out of a byte stream. Bodies come with `Content-Length` or in chunks.
package struct HTTPResponseParser: Sendable {
    /// One response.
    package struct Response: Sendable {
        package let status: Int
        package let body: [UInt8]
    }

    /// Heads longer than this are refused.
    private static let maximumHeadBytes = 65_536
    private var bytes: [UInt8] = []

    package init() {}

    /// Bytes that came after the last whole response; after a 101 they belong to the other protocol.
    package var rest: [UInt8] { bytes }

    /// Takes in `more`.
    package mutating func append(_ more: [UInt8]) { bytes.append(contentsOf: more) }

    /// The next whole response, or `nil` while more bytes are needed.
    package mutating func next() throws(BenchmarkError) -> Response? {
        guard let end = Self.endOfHead(bytes) else {
            guard bytes.count <= Self.maximumHeadBytes else {
                throw BenchmarkError(.malformedAnswer, "A response head has no end.")
            }
            return nil
        }
        let lines = bytes[..<end].split(separator: 0x0A)
        let first = lines.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard first.hasPrefix("HTTP/1.1 "), let status = Int(first.dropFirst(9).prefix(3)) else {
            throw BenchmarkError(.malformedAnswer, "This is no HTTP response.")
        }
        var length = 0
        for line in lines.dropFirst() {
            let text = String(decoding: line, as: UTF8.self).lowercased()
            if text.hasPrefix("content-length:") { length = Int(text.dropFirst(15).filter { $0.isNumber }) ?? 0 }
            guard text.hasPrefix("transfer-encoding: chunked") else { continue }
            guard let chunked = try chunks(from: end) else { return nil }
            bytes.removeFirst(chunked.end)
            return Response(status: status, body: chunked.body)
        }
        guard bytes.count >= end + length else { return nil }
        let body = Array(bytes[end..<(end + length)])
        bytes.removeFirst(end + length)
        return Response(status: status, body: body)
    }

    /// A whole body in chunks, and where it ends; `nil` while more bytes are needed.
    private func chunks(from start: Int) throws(BenchmarkError) -> (body: [UInt8], end: Int)? {
        var (body, place) = ([UInt8](), start)
        while let lineEnd = bytes[place...].firstIndex(of: 0x0A) {
            let line = String(decoding: bytes[place..<lineEnd].prefix { $0 != 0x0D && $0 != 0x3B }, as: UTF8.self)
            guard let size = Int(line, radix: 16), size >= 0 else {
                throw BenchmarkError(.malformedAnswer, "A chunk has no size.")
            }
            let end = lineEnd + 1 + size
            // A chunk, and the empty line after the last one, end in CR LF.
            guard bytes.count >= end + 2 else { return nil }
            body += bytes[(lineEnd + 1)..<end]
            place = end + 2
            if size == 0 { return (body, place) }
        }
        return nil
    }

    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for index in 3..<bytes.count
        where bytes[index] == 0x0A && bytes[index - 1] == 0x0D && bytes[index - 2] == 0x0A && bytes[index - 3] == 0x0D {
            return index + 1
        }
        return nil
    }
}
