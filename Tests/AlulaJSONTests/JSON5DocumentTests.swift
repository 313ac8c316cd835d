import Testing

@testable import AlulaJSON

struct JSON5DocumentTests {
    private func document(_ text: String) throws(JSONError) -> JSON5Document {
        try JSON5Document(parsing: Array(text.utf8))
    }

    @Test(
        arguments: [
            ("{}", [:]), ("[]", []), ("[1,]", [1]), ("{a:1,}", ["a": 1]),
            ("// c\n{/* d */a /*e*/ : /*f*/ 1 // g\n}", ["a": 1]),
            ("{'a b':'it\\'s',\"c\":\"'\"}", ["a b": "it's", "c": "'"]),
            ("{$_x1:true, ünï:false, \\u0061b:null}", ["$_x1": true, "ünï": false, "ab": .null]),
            (
                "[+1, -2, .5, 5., -.5e-3, 0xFF, -0x10, +0xa]",
                [1, -2, 0.5, 5, .number(JSONNumber(checked: "-0.5e-3")), 255, -16, 10]
            ),
            (
                "[1E0, 1e+0, -2.5E-3]",
                [
                    .number(JSONNumber(checked: "1E0")), .number(JSONNumber(checked: "1e+0")),
                    .number(JSONNumber(checked: "-2.5E-3")),
                ]
            ),
            ("0xFFFFFFFFFFFFFFFF", .number(JSONNumber(checked: "18446744073709551615"))),
            ("[Infinity, -Infinity, NaN, +NaN]", [.null, .null, .null, .null]),
            ("'a\\\nb\\\r\nc\\\u{2028}d'", "abcd"), ("'\\x41\\u0042\\0\\v\\q\\é'", "AB\u{0}\u{B}qé"),
            ("'\\ud83d\\ude00 \\ud83d'", "😀 \u{FFFD}"),
            ("'tab\there\u{2028}'", "tab\there\u{2028}"), ("\u{FEFF}\u{A0}\u{2003}[\u{FEFF}]\u{2029}", []),
            ("{a:1,b:2,a:3}", ["a": 3, "b": 2]),
            ("{true:1,null:2,Infinity:3}", ["true": 1, "null": 2, "Infinity": 3]), ("/**/1/***/", 1),
            ("1e999", .number(JSONNumber(checked: "1e999"))),
        ] as [(String, JSONValue)])
    func readsEverySpelling(text: String, expected: JSONValue) throws {
        #expect(try document(text).root.value == expected)
    }

    @Test(
        arguments: [
            ("", .empty, 1, 1), ("// only\n/* this */ ", .empty, 2, 12), ("{a:1", .unexpectedEnd, 1, 5),
            ("{a", .unexpectedEnd, 1, 3), ("{a:", .unexpectedEnd, 1, 4),
            ("{\n  a: [1,\n", .unexpectedEnd, 3, 1), ("/* x", .unexpectedEnd, 1, 1), ("'abc", .unexpectedEnd, 1, 5),
            ("'a\n'", .invalidString, 1, 3),
            ("[,]", .unexpectedCharacter, 1, 2), ("[1,,2]", .unexpectedCharacter, 1, 4),
            ("{,}", .unexpectedCharacter, 1, 2), ("{a 1}", .unexpectedCharacter, 1, 4),
            ("{a:1 b:2}", .unexpectedCharacter, 1, 6), ("{a:1]", .unexpectedCharacter, 1, 5),
            ("{\n  a: yes,\n}", .unexpectedCharacter, 2, 6), ("{a: sk-fake}", .unexpectedCharacter, 1, 5),
            ("{a-b:1}", .unexpectedCharacter, 1, 3), ("{1:2}", .unexpectedCharacter, 1, 2),
            ("01", .invalidNumber, 1, 3), ("0x", .unexpectedEnd, 1, 3), ("0xg", .invalidNumber, 1, 3),
            ("+", .unexpectedEnd, 1, 2), (".", .unexpectedEnd, 1, 2), ("+-1", .invalidNumber, 1, 2),
            ("1e", .unexpectedEnd, 1, 3), ("- 1", .invalidNumber, 1, 2), ("-Nope", .unexpectedCharacter, 1, 2),
            ("'\\1'", .invalidEscape, 1, 2), ("'\\x4'", .invalidEscape, 1, 2), ("'\\u004'", .invalidEscape, 1, 2),
            ("'\\01'", .invalidEscape, 1, 2),
            ("{\\x61:1}", .invalidEscape, 1, 2), ("{} x", .trailingContent, 1, 4), ("{}}", .trailingContent, 1, 3),
            ("{} /", .unexpectedCharacter, 1, 4), ("#a", .unexpectedCharacter, 1, 1),
        ] as [(String, JSONError.Code, Int, Int)])
    func pointsAtTheFirstMistake(text: String, code: JSONError.Code, line: Int, column: Int) throws {
        let error = try #require(throws: JSONError.self) { _ = try document(text) }
        #expect(error.code == code)
        #expect([error.line, error.column] == [line, column], "\(error)")
        #expect(!error.message.contains("fake"))
    }

