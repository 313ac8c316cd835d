import Testing

@testable import AlulaProviders

struct LineStreamDecoderTests {
    private static func lines(_ parts: [String]) throws -> [String] {
        var decoder = LineStreamDecoder()
        var events: [EventStreamDecoder.Event] = []
        for part in parts { events += try decoder.take(Array(part.utf8)) }
        if let last = decoder.end() { events.append(last) }
        return events.map { String(decoding: $0.data, as: UTF8.self) }
    }

    @Test(arguments: [
        "{}\n{\"a\":1}\n", "{}\r\n{\"a\":1}\r\n", "{}\r{\"a\":1}", "\u{FEFF}{}\n\n\n \t\n{\"a\":1}\n",
        "\n{}\n{\"a\":1}",
    ]) func linesEndAsTheyLike(_ text: String) throws {
        #expect(try Self.lines([text]) == ["{}", "{\"a\":1}"])
        #expect(try Self.lines(text.utf8.map { String(decoding: [$0], as: UTF8.self) }).count == 2)
    }

    @Test func aMarkOfTheByteOrderCountsInFrontOnly() throws {
        #expect(try Self.lines(["{}\n\u{FEFF}{}\n"]) == ["{}", "\u{FEFF}{}"])
    }

    @Test func aLineHasABound() throws {
        var decoder = LineStreamDecoder()
        let half = [UInt8](repeating: 0x78, count: LineStreamDecoder.maximumLine / 2)
        _ = try decoder.take(half)
        _ = try decoder.take(half)
        #expect(decoder.waitingBytes == LineStreamDecoder.maximumLine)
        let error = #expect(throws: (any Error).self) { try decoder.take([0x78]) }
        #expect("\(String(describing: error))".contains("too long"))
    }

    @Test func knowsAStreamByItsLines() {
        func isStream(_ text: String) -> Bool { LineStreamDecoder.isStream(Array(text.utf8), labelled: "") }
        #expect(isStream("{\"a\":1}\n{\"b\":2}\n"))
        #expect(isStream("{}\r\n{}"))
        for text in ["", "{}", "{}\n", "{\n  \"a\": {}\n}", "<html>\n{}", "\n{}\n{}"] {
            #expect(!isStream(text), "\(text)")
        }
        #expect(LineStreamDecoder.isStream("application/x-ndjson"))
        #expect(!LineStreamDecoder.isStream("application/json"))
    }
}
