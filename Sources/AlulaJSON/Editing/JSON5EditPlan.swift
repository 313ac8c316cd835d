/// The bytes that one change of a document replaces.
///
/// Everything is planned on the document as it is, so that any number of changes costs a few readings of the text. Only
/// what is put in waits until the rest is done, since commas depend on what else is left: ``JSON5Document/changing(_:)``
/// plans twice.
struct JSON5EditPlan {
    /// Replacements of values, and what is taken out.
    private(set) var edits = TextEdits()
    /// What is put in. Valid on its own only while ``edits`` is empty.
    private(set) var insertions = TextEdits()

    private let document: JSON5Document
    private let style: JSON5Style
    private let isMultiline: Bool

    init(_ change: JSON5Change, of document: JSON5Document) throws(JSONError) {
        self.document = document
        style = JSON5Style(of: document)
        isMultiline = JSON5Container.isMultiline(document.root, in: document.bytes) != false
        // A document is never without a value.
        if case .remove = change {
            set(document.root, .object(JSONObject()), within: nil)
        } else {
            try plan(change, of: document.root, within: nil)
        }
    }

    // MARK: Changes

    private mutating func plan(
        _ change: JSON5Change, of node: JSON5Node, within around: JSON5Node?
    ) throws(JSONError) {
        switch change {
        case .set(let value), .insert(let value):
            set(node, value, within: around)
        case .merge(let patch):
            guard let members = patch.object, node.members != nil else {
                if let value = change.fresh { set(node, value, within: around) }
                return
            }
            try planBelow(node, within: around, members.map { (.key($0), .merge($1)) })
        case .below(let changes):
            try planBelow(node, within: around, changes)
        case .remove:
            break
        }
    }

    private mutating func planBelow(
        _ node: JSON5Node, within around: JSON5Node?,
        _ changes: [(step: ConfigurationPath.Component, change: JSON5Change)]
    ) throws(JSONError) {
        var items = JSON5Items(node)
        var insertions: [(step: ConfigurationPath.Component, value: JSONValue)] = []
        for (step, change) in changes {
            switch change {
            case .remove, .merge(.null):
                items.remove(step)
            case .insert(let value) where node.elements != nil:
                insertions.append((step, value))
            case .set, .insert, .merge, .below:
                if let item = items.item(at: step) {
                    try plan(change, of: item, within: node)
                } else if let value = change.fresh {
                    insertions.append((step, value))
                }
            }
        }
        try apply(items, insertions, to: node, within: around)
    }

    // MARK: Comparing

    private mutating func set(_ node: JSON5Node, _ value: JSONValue, within around: JSON5Node?) {
        if node.spells(value) { return }
        switch (node.kind, value) {
        case (.object(let members), .object(let object)):
            var items = JSON5Items(node)
            var insertions: [(step: ConfigurationPath.Component, value: JSONValue)] = []
            for member in members where object[member.key] == nil { items.remove(.key(member.key)) }
            for (key, inner) in object {
                if let item = items.item(at: .key(key)) {
                    set(item, inner, within: node)
                } else {
                    insertions.append((.key(key), inner))
                }
            }
            put(items, insertions, into: node, within: around)
        case (.array(let old), .array(let new)):
            set(node, old, new, within: around)
        default:
            edits.replace(node.range, with: replacement(of: node, by: value))
        }
    }

    /// What both ends have in common stays; in the middle elements are replaced in pairs, and the rest comes or goes.
    private mutating func set(_ node: JSON5Node, _ old: [JSON5Node], _ new: [JSONValue], within around: JSON5Node?) {
        let shorter = min(old.count, new.count)
        let head = (0..<shorter).first { !old[$0].spells(new[$0]) } ?? shorter
        let tail = (0..<(shorter - head)).first { !old[old.count - 1 - $0].spells(new[new.count - 1 - $0]) }
        let next = head + shorter - head - (tail ?? shorter - head)
        for index in head..<next { set(old[index], new[index], within: node) }
        var items = JSON5Items(node)
        for index in next..<max(next, next + old.count - new.count) { items.remove(.index(index)) }
        let fresh = next..<max(next, next + new.count - old.count)
        put(items, fresh.map { (.index($0), new[$0]) }, into: node, within: around)
    }

