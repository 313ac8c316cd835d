/// Edits replace the bytes of one value, or put one in or take one out. Everything else stays byte for byte: comments,
/// order, indentation, how keys, texts and numbers are spelled, and whether a comma trails.
extension JSON5Document {
    /// The document with `value` at `path`; objects and arrays on the way that are missing are made.
    ///
    /// A value that is spelled there already is left as it is. Where an object or array is replaced by another, what
    /// both have in common stays untouched.
    ///
    /// - Throws: ``JSONError/Code/noSuchPlace`` when something on the way is neither object nor array, or when an array is
    ///   too short; an index one beyond its end appends.
    package func setting(_ value: JSONValue, at path: ConfigurationPath) throws(JSONError) -> JSON5Document {
        guard let node = root.node(at: path) else { return try inserting(value, at: path) }
        var document = self
        var simple = TextEdits()
        var structural: [Change] = []
        document.compare(node, with: value, at: path, &simple, &structural)
        if !simple.isEmpty { document = try document.applying(simple) }
        for change in structural {
            switch change {
            case .insert(let value, let path): document = try document.inserting(value, at: path)
            case .remove(let path): document = try document.removing(path)
            }
        }
        return document
    }

    /// The document without what stands at `path`; itself when nothing does. Comments around it stay.
    package func removing(_ path: ConfigurationPath) throws(JSONError) -> JSON5Document {
        guard let last = path.components.last else { return try setting(.object(JSONObject()), at: .root) }
        var document = self
        // A key may be there several times; removing only the last would bring back the one before.
        while let parent = document.root.node(at: ConfigurationPath(path.components.dropLast())),
            let container = JSON5Container(parent, in: document.bytes), let index = parent.place(of: last)
        {
            document = try document.applying(container.removal(of: index))
            if !container.isObject { break }
        }
        return document
    }

    /// The document with `value` put in at `path`: as a new member at the end of an object, or before the element that
    /// now has that index, or at the end of an array. A member that is there already is replaced.
    ///
    /// - Throws: ``JSONError/Code/noSuchPlace``, as ``setting(_:at:)`` does; ``JSONError/Code/tooDeep``.
    package func inserting(_ value: JSONValue, at path: ConfigurationPath) throws(JSONError) -> JSON5Document {
        var node = root
        var around: JSON5Node?
        for (depth, component) in path.components.enumerated() {
            let isLast = depth == path.components.count - 1
            if !isLast, let next = node.node(at: ConfigurationPath([component])) {
                around = node
                node = next
                continue
            }
            if node.member(component.key) != nil { break }
            // Whatever is still missing on the way is made together with the value.
            let rest = path.components[(depth + 1)...].reversed().reduce(value) { inner, step in
                .object(JSONObject([(step.key, inner)]))
            }
            return try applying(insertion(of: rest, as: component, into: node, within: around))
        }
        return try setting(value, at: path)
    }

    /// The document after a merge patch (RFC 7396): objects merge, `null` removes, everything else replaces.
    ///
    /// - Throws: Never for a document whose root is an object.
    package func merging(_ patch: JSONValue, at path: ConfigurationPath = .root) throws(JSONError) -> JSON5Document {
        guard let members = patch.object else { return try setting(patch, at: path) }
        guard root.node(at: path)?.members != nil else {
            return try setting(patch.withoutNulls, at: path)
        }
        var document = self
        for (key, value) in members {
            let inner = path.appending(key)
            document = value.isNull ? try document.removing(inner) : try document.merging(value, at: inner)
        }
        return document
    }

    // MARK: Planning

    /// A change that moves the bytes of other items, so it needs a fresh look at the document.
    private enum Change {
        case insert(JSONValue, ConfigurationPath)
        case remove(ConfigurationPath)
    }

    private func compare(
        _ node: JSON5Node, with value: JSONValue, at path: ConfigurationPath, _ simple: inout TextEdits,
        _ structural: inout [Change]
    ) {
        if node.spells(value) { return }
        switch (node.kind, value) {
        case (.object(let members), .object(let object)):
            for key in Set(members.map(\.key)).sorted() where object[key] == nil {
                structural.append(.remove(path.appending(key)))
            }
            for (key, inner) in object {
                if let member = node.member(key) {
                    compare(member.value, with: inner, at: path.appending(key), &simple, &structural)
                } else {
                    structural.append(.insert(inner, path.appending(key)))
                }
            }
        case (.array(let old), .array(let new)):
            compare(old, with: new, at: path, &simple, &structural)
        default:
            simple.replace(node.range, with: replacement(of: node, by: value))
        }
    }