    @Test(
        arguments: [
            [0xFF], [0x27, 0xFF, 0x27], [0x7B, 0xC3, 0x28], [0x5B, 0xE2, 0x80], [0x2F, 0x2F, 0xFF, 0x0A, 0xFE],
        ] as [[UInt8]])
    func refusesBrokenUTF8(bytes: [UInt8]) throws {
        let error = try #require(throws: JSONError.self) { _ = try JSON5Document(parsing: bytes) }
        #expect(error.code == .invalidUTF8)
    }

    @Test func boundsTheNesting() throws {
        for opening in ["[", "{a:", "[{a:"] {
            let error = try #require(throws: JSONError.self) {
                _ = try document(String(repeating: opening, count: 100_000))
            }
            #expect(error.code == .tooDeep)
        }
        #expect(throws: JSONError.self) { _ = try JSON5Document(parsing: Array("[[1]]".utf8), maximumDepth: 1) }
    }

    @Test func everyPrefixOfAFileIsRefused() throws {
        let text = "// c\n{ a: [1, 0x1F, +.5], 'b': \"x\\u0041\", c: { d: true, e: null, f: -Infinity } }"
        for length in 0..<text.utf8.count {
            let error = try #require(throws: JSONError.self) {
                _ = try JSON5Document(parsing: Array(text.utf8.prefix(length)))
            }
            #expect(
                [.unexpectedEnd, .empty].contains(error.code) || (error.code == .unexpectedCharacter && length == 1),
                "\(length): \(error)")
        }
    }

    @Test func knowsWhereEverythingStands() throws {
        let text = "{\r\n  // é\r\n  'kéy' : [ 1, {x: \"😀\"}, ], /* z */ last:true}"
        let document = try document(text)
        let member = try #require(document.root.member("kéy"))
        #expect(document.source(member.keyRange) == "'kéy'")
        #expect([member.keyPosition.line, member.keyPosition.column] == [3, 3])
        #expect(document.source(member.value.range) == "[ 1, {x: \"😀\"}, ]")
        #expect([member.value.position.line, member.value.position.column] == [3, 11])
        let inner = try #require(document.root.node(at: "kéy[1].x"))
        #expect(document.source(inner.range) == "\"😀\"")
        #expect([inner.position.line, inner.position.column] == [3, 20])
        let last = try #require(document.root.member("last"))
        #expect(document.source(last.range) == "last:true")
        #expect([last.keyPosition.line, last.keyPosition.column] == [3, 37])
        #expect(document.root.range == 0..<text.utf8.count)
        #expect(document.bytes == Array(text.utf8))
    }

    @Test func keepsRepeatedKeysAsMembers() throws {
        let root = try document("{a:1,a:2}").root
        #expect(root.members?.count == 2)
        #expect(root.member("a")?.value.value == 2)
        #expect(root.node(at: "a")?.value == 2)
    }

    @Test func readsLargeFilesInLinearTime() throws {
        let line = "{ id: 'agent', name: \"somebody\", count: 12, list: [1, 2, 3] }, // note\n"
        let text = "[\n" + String(repeating: line, count: 20_000) + "]"
        let document = try document(text)
        #expect(document.root.elements?.count == 20_000)
        #expect(document.root.elements?.last?.position.line == 20_001)
        let oneLine = "[" + String(repeating: "'é',", count: 100_000) + "]"
        #expect(try self.document(oneLine).root.elements?.last?.position.column == 2 + 4 * 99_999)
    }
}
