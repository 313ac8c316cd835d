import Testing

@testable import AlulaJSON

struct JSONWriterTests {
    private let value: JSONValue = ["b": [1, 2.5, []], "a": ["x": .null, "é": "q\"\\\n\u{1}\u{1F}\u{7F}/"], "c": [:]]

    @Test func writesCompactText() {
        #expect(
            value.text()
                == #"{"b":[1,2.5,[]],"a":{"x":null,"é":"q\"\\\n\u0001\u001f/"},"c":{}}"#.replacing("/", with: "\u{7F}/")
        )
    }

    @Test func writesPrettyTextWithTwoSpacesAndNoLastLineEnd() {
        let value: JSONValue = ["b": [1, []], "a": ["x": true], "c": [:]]
        let expected = """
            {
              "b": [
                1,
                []
              ],
              "a": {
                "x": true
              },
              "c": {}
            }
            """
        #expect(value.text(.pretty) == expected)
    }

    @Test func sortsKeysByTheirBytes() {
        let value: JSONValue = ["é": 1, "z": ["b": 2, "a": 3], "Z": 4]
        #expect(value.text(.canonical) == #"{"Z":4,"z":{"a":3,"b":2},"é":1}"#)
    }

    @Test func readsBackWhatItWrote() throws {
        for format in [JSONValue.Format.compact, .pretty] {
            #expect(try JSONValue.parse(value.serialized(format)) == value)
        }
    }

    @Test(
        arguments: [
            (1.0, "1"), (0.1, "0.1"), (-0.0, "0"), (1e21, "1e+21"), (.infinity, "0"), (.nan, "0"), (9.3e18, "9.3e+18"),
            (-2.5, "-2.5"),
        ] as [(Double, String)])
    func writesNumbers(number: Double, expected: String) throws {
        let value = JSONValue.number(number)
        #expect(value.text() == expected)
        if number.isFinite { #expect(try JSONValue.parse(expected).double == number) }
    }
}

struct JSONObjectTests {
    @Test func keepsOrderThroughChanges() {
        var object = JSONObject([("a", 1), ("b", 2), ("c", 3)])
        object["b"] = nil
        object["a"] = 4
        object["d"] = 5
        object["nothing"] = nil
        #expect(object.keys == ["a", "c", "d"])
        #expect(JSONValue.object(object).text() == #"{"a":4,"c":3,"d":5}"#)
    }

    /// Taken out one at a time, half a million members would be moved a hundred thousand million times.
    @Test func manyMembersGoAtOnce() {
        var object = JSONObject((0..<500_000).map { ("k\($0)", .number($0)) })
        object.removeAll { $0.value.integer.map { $0 % 2 == 0 } ?? false }
        #expect(object.count == 250_000)
        #expect(object["k1"] == 1 && object["k2"] == nil && object["k499999"] == 499_999)
        #expect(object.keys.first == "k1")
        object.removeAll { _ in true }
        #expect(object.isEmpty && object["k1"] == nil)
    }

    @Test(arguments: [5, 12, 13, 14, 100])
    func findsEveryMember(count: Int) {
        var object = JSONObject((0..<count).map { ("k\($0)", .number($0)) })
        for index in 0..<count { #expect(object["k\(index)"]?.integer == Int64(index)) }
        #expect(object["k\(count)"] == nil)
        object["k0"] = nil
        #expect(object.count == count - 1)
        #expect(object["k0"] == nil)
        #expect(object["k\(count - 1)"]?.integer == Int64(count - 1))
        #expect(object == JSONObject((1..<count).map { ("k\($0)", .number($0)) }))
    }
}
