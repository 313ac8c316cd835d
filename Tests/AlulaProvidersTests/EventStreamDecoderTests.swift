import AlulaInference
import Testing

@testable import AlulaProviders

struct EventStreamDecoderTests {
    private static func texts(_ pieces: [[UInt8]]) throws -> [String] {
        var decoder = EventStreamDecoder()
        var events: [EventStreamDecoder.Event] = []
        for piece in pieces { events += try decoder.take(piece) }
        if let last = decoder.end() { events.append(last) }
        return events.map { "\($0.name)|\(String(decoding: $0.data, as: UTF8.self))" }
    }

    private static let recordings: [(String, [String])] = [
        ("data: a\n\ndata: b\n\n", ["|a", "|b"]),
        ("data: a\r\n\r\ndata: b\r\n\r\n", ["|a", "|b"]),
        ("data: a\r\rdata: b\r\r", ["|a", "|b"]),
        ("\u{FEFF}data: a\n\n", ["|a"]),
        (": a comment\n\ndata:no space\n\n:\n\n", ["|no space"]),
        ("event: x\ndata: 1\ndata: 2\nid: 7\nretry: 1\nunknown\n\n", ["x|1\n2"]),
        ("event: nothing but a name\n\ndata\n\n", ["|"]),
        ("data: Grüße 🦅 世界\n\n", ["|Grüße 🦅 世界"]),
        // The empty line is missing, and then the line's end as well.
        ("data: a\n\ndata: b\n", ["|a", "|b"]),
        ("data: a\n\ndata: b", ["|a", "|b"]),
        ("data:  two spaces\n\n", ["| two spaces"]),
        ("", []), ("\n\n\n", []), ("nonsense\n\n", []),
    ]

    /// Whatever the network cuts, the events are the same: at each place, at each pair of places, and byte by byte.
    @Test func cutsAnywhereChangeNothing() throws {
        for (text, expected) in Self.recordings {
            let bytes = Array(text.utf8)
            #expect(try Self.texts([bytes]) == expected, "\(text)")
            #expect(try Self.texts(bytes.map { [$0] }) == expected, "\(text)")
            for first in bytes.indices {
                #expect(
                    try Self.texts([Array(bytes[..<first]), Array(bytes[first...])]) == expected, "\(text) \(first)")
                for second in bytes.indices where second > first {
                    let pieces = [bytes[..<first], bytes[first..<second], bytes[second...]].map(Array.init)
                    #expect(try Self.texts(pieces) == expected, "\(text) \(first) \(second)")
                }
            }
        }
    }

    @Test func anEventWithoutEndIsRefused() {
        var decoder = EventStreamDecoder()
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        #expect(throws: InferenceError.self) {
            for _ in 0..<17 { _ = try decoder.take(piece) }
        }
    }
}
