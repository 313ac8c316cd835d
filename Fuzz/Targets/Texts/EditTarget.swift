import AlulaJSON

extension FuzzTarget {
    /// Edits of JSON5: they come to what the plain value comes to, leave comments and other bytes alone, and doing them
    /// twice is doing them once.
    static let json5Edit = FuzzTarget("json5-edit") { input in
        var input = input
        let kind = input.choice(EditKind.allCases)
        let (text, pathText, valueText) = (input.part(), input.part(), input.part())
        guard let document = parsed(text), let value = parsed(valueText)?.root.value,
            let path = parsedPath(pathText.text), path.components.count < 60
        else { return }
        let before = document.root.value
        let expected = kind.expectation(value, at: path.components[...], in: before)
        let edited: JSON5Document
        do throws(JSONError) {
            edited = try kind.apply(value, at: path, to: document)
        } catch {
            try require(expected == nil || error.code == .tooDeep, "an edit is refused: \(error)")
            return
        }
        guard let expected else { throw BrokenProperty(description: "an edit of a place that can't be is accepted") }
        try require(edited.root.value.isEquivalent(to: expected), "an edit comes to something else")
        try checkComments(of: document, keptIn: edited, besides: kind.touched(path, in: document))
        if kind.isDoneOnce(at: path, in: document) {
            let twice = try kind.apply(value, at: path, to: edited)
            try require(twice.bytes == edited.bytes, "an edit that is done again changes bytes")
        }
        if kind == .set, let node = document.root.node(at: path), isScalar(node.value), isScalar(value) {
            let (head, tail) = (document.bytes[..<node.range.lowerBound], document.bytes[node.range.upperBound...])
            try require(edited.bytes.starts(with: head), "replacing a value changed what stands before it")
            try require(edited.bytes.suffix(tail.count).elementsEqual(tail), "and what stands after it")
        }
    }

    private static func parsed(_ bytes: [UInt8]) -> JSON5Document? {
        do { return try JSON5Document(parsing: bytes) } catch { return nil }
    }

    private static func parsedPath(_ text: String) -> ConfigurationPath? {
        do { return try ConfigurationPath(parsing: text) } catch { return nil }
    }

    private static func isScalar(_ value: JSONValue) -> Bool { value.object == nil && value.array == nil }

    /// Comments outside of what was touched are still there, in their order.
    private static func checkComments(
        of old: JSON5Document, keptIn new: JSON5Document, besides touched: [Range<Int>]
    ) throws(BrokenProperty) {
        var left = new.commentRanges.map(new.source)[...]
        for range in old.commentRanges where !touched.contains(where: { $0.overlaps(range) }) {
            let comment = old.source(range)
            guard let index = left.firstIndex(of: comment) else {
                throw BrokenProperty(description: "a comment was lost or moved")
            }
            left = left[(index + 1)...]
        }
    }
}

/// The operations of a document, and what they come to on plain values.
private enum EditKind: CaseIterable {
    case set, insert, remove, merge

    func apply(
        _ value: JSONValue, at path: ConfigurationPath, to document: JSON5Document
    ) throws(JSONError) -> JSON5Document {
        switch self {
        case .set: try document.setting(value, at: path)
        case .insert: try document.inserting(value, at: path)
        case .remove: try document.removing(path)
        case .merge: try document.merging(value)
        }
    }

    /// Whether doing it again changes nothing. An element that is put in or taken out moves others to its place.
    func isDoneOnce(at path: ConfigurationPath, in document: JSON5Document) -> Bool {
        switch self {
        case .set, .merge: true
        case .insert: false
        case .remove: document.root.node(at: ConfigurationPath(path.components.dropLast()))?.elements == nil
        }
    }

    /// `nil` when it can't be done.
    func expectation(
        _ value: JSONValue, at path: ArraySlice<ConfigurationPath.Component>, in root: JSONValue
    ) -> JSONValue? {
        switch self {
        case .set: Self.setting(value, at: path, in: root, inserts: false)
        case .insert: Self.setting(value, at: path, in: root, inserts: true)
        case .remove: Self.removing(path, from: root)
        case .merge: Self.merging(value, into: root)
        }
    }

    /// Where comments may go with what is replaced.
    func touched(_ path: ConfigurationPath, in document: JSON5Document) -> [Range<Int>] {
        if self == .merge { return [0..<document.bytes.count] }
        guard let last = path.components.last,
            let parent = document.root.node(at: ConfigurationPath(path.components.dropLast()))
        else { return [document.root.range] }
        if let elements = parent.elements {
            guard let index = last.index, elements.indices.contains(index), self != .insert else { return [] }
            return [elements[index].range]
        }
        return (parent.members ?? []).filter { $0.key == last.key }.map(\.range)
    }

    private static func setting(
        _ value: JSONValue, at path: ArraySlice<ConfigurationPath.Component>, in target: JSONValue, inserts: Bool
    ) -> JSONValue? {
        guard let step = path.first else { return value }
        let rest = path.dropFirst()
        let fresh = rest.reversed().reduce(value) { inner, step in .object(JSONObject([(step.key, inner)])) }
        switch target {
        case .object(var object):
            if let child = object[step.key] {
                guard let changed = setting(value, at: rest, in: child, inserts: inserts) else { return nil }
                object[step.key] = changed
            } else {
                object[step.key] = fresh
            }
            return .object(object)
        case .array(var elements):
            guard let index = step.index, index <= elements.count else { return nil }
            if index == elements.count || (inserts && rest.isEmpty) {
                elements.insert(fresh, at: index)
            } else {
                guard let changed = setting(value, at: rest, in: elements[index], inserts: inserts) else { return nil }
                elements[index] = changed
            }
            return .array(elements)
        case .null, .bool, .number, .string:
            return nil
        }
    }

    private static func removing(
        _ path: ArraySlice<ConfigurationPath.Component>, from target: JSONValue
    ) -> JSONValue {
        guard let step = path.first else { return .object(JSONObject()) }
        let rest = path.dropFirst()
        switch target {
        case .object(var object):
            guard let child = object[step.key] else { return target }
            object[step.key] = rest.isEmpty ? nil : removing(rest, from: child)
            return .object(object)
        case .array(var elements):
            guard let index = step.index, elements.indices.contains(index) else { return target }
            if rest.isEmpty {
                elements.remove(at: index)
            } else {
                elements[index] = removing(rest, from: elements[index])
            }
            return .array(elements)
        case .null, .bool, .number, .string:
            return target
        }
    }

    /// RFC 7396.
    private static func merging(_ patch: JSONValue, into target: JSONValue) -> JSONValue {
        guard let members = patch.object else { return patch }
        var result = target.object ?? JSONObject()
        for (key, value) in members {
            result[key] = value.isNull ? nil : merging(value, into: result[key] ?? .null)
        }
        return .object(result)
    }
}
