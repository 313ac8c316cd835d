import Testing

@testable import AlulaJSON

struct JSON5EditingTests {
    private func document(_ text: String) throws -> JSON5Document { try JSON5Document(parsing: Array(text.utf8)) }
    private func text(_ document: JSON5Document) -> String { String(decoding: document.bytes, as: UTF8.self) }

    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var before: String
        var path: ConfigurationPath
        var value: JSONValue?
        var after: String
        var testDescription: String { name }

        init(_ name: String, _ before: String, _ path: ConfigurationPath, _ value: JSONValue?, _ after: String) {
            (self.name, self.before, self.path, self.value, self.after) = (name, before, path, value, after)
        }
    }

    static let cases = [
        Case("a scalar", "{ port: 0x10, // odd\n b: 1. }", "b", 2, "{ port: 0x10, // odd\n b: 2 }"),
        Case("the same value in another spelling", "{ port: 0x10 }", "port", 16, "{ port: 0x10 }"),
        Case("a text keeps its quotes", "{ a: 'x' }", "a", "it's \"y\"", #"{ a: 'it\'s "y"' }"#),
        Case("a new member on a line", "{ a: 1 }", "b", 2, "{ a: 1, b: 2 }"),
        Case("a new member, tight", #"{"a":1,"b":2}"#, "c", 3, #"{"a":1,"b":2,"c":3}"#),
        Case("a new member", "{\n  \"a\": 1\n}\n", "b", true, "{\n  \"a\": 1,\n  \"b\": true\n}\n"),
        Case("behind a comma", "{\n\ta: 1,\n}\n", "b", 2, "{\n\ta: 1,\n\tb: 2,\n}\n"),
        Case("behind a comment", "{\n  a: 1 // one\n}", "b", 2, "{\n  a: 1, // one\n  b: 2\n}"),
        Case(
            "behind comments of their own", "{\n  a: 1, // one\n  // b: 3,\n}", "b", 2,
            "{\n  a: 1, // one\n  // b: 3,\n  b: 2,\n}"),
        Case("a comment ends the line", "{ a: 1 // one\n}", "b", 2, "{ a: 1, // one\nb: 2\n}"),
        Case("into an empty object", "{}", "a", 1, "{\n  \"a\": 1\n}"),
        Case("into an empty object within", "{\n  \"a\": {}\n}", "a.b", 1, "{\n  \"a\": {\n    \"b\": 1\n  }\n}"),
        Case("into comments", "{\n  // nothing yet\n}", "a", 1, "{\n  // nothing yet\n  \"a\": 1\n}"),
        Case(
            "what is missing on the way", "{\n  a: 1,\n}", "b.c.d", "x",
            "{\n  a: 1,\n  b: {\n    c: {\n      d: \"x\"\n    }\n  },\n}"),
        Case("with CR LF", "{\r\n  a: 1\r\n}\r\n", "b", 2, "{\r\n  a: 1,\r\n  b: 2\r\n}\r\n"),
        Case("a key that needs quotes", "{ a: 1 }", #"["x-y"]"#, 2, #"{ a: 1, "x-y": 2 }"#),
        Case("single quotes", "{ 'a': 1 }", "b", 2, "{ 'a': 1, 'b': 2 }"),
        Case("an element", "[1, 2 /* two */, 3]", "[1]", 5, "[1, 5 /* two */, 3]"),
        Case("an element at the end", "{ a: [1, 2] }", "a[2]", 3, "{ a: [1, 2, 3] }"),
        Case(
            "an object keeps what stays", "{\n  a: {\n    x: 1, // one\n    y: 2,\n  },\n}", "a", ["x": 1, "z": 3],
            "{\n  a: {\n    x: 1, // one\n    z: 3,\n  },\n}"),
        Case("an array that shrinks", "[ 'a', /* b */ 'b', 'c' ]", .root, ["a", "c"], "[ 'a', /* b */ 'c' ]"),
        Case("an array that grows", "[\n  1,\n  3,\n]", .root, [1, 2, 3], "[\n  1,\n  2,\n  3,\n]"),
        Case("the last of repeated keys", "{ a: 1, a: 2 }", "a", 3, "{ a: 1, a: 3 }"),
        Case("removes a line", "{\n  a: 1,\n  b: 2, // two\n  c: 3\n}", "a", nil, "{\n  b: 2, // two\n  c: 3\n}"),
        Case("removes between", "{ a: 1, b: 2, c: 3 }", "b", nil, "{ a: 1, c: 3 }"),
        Case("removes the last", "{\n  a: 1,\n  b: 2\n}", "b", nil, "{\n  a: 1\n}"),
        Case("removes the last with its comma", "{\n  a: 1,\n  b: 2,\n}", "b", nil, "{\n  a: 1,\n}"),
        Case("keeps comments", "{\n  // a\n  a: 1, // one\n  b: 2\n}", "a", nil, "{\n  // a\n  // one\n  b: 2\n}"),
        Case("removes repeated keys", "{ a: 1, b: 2, a: 3 }", "a", nil, "{ b: 2 }"),
        Case("removes the only one", "{\n  a: 1,\n}\n", "a", nil, "{\n}\n"),
        Case("removes what is not there", "{ a: 1 }", "b.c", nil, "{ a: 1 }"),
        Case("removes an element", "{ a: [1, 2, 3] }", "a[0]", nil, "{ a: [2, 3] }"),
    ]

    @Test(arguments: cases)
    func changesTheseBytesAndNoOthers(_ example: Case) throws {
        let before = try document(example.before)
        let after =
            try example.value.map { try before.setting($0, at: example.path) } ?? before.removing(example.path)
        #expect(text(after) == example.after)
    }

    @Test func removesAllMembersOneAfterTheOther() throws {
        var document = try document("{\n  a: 1, // one\n  /* two */ b: [2,],\n  c: { d: 3 }\n}")
        for key in ["b", "c", "a"] { document = try document.removing(ConfigurationPath(keys: key)) }
        #expect(document.root.value == [:])
        #expect(text(document).contains("// one") && text(document).contains("/* two */"))
    }

    @Test func refusesPlacesBelowScalars() throws {
        let error = #expect(throws: JSONError.self) { try document("{ a: 1 }").setting(2, at: "a.b") }
        #expect(error?.code == .noSuchPlace)
        #expect(throws: JSONError.self) { try document("{ a: [1] }").setting(2, at: "a[3]") }
        #expect(throws: JSONError.self) { try document("{ a: [1] }").setting(2, at: "a.b") }
    }

    @Test func mergesPatches() throws {
        let before = try document("{\n  a: { b: 1, c: 2 }, // kept\n  d: [1, 2],\n  e: 5,\n}")
        let patch: JSONValue = ["a": ["b": .null, "x": ["y": .null, "z": 1]], "d": [3], "e": ["f": 1], "n": .null]
        let after = try before.merging(patch)
        #expect(after.root.value.isEquivalent(to: ["a": ["c": 2, "x": ["z": 1]], "d": [3], "e": ["f": 1]]))
        #expect(text(after).contains("// kept"))
    }

    // MARK: Any document, any edit

    /// Many changes are made in one go: read anew after each, this text would be read ten thousand times.
    @Test func manyChangesCostAFewReadings() throws {
        let lines = (0..<8_000).map { "  k\($0): {v: \($0)}, // \($0)" }
        let before = try document("{\n" + lines.joined(separator: "\n") + "\n}\n")
        let edits = (0..<8_000).map { index -> (path: ConfigurationPath, value: JSONValue?) in
            switch index % 4 {
            case 0: (ConfigurationPath([.key("k\(index)")]), nil)
            case 1: (ConfigurationPath([.key("k\(index)"), .key("v")]), "new")
            case 2: (ConfigurationPath([.key("k\(index)"), .key("w")]), [1])
            default: (ConfigurationPath([.key("n\(index)")]), true)
            }
        }
        let after = try before.editing(edits)
        let expected = edits.reduce(into: before.root.value.object ?? JSONObject()) { object, edit in
            if let value = edit.value, edit.path.components.count == 1 { object[edit.path.components[0].key] = value }
        }
        #expect(after.root.value.object?.count == expected.count - 2000)
        #expect(after.root.value["k1"] == ["v": "new"] && after.root.value["k2"] == ["v": 2, "w": [1]])
        #expect(after.root.value["k0"] == nil && after.root.value["n3"] == true)
        #expect(after.commentRanges.count == 8_000)
        let patch = JSONValue.object(
            JSONObject((0..<8_000).map { ("k\($0)", $0 % 2 == 0 ? .null : ["v": .null, "x": 1]) }))
        let merged = try before.merging(patch)
        #expect(merged.root.value.object?.count == 4_000 && merged.root.value["k3"] == ["x": 1])
        #expect(try before.setting(merged.root.value, at: .root).bytes == merged.bytes)
    }

    @Test(
        arguments: [
            ("[0, 1, 2]", [1, 2], "[0]"), ("[0, /* a */ 1, /* b */ 2]", [1, 2], "[0 /* a */  /* b */ ]"),
            ("[0, 1, 2,]", [0, 2], "[1, ]"), ("[\n  0,\n  1, // one\n  2\n]", [0, 2], "[\n  1 // one\n]"),
            ("[0, 1]", [0, 1], "[]"), ("[0, 1, 2, 3]", [0, 1, 3], "[2]"),
        ])
    func takesOutSeveralWithTheirCommas(text: String, removed: [Int], expected: String) throws {
        let before = try document(text)
        let after = try before.editing(removed.map { (ConfigurationPath([.index($0)]), nil) })
        #expect(self.text(after) == expected)
    }

    @Test(arguments: 0..<60)
    func leavesEverythingElseAlone(_ seed: UInt64) throws {
        var writer = DocumentWriter(seed: seed)
        for _ in 0..<40 {
            let before = try document(writer.makeDocument())
            let model = before.root.value
            let (path, value) = writer.makeEdit(of: before.root)
            let after = try value.map { try before.setting($0, at: path) } ?? before.removing(path)
            let expected = value.map { model.setting($0, at: path) } ?? model.removing(path)
            let note: Comment = "\(text(before))\n\(path) = \(value?.text() ?? "nothing")\n\(text(after))"
            #expect(after.root.value.isEquivalent(to: expected), note)
            // Setting it again changes nothing more.
            if let value { #expect(text(try after.setting(value, at: path)) == text(after), note) }

            if let node = before.root.node(at: path), value != nil, node.members == nil, node.elements == nil {
                #expect(after.bytes.starts(with: before.bytes[..<node.range.lowerBound]), note)
                #expect(after.bytes.reversed().starts(with: before.bytes[node.range.upperBound...].reversed()), note)
            }
            let touched = before.root.range(of: path)
            let comments = before.commentRanges.filter { touched?.contains($0.lowerBound) != true }
            let kept = after.commentRanges.map(after.source)
            #expect(kept.isSupersequence(of: comments.map(before.source)), note)
            #expect(after.siblings(of: path, to: before) == before.siblings(of: path, to: before), note)
        }
    }

    @Test(arguments: 0..<20)
    func replacesAnyValueByAnyOther(_ seed: UInt64) throws {
        var writer = DocumentWriter(seed: 1000 + seed)
        for _ in 0..<20 {
            let before = try document(writer.makeDocument())
            let wanted = try document(writer.makeDocument()).root.value
            let after = try before.setting(wanted, at: .root)
            #expect(after.root.value.isEquivalent(to: wanted), "\(text(before))\n\(wanted.text())\n\(text(after))")
        }
    }
}

extension JSON5Node {
    /// The bytes that an edit at `path` may change: the value there, with its key.
    fileprivate func range(of path: ConfigurationPath) -> Range<Int>? {
        guard let node = node(at: path) else { return nil }
        let parent = self.node(at: ConfigurationPath(path.components.dropLast()))
        // Removing a member removes each of its repetitions; the comments between them may go with the first.
        let repeated = parent?.members?.filter { $0.key == path.components.last?.key } ?? []
        guard let first = repeated.first, let last = repeated.last else { return node.range }
        return first.range.lowerBound..<last.range.upperBound
    }
}

extension JSON5Document {
    /// How everything beside the way to `path` is written, for what was there in `original`.
    fileprivate func siblings(of path: ConfigurationPath, to original: JSON5Document) -> [String] {
        var found: [String] = []
        var (node, old) = (root, original.root)
        for component in path.components {
            guard let members = node.members, let before = old.members else { break }
            let keys = Set(before.map(\.key))
            found += members.filter { $0.key != component.key && keys.contains($0.key) }.map { source($0.range) }
            guard let next = node.node(at: ConfigurationPath([component])),
                let next2 = old.node(at: ConfigurationPath([component]))
            else { break }
            (node, old) = (next, next2)
        }
        return found
    }
}

extension [String] {
    fileprivate func isSupersequence(of other: [String]) -> Bool {
        var rest = makeIterator()
        return other.allSatisfy { wanted in
            while let next = rest.next() { if next == wanted { return true } }
            return false
        }
    }
}

extension JSONValue {
    /// The plain model of an edit.
    fileprivate func setting(_ value: JSONValue, at path: ConfigurationPath) -> JSONValue {
        guard let first = path.components.first else { return value }
        let rest = ConfigurationPath(Array(path.components.dropFirst()))
        if case .array(var elements) = self, let index = first.index {
            if index < elements.count {
                elements[index] = elements[index].setting(value, at: rest)
            } else {
                elements.append(JSONValue.object(JSONObject()).setting(value, at: rest))
            }
            return .array(elements)
        }
        var members = object ?? JSONObject()
        members[first.key] = (members[first.key] ?? .object(JSONObject())).setting(value, at: rest)
        return .object(members)
    }

    fileprivate func removing(_ path: ConfigurationPath) -> JSONValue {
        guard let last = path.components.last else { return [:] }
        let parentPath = ConfigurationPath(path.components.dropLast())
        guard var parent = value(at: parentPath) else { return self }
        switch parent {
        case .array(var elements):
            guard let index = last.index, elements.indices.contains(index) else { return self }
            elements.remove(at: index)
            parent = .array(elements)
        case .object(var members):
            guard members[last.key] != nil else { return self }
            members[last.key] = nil
            parent = .object(members)
        default: return self
        }
        return setting(parent, at: parentPath)
    }
}
