import Testing

@testable import AlulaJSON

struct JSONParserTests {
    @Test(
        arguments: [
            ("null", JSONValue.null), (" true ", true), ("false", false), ("0", 0),
            ("-12.5e+3", .number(JSONNumber(checked: "-12.5e+3"))),
            (#""""#, ""), (#""a\"\\\/\b\f\n\r\tz""#, "a\"\\/\u{8}\u{C}\n\r\tz"), (#""\u00e9\ud83d\ude00""#, "é😀"),
            (#""\ud83d""#, "\u{FFFD}"), (#""\ude00\u0041""#, "\u{FFFD}A"), (#""\ud83dx\ude00""#, "\u{FFFD}x\u{FFFD}"),
            ("[]", []), ("{}", [:]), ("[1,[2,[]],{}]", [1, [2, []], [:]]),
            (#"{"a":1,"b":{"c":[null]}}"#, ["a": 1, "b": ["c": [.null]]]),
            ("\u{FEFF}[1]", [1]), ("\"\u{7F}日本\"", "\u{7F}日本"), (#"{"__proto__":{"x":1}}"#, ["__proto__": ["x": 1]]),
        ] as [(String, JSONValue)])
    func readsValues(text: String, expected: JSONValue) throws {
        #expect(try JSONValue.parse(text) == expected)
    }

    @Test(
        arguments: [
            ("", JSONError.Code.empty, 1, 1), (" \n ", .empty, 2, 2), ("{", .unexpectedEnd, 1, 2),
            ("[1,", .unexpectedEnd, 1, 4),
            (#"{"a""#, .unexpectedEnd, 1, 5), (#"{"a":"#, .unexpectedEnd, 1, 6), (#""abc"#, .unexpectedEnd, 1, 5),
            (#""\u12"#, .unexpectedEnd, 1, 6),
            ("tru", .unexpectedEnd, 1, 4), ("-", .unexpectedEnd, 1, 2), ("1.", .unexpectedEnd, 1, 3),
            ("[1,]", .unexpectedCharacter, 1, 4),
            ("[,1]", .unexpectedCharacter, 1, 2), (#"{"a":1,}"#, .unexpectedCharacter, 1, 8),
            ("{a:1}", .unexpectedCharacter, 1, 2),
            ("{'a':1}", .unexpectedCharacter, 1, 2), (#"{"a" 1}"#, .unexpectedCharacter, 1, 6),
            ("[1 2]", .unexpectedCharacter, 1, 4),
            ("[1}", .unexpectedCharacter, 1, 3), ("nul1", .unexpectedCharacter, 1, 4), ("01", .invalidNumber, 1, 2),
            ("1.e5", .invalidNumber, 1, 3),
            ("-a", .invalidNumber, 1, 2), ("1e+", .unexpectedEnd, 1, 4), (#""\x""#, .invalidEscape, 1, 2),
            (#""\u12G4""#, .invalidEscape, 1, 2),
            ("\"a\nb\"", .invalidString, 1, 3), ("\"a\tb\"", .invalidString, 1, 3), ("1 2", .trailingContent, 1, 3),
            ("{}\r\n\r\n  x", .trailingContent, 3, 3),
            ("[\"é😀\", x]", .unexpectedCharacter, 1, 8), ("\u{FEFF}x", .unexpectedCharacter, 1, 1),
            ("// no", .unexpectedCharacter, 1, 1), ("NaN", .unexpectedCharacter, 1, 1),
        ] as [(String, JSONError.Code, Int, Int)])
    func pointsAtTheFirstMistake(text: String, code: JSONError.Code, line: Int, column: Int) throws {
        let error = try #require(throws: JSONError.self) { _ = try JSONValue.parse(text) }
        #expect(error.code == code)
        #expect([error.line, error.column] == [line, column], "\(error)")
        #expect(error.message.hasSuffix("."))
    }

    @Test(
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
            [0x22, 0x5C, 0x6E, 0xC0, 0x80, 0x22], [0x22, 0xF5, 0x80, 0x80, 0x80, 0x22],
        ] as [[UInt8]])
    func refusesBrokenUTF8(bytes: [UInt8]) throws {
        let error = try #require(throws: JSONError.self) { _ = try JSONValue.parse(bytes) }
        #expect(error.code == .invalidUTF8)
        #expect(error.offset == (bytes[1] == 0x5C ? 3 : 1))
    }

    @Test func boundsTheNestingWithoutUsingTheStack() throws {
        let deep = String(repeating: "[", count: 100_000)
        let error = try #require(throws: JSONError.self) { _ = try JSONValue.parse(deep) }
        #expect(error.code == .tooDeep)
        #expect(error.column == 257)
        let atTheBound = String(repeating: "[", count: 256) + String(repeating: "]", count: 256)
        #expect(try JSONValue.parse(atTheBound).text() == atTheBound)
        let objects = String(repeating: #"{"a":"#, count: 300) + "1" + String(repeating: "}", count: 300)
        #expect(throws: JSONError.self) { try JSONValue.parse(objects) }
        #expect(try JSONValue.parse("[[1]]", maximumDepth: 2) == [[1]])
        #expect(throws: JSONError.self) { try JSONValue.parse("[[1]]", maximumDepth: 1) }
    }

    @Test func keepsTheFirstPlaceAndTheLastValueOfARepeatedKey() throws {
        let value = try JSONValue.parse(#"{"a":1,"b":2,"a":3}"#)
        #expect(value.text() == #"{"a":3,"b":2}"#)
        let many = "{" + (0..<1000).map { "\"k\($0 % 500)\":\($0)" }.joined(separator: ",") + "}"
        let object = try #require(try JSONValue.parse(many).object)
        #expect(object.count == 500)
        #expect(object["k7"]?.integer == 507)
    }

    @Test func keepsTheSpellingOfNumbers() throws {
        let value = try JSONValue.parse("[1e999, 1.0, 12345678901234567890, -0, 9223372036854775807]")
        #expect(value.text() == "[1e999,1.0,12345678901234567890,-0,9223372036854775807]")
        let elements = try #require(value.array)
        #expect(elements[0].double == .infinity)
        #expect(elements.map(\.integer) == [nil, 1, nil, 0, .max])
    }

    @Test func everyPrefixOfATextIsRefusedAsUnfinishedOrReadsWhole() throws {
        let text = #"{"a":[1,2.5e3,true,null,"x\u0041\n"],"b":{"c":"d"}}"#
        for length in 1..<text.utf8.count {
            let error = try #require(throws: JSONError.self) {
                _ = try JSONValue.parse(Array(text.utf8.prefix(length)))
            }
            #expect(error.code == .unexpectedEnd, "\(length): \(error)")
        }
    }

    @Test func readsManyMembersInLinearTime() throws {
        let text = "{" + (0..<200_000).map { "\"key\($0)\":[\($0)]" }.joined(separator: ",") + "}"
        #expect(try JSONValue.parse(text).object?.count == 200_000)
    }

    @Test func countsOffsetsWithinASlice() throws {
        let bytes = Array("xx[1]yy".utf8)
        #expect(try JSONValue.parse(bytes[2..<5]) == [1])
        let error = try #require(throws: JSONError.self) { _ = try JSONValue.parse(bytes[2..<6]) }
        #expect(error.offset == 3)
    }
}