    private func replacement(of node: JSON5Node, by value: JSONValue) -> [UInt8] {
        switch value {
        case .string(let text):
            guard case .string = node.kind, document.bytes[node.range.lowerBound] == UInt8(ascii: "'") else { break }
            return JSON5Style.singleQuoted(text)
        case .array, .object:
            let indentation = isMultiline ? document.bytes.indentation(at: node.range.lowerBound).text : nil
            return style.rendered(value, indentation: indentation)
        case .null, .bool, .number: break
        }
        return style.rendered(value, indentation: nil)
    }

    // MARK: Items

    /// - Throws: ``JSONError/Code/noSuchPlace`` when something is to be put where nothing can stand.
    private mutating func apply(
        _ items: JSON5Items, _ fresh: [(step: ConfigurationPath.Component, value: JSONValue)], to node: JSON5Node,
        within around: JSON5Node?
    ) throws(JSONError) {
        if !fresh.isEmpty, let refusal = refusal(of: fresh.map(\.step), in: node) { throw refusal }
        put(items, fresh, into: node, within: around)
    }

    private func refusal(of steps: [ConfigurationPath.Component], in node: JSON5Node) -> JSONError? {
        if node.members != nil { return nil }
        guard let elements = node.elements else {
            return JSONError(
                .noSuchPlace, "There is a \(node.value.kindName) here, so nothing can stand below it.",
                at: node.position)
        }
        // One element may follow another that is put in with it.
        for (count, step) in steps.enumerated() {
            guard let index = step.index, index <= elements.count + count else {
                return JSONError(
                    .noSuchPlace, "The array here has \(elements.count) elements.", at: node.position)
            }
        }
        return nil
    }

    private mutating func put(
        _ items: JSON5Items, _ fresh: [(step: ConfigurationPath.Component, value: JSONValue)], into node: JSON5Node,
        within around: JSON5Node?
    ) {
        guard !items.removed.isEmpty || !fresh.isEmpty, let container = JSON5Container(node, in: document.bytes) else {
            return
        }
        edits.add(container.removal(of: items.removed))
        if !fresh.isEmpty { insertions.add(insertion(of: fresh, into: container, within: around)) }
    }

    private func insertion(
        of fresh: [(step: ConfigurationPath.Component, value: JSONValue)], into container: JSON5Container,
        within around: JSON5Node?
    ) -> TextEdits {
        let bytes = document.bytes
        var style = style
        if let member = container.node.members?.last { style.learn(from: member, in: bytes) }
        let isMultiline =
            container.isMultiline ?? around.flatMap { JSON5Container.isMultiline($0, in: bytes) } ?? true
        let base = bytes.indentation(at: container.node.range.lowerBound).text
        let indentation = isMultiline ? container.itemIndentation ?? base + style.unit : nil
        var (edits, last): (TextEdits, [[UInt8]]) = (TextEdits(), [])
        for (step, value) in fresh {
            let text =
                container.isObject
                ? style.rendered(step.key, value, indentation: indentation)
                : style.rendered(value, indentation: indentation)
            guard !container.isObject, let index = step.index, index < container.items.count + last.count,
                let place = container.items.indices.contains(index) ? container.items[index].lowerBound : nil
            else {
                last.append(text)
                continue
            }
            let separator = indentation.map { style.lineEnd + $0 } ?? [0x20]
            edits.insert(text + [UInt8(ascii: ",")] + separator, at: place)
        }
        if !last.isEmpty {
            edits.add(container.appending(last, indentation: indentation, base: base, lineEnd: style.lineEnd))
        }
        return edits
    }
}

/// The items of an array or object, found by their step, of which some go.
private struct JSON5Items {
    private(set) var removed: Set<Int> = []
    private let node: JSON5Node
    /// Places by key, the last of repeated ones last. Made at the first look.
    private lazy var places = [String: [Int]](
        grouping: (node.members ?? []).indices, by: { (node.members ?? [])[$0].key })

    init(_ node: JSON5Node) { self.node = node }

    mutating func remove(_ step: ConfigurationPath.Component) {
        switch node.kind {
        case .object: removed.formUnion(places[step.key] ?? [])
        case .array(let elements): if let index = step.index, elements.indices.contains(index) { removed.insert(index) }
        case .null, .bool, .number, .nonFinite, .string: break
        }
    }

    mutating func item(at step: ConfigurationPath.Component) -> JSON5Node? {
        switch node.kind {
        case .object(let members): places[step.key]?.last.map { members[$0].value }
        case .array(let elements): step.index.flatMap { elements.indices.contains($0) ? elements[$0] : nil }
        case .null, .bool, .number, .nonFinite, .string: nil
        }
    }
}
