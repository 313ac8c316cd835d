import AlulaJSON

extension FuzzTarget {
    /// Strict JSON: what is read and written is read the same, and JSON5 reads it the same too.
    static let json = FuzzTarget("json") { input in
        let bytes = input.bytes
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue.parse(bytes)
        } catch {
            return try check(error, in: bytes)
        }
        let compact = value.serialized()
        let again = try JSONValue.parse(compact)
        try require(again == value, "JSON is not read back as it was")
        try require(again.serialized() == compact, "JSON is not written as before")
        try require(try JSONValue.parse(value.serialized(.pretty)) == value, "pretty JSON is not read back")
        let canonical = value.serialized(.canonical)
        let sorted = try JSONValue.parse(canonical)
        try require(sorted.isEquivalent(to: value), "canonical JSON says something else")
        try require(sorted.serialized(.canonical) == canonical, "canonical JSON is not canonical")
        try require(try JSON5Document(parsing: bytes).root.value == value, "JSON5 reads JSON as something else")
    }

    /// Lenient JSON5: every node lies where it says, and its text alone says the same.
    static let json5 = FuzzTarget("json5") { input in
        let bytes = input.bytes
        let document: JSON5Document
        do throws(JSONError) {
            document = try JSON5Document(parsing: bytes)
        } catch {
            return try check(error, in: bytes)
        }
        try require(document.bytes == bytes, "the text was not kept")
        try check(document.root, of: document, within: 0..<bytes.count)
        let value = document.root.value
        let strict = try JSONValue.parse(value.serialized())
        try require(strict == value, "the value is not read back from strict JSON")
        try require(document.root.spells(value) || holdsNonFinite(document.root), "the text does not spell its value")
        try require(try document.setting(value, at: .root).root.value == value, "setting the same changes the value")
    }

    /// Messages go to people: they are short, and their place is in the text.
    static func check(_ error: JSONError, in bytes: [UInt8]) throws(BrokenProperty) {
        try require((0...bytes.count).contains(error.offset), "the place of an error is outside of the text")
        try require(error.line >= 1 && error.column >= 1, "an error has no line or column")
        try require(error.message.utf8.count <= 200, "the message of an error is long")
    }

    private static func check(_ node: JSON5Node, of document: JSON5Document, within outer: Range<Int>) throws {
        try require(
            node.range.lowerBound >= outer.lowerBound && node.range.upperBound <= outer.upperBound
                && !node.range.isEmpty, "a node lies outside of its parent")
        try require(node.position.offset == node.range.lowerBound, "a node's place is not where it begins")
        var place = node.range.lowerBound + 1
        switch node.kind {
        case .array(let elements):
            for element in elements {
                try check(element, of: document, within: place..<node.range.upperBound)
                place = element.range.upperBound
            }
        case .object(let members):
            for member in members {
                try require(member.keyRange.lowerBound >= place, "a key lies before its turn")
                try require(member.keyRange.upperBound <= member.value.range.lowerBound, "a key lies behind its value")
                try check(member.value, of: document, within: place..<node.range.upperBound)
                place = member.value.range.upperBound
            }
        case .null, .bool, .number, .nonFinite, .string:
            let alone = try JSON5Document(parsing: Array(document.bytes[node.range]))
            try require(alone.root.value == node.value, "a value's text alone says something else")
        }
    }

    private static func holdsNonFinite(_ node: JSON5Node) -> Bool {
        switch node.kind {
        case .nonFinite: true
        case .array(let elements): elements.contains(where: holdsNonFinite)
        case .object(let members): members.contains { holdsNonFinite($0.value) }
        case .null, .bool, .number, .string: false
        }
    }
}
