/// How a document is written, as far as new parts of it should look the same.
struct JSON5Style {
    /// How keys are spelled.
    enum KeySpelling {
        case doubleQuoted
        case singleQuoted
        /// Without quotes, where the key allows it.
        case bare
    }

    /// The line end.
    var lineEnd: [UInt8]
    /// The white space of one level.
    var unit: [UInt8]
    var keys: KeySpelling
    /// What stands between a key and its value.
    var colon: [UInt8]

    /// Learns from the first members of `document`.
    init(of document: JSON5Document) {
        let bytes = document.bytes
        lineEnd = [0x0A]
        if let first = bytes.firstIndex(where: { $0 == 0x0A || $0 == 0x0D }) {
            lineEnd = Array(bytes[first..<(first + bytes.lineEndLength(at: first))])
        }
        unit = [0x20, 0x20]
        keys = .doubleQuoted
        colon = Array(": ".utf8)
        guard let root = JSON5Container(document.root, in: bytes) else { return }
        if let indentation = root.itemIndentation, !indentation.isEmpty { unit = indentation }
        if let member = document.root.members?.last { learn(from: member, in: bytes) }
    }

    /// Takes over how `member` is spelled.
    mutating func learn(from member: JSON5Member, in bytes: [UInt8]) {
        switch bytes[member.keyRange.lowerBound] {
        case UInt8(ascii: "\""): keys = .doubleQuoted
        case UInt8(ascii: "'"): keys = .singleQuoted
        default: keys = .bare
        }
        let between = bytes[member.keyRange.upperBound..<member.value.range.lowerBound]
        if between.allSatisfy({ $0 == UInt8(ascii: ":") || $0.isBlank }) { colon = Array(between) }
    }

    // MARK: Writing

    /// `key` as it is spelled here.
    func spelled(key: String) -> [UInt8] {
        switch keys {
        case .bare where Self.isPlainIdentifier(key): Array(key.utf8)
        case .bare, .doubleQuoted: JSONValue.string(key).serialized()
        case .singleQuoted: Self.singleQuoted(key)
        }
    }

    /// A member with its value.
    func rendered(_ key: String, _ value: JSONValue, indentation: [UInt8]?) -> [UInt8] {
        spelled(key: key) + colon + rendered(value, indentation: indentation)
    }

    /// - Parameter indentation: The white space of the line that the value begins on; `nil` puts everything on one line.
    func rendered(_ value: JSONValue, indentation: [UInt8]?) -> [UInt8] {
        switch value {
        case .null, .bool, .number, .string: return value.serialized()
        case .array(let elements):
            return enclosed("[", "]", elements, pad: [], indentation: indentation) { rendered($0, indentation: $1) }
        case .object(let object):
            return enclosed("{", "}", Array(object), pad: [0x20], indentation: indentation) {
                rendered($0.key, $0.value, indentation: $1)
            }
        }
    }

    private func enclosed<Item>(
        _ opening: Character, _ closing: Character, _ items: [Item], pad: [UInt8], indentation: [UInt8]?,
        render: (Item, [UInt8]?) -> [UInt8]
    ) -> [UInt8] {
        var text = Array(String(opening).utf8)
        let inner = indentation.map { $0 + unit }
        for (index, item) in items.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            if let inner { text += lineEnd + inner } else if index > 0 { text.append(0x20) } else { text += pad }
            text += render(item, inner)
        }
        if !items.isEmpty { text += indentation.map { lineEnd + $0 } ?? pad }
        return text + Array(String(closing).utf8)
    }

    /// Whether `key` needs no quotes. Letters beyond ASCII would be allowed too, but are safer in quotes.
    private static func isPlainIdentifier(_ key: String) -> Bool {
        guard let first = key.utf8.first, !first.isDigit else { return false }
        return key.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
                UInt8(ascii: "$"):
                true
            default: byte.isDigit
            }
        }
    }

    /// `text` in single quotes.
    static func singleQuoted(_ text: String) -> [UInt8] {
        var result = [UInt8(ascii: "'")]
        var body = JSONValue.string(text).serialized().dropFirst().dropLast().makeIterator()
        while let byte = body.next() {
            switch byte {
            case UInt8(ascii: "'"): result += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\\"):
                guard let escaped = body.next() else { break }
                result += escaped == UInt8(ascii: "\"") ? [escaped] : [byte, escaped]
            default: result.append(byte)
            }
        }
        return result + [UInt8(ascii: "'")]
    }
}