    /// What both ends have in common stays; in the middle elements are replaced in pairs, and the rest comes or goes.
    private func compare(
        _ old: [JSON5Node], with new: [JSONValue], at path: ConfigurationPath, _ simple: inout TextEdits,
        _ structural: inout [Change]
    ) {
        let shorter = min(old.count, new.count)
        let head = (0..<shorter).first { !old[$0].spells(new[$0]) } ?? shorter
        let tail = (0..<(shorter - head)).first { !old[old.count - 1 - $0].spells(new[new.count - 1 - $0]) }
        let middle = shorter - head - (tail ?? shorter - head)
        var inner: [Change] = []
        for index in head..<(head + middle) {
            compare(old[index], with: new[index], at: path.appending(index), &simple, &inner)
        }
        let next = head + middle
        if old.count > new.count {
            for index in (next..<(next + old.count - new.count)).reversed() {
                structural.append(.remove(path.appending(index)))
            }
        } else if new.count > old.count {
            for index in next..<(next + new.count - old.count) {
                structural.append(.insert(new[index], path.appending(index)))
            }
        }
        // Elements before the ones that came or went keep their index.
        structural += inner
    }

    private func replacement(of node: JSON5Node, by value: JSONValue) -> [UInt8] {
        let style = JSON5Style(of: self)
        if case .string(let text) = value, case .string = node.kind,
            bytes[node.range.lowerBound] == UInt8(ascii: "'")
        {
            return JSON5Style.singleQuoted(text)
        }
        return style.rendered(value, indentation: lineIndentation(at: node.range.lowerBound))
    }

    /// The white space of the line that `place` is on; `nil` in a document that is written on one line.
    private func lineIndentation(at place: Int) -> [UInt8]? {
        guard JSON5Container(root, in: bytes)?.isMultiline != false else { return nil }
        return bytes.indentation(at: place).text
    }

    // MARK: Inserting

    private func insertion(
        of value: JSONValue, as component: ConfigurationPath.Component, into node: JSON5Node,
        within around: JSON5Node?
    ) throws(JSONError) -> TextEdits {
        guard let container = JSON5Container(node, in: bytes) else {
            throw JSONError(
                .noSuchPlace, "There is a \(node.value.kindName) here, so nothing can stand below it.",
                at: node.position)
        }
        var style = JSON5Style(of: self)
        if let member = node.members?.last { style.learn(from: member, in: bytes) }
        let isMultiline =
            container.isMultiline ?? around.flatMap { JSON5Container($0, in: bytes)?.isMultiline } ?? true
        let base = bytes.indentation(at: node.range.lowerBound).text
        let indentation = isMultiline ? container.itemIndentation ?? base + style.unit : nil
        guard !container.isObject else {
            let text = style.rendered(component.key, value, indentation: indentation)
            return container.appending(text, indentation: indentation, base: base, lineEnd: style.lineEnd)
        }
        guard let index = component.index, index <= container.items.count else {
            throw JSONError(
                .noSuchPlace, "The array here has \(container.items.count) elements.", at: node.position)
        }
        let text = style.rendered(value, indentation: indentation)
        guard index < container.items.count else {
            return container.appending(text, indentation: indentation, base: base, lineEnd: style.lineEnd)
        }
        var edits = TextEdits()
        let separator = indentation.map { style.lineEnd + $0 } ?? [0x20]
        edits.insert(text + [UInt8(ascii: ",")] + separator, at: container.items[index].lowerBound)
        return edits
    }

    fileprivate func applying(_ edits: TextEdits) throws(JSONError) -> JSON5Document {
        try JSON5Document(parsing: edits.applied(to: bytes))
    }
}

extension JSON5Node {
    /// Which item `component` means; the last of repeated keys.
    fileprivate func place(of component: ConfigurationPath.Component) -> Int? {
        switch kind {
        case .array(let elements): component.index.flatMap { elements.indices.contains($0) ? $0 : nil }
        case .object(let members): members.lastIndex { $0.key == component.key }
        case .null, .bool, .number, .nonFinite, .string: nil
        }
    }
}

extension JSONValue {
    /// A merge patch laid over nothing.
    fileprivate var withoutNulls: JSONValue {
        guard let object else { return self }
        return .object(JSONObject(object.filter { !$0.value.isNull }.map { ($0.key, $0.value.withoutNulls) }))
    }
}

extension JSON5Document {
    /// The document with other bytes in the place of `ranges`, such as of comments.
    ///
    /// - Throws: ``JSONError`` when the result is no JSON5.
    package func replacing(_ ranges: [(range: Range<Int>, text: [UInt8])]) throws(JSONError) -> JSON5Document {
        guard !ranges.isEmpty else { return self }
        var edits = TextEdits()
        for edit in ranges { edits.replace(edit.range, with: edit.text) }
        return try applying(edits)
    }
}
