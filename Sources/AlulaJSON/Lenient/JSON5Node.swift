/// One value of a JSON5 document, with the place it was written at.
package struct JSON5Node: Sendable {
    /// What the value is.
    package enum Kind: Sendable {
        case null
        case bool(Bool)
        /// A number with its spelling in strict JSON; the document's bytes keep the original one.
        case number(JSONNumber)
        /// `Infinity`, `-Infinity` or `NaN`, which strict JSON can't spell.
        case nonFinite(Double)
        case string(String)
        case array([JSON5Node])
        /// Every member in order, repeated keys included.
        case object([JSON5Member])
    }

    /// What it is.
    package let kind: Kind
    /// Line and column of the first character, counted as ``SourcePosition`` does.
    package var position: SourcePosition {
        SourcePosition(offset: Int(start), line: Int(line), column: Int(column))
    }
    /// The bytes of the value itself, brackets and quotes included, comments around it not.
    package var range: Range<Int> { Int(start)..<Int(end) }

    // Half the width of `Int`, since a large document has millions of nodes; the reader refuses longer texts.
    private let start: UInt32
    private let end: UInt32
    private let line: UInt32
    private let column: UInt32

    /// A node that ends before the byte `end`.
    init(_ kind: Kind, from position: SourcePosition, to end: Int) {
        self.kind = kind
        start = UInt32(truncatingIfNeeded: position.offset)
        line = UInt32(truncatingIfNeeded: position.line)
        column = UInt32(truncatingIfNeeded: position.column)
        self.end = UInt32(truncatingIfNeeded: end)
    }

    /// The plain value. Numbers that are not finite become `null`; the last of repeated keys wins.
    package var value: JSONValue {
        switch kind {
        case .null, .nonFinite: .null
        case .bool(let bool): .bool(bool)
        case .number(let number): .number(number)
        case .string(let string): .string(string)
        case .array(let elements): .array(elements.map(\.value))
        case .object(let members): .object(JSONObject(adopting: members.map { ($0.key, $0.value.value) }))
        }
    }

    /// The members of an object, or `nil`.
    package var members: [JSON5Member]? { if case .object(let members) = kind { members } else { nil } }
    /// The elements of an array, or `nil`.
    package var elements: [JSON5Node]? { if case .array(let elements) = kind { elements } else { nil } }

    /// The member that counts under `key`: the last one.
    package func member(_ key: String) -> JSON5Member? { members?.last { $0.key == key } }

    /// What stands at `path` below this node, or `nil`.
    package func node(at path: ConfigurationPath) -> JSON5Node? {
        var node = self
        for component in path.components {
            let next: JSON5Node? =
                switch node.kind {
                case .array(let elements):
                    component.index.flatMap { elements.indices.contains($0) ? elements[$0] : nil }
                case .object: node.member(component.key)?.value
                default: nil
                }
            guard let next else { return nil }
            node = next
        }
        return node
    }
}

/// A key of an object with its value.
package struct JSON5Member: Sendable {
    /// The key without quotes and escapes.
    package let key: String
    /// Where the key begins.
    package let keyPosition: SourcePosition
    /// The bytes of the key, quotes included.
    package let keyRange: Range<Int>
    /// What stands under the key.
    package let value: JSON5Node

    /// From the key's first byte to the value's last.
    package var range: Range<Int> { keyRange.lowerBound..<value.range.upperBound }
}
