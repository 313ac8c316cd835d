extension JSONValue {
    /// How a value is spelled.
    package struct Format: Hashable, Sendable {
        /// Line ends and two spaces per level; otherwise no white space at all.
        package let isPretty: Bool
        /// Members in the order of their keys' UTF-8 bytes; otherwise in their own order.
        package let sortsKeys: Bool

        package init(isPretty: Bool = false, sortsKeys: Bool = false) {
            self.isPretty = isPretty
            self.sortsKeys = sortsKeys
        }

        package static let compact = Format()
        package static let pretty = Format(isPretty: true)
        /// Equal values give equal bytes, whatever the order of their members.
        package static let canonical = Format(sortsKeys: true)
    }

    /// The value as UTF-8, without a line end after it.
    package func serialized(_ format: Format = .compact) -> [UInt8] {
        var writer = JSONWriter(format: format)
        writer.write(self, indentation: 0)
        return writer.bytes
    }

    /// The value as text, without a line end after it.
    package func text(_ format: Format = .compact) -> String {
        String(decoding: serialized(format), as: UTF8.self)
    }
}

/// Appends JSON to a buffer.
private struct JSONWriter {
    let format: JSONValue.Format
    private(set) var bytes: [UInt8] = []

    init(format: JSONValue.Format) { self.format = format }

    mutating func write(_ value: JSONValue, indentation: Int) {
        switch value {
        case .null: append("null")
        case .bool(true): append("true")
        case .bool(false): append("false")
        case .number(let number): bytes.append(contentsOf: number.text.utf8)
        case .string(let string): write(string)
        case .array(let elements): write(elements, indentation: indentation)
        case .object(let object): write(object, indentation: indentation)
        }
    }

    private mutating func write(_ elements: [JSONValue], indentation: Int) {
        bytes.append(UInt8(ascii: "["))
        var isFirst = true
        for element in elements {
            startLine(isFirst: isFirst, indentation: indentation + 1)
            isFirst = false
            write(element, indentation: indentation + 1)
        }
        endLines(isEmpty: isFirst, indentation: indentation)
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func write(_ object: JSONObject, indentation: Int) {
        bytes.append(UInt8(ascii: "{"))
        var isFirst = true
        let write: (inout JSONWriter, JSONObject.Element) -> Void = { writer, member in
            writer.startLine(isFirst: isFirst, indentation: indentation + 1)
            isFirst = false
            writer.write(member.key)
            writer.bytes.append(UInt8(ascii: ":"))
            if writer.format.isPretty { writer.bytes.append(UInt8(ascii: " ")) }
            writer.write(member.value, indentation: indentation + 1)
        }
        if format.sortsKeys {
            let sorted = object.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            for member in sorted { write(&self, member) }
        } else {
            for member in object { write(&self, member) }
        }
        endLines(isEmpty: isFirst, indentation: indentation)
        bytes.append(UInt8(ascii: "}"))
    }

    private mutating func startLine(isFirst: Bool, indentation: Int) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        if format.isPretty { breakLine(indentation: indentation) }
    }

    private mutating func endLines(isEmpty: Bool, indentation: Int) {
        if format.isPretty, !isEmpty { breakLine(indentation: indentation) }
    }

    private mutating func breakLine(indentation: Int) {
        bytes.append(0x0A)
        for _ in 0..<indentation {
            bytes.append(0x20)
            bytes.append(0x20)
        }
    }

    private mutating func write(_ string: String) {
        bytes.append(UInt8(ascii: "\""))
        var copy = string
        copy.withUTF8 { utf8 in
            var clean = 0
            for place in 0..<utf8.count {
                let byte = utf8[place]
                guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
                bytes.append(contentsOf: utf8[clean..<place])
                appendEscape(of: byte)
                clean = place + 1
            }
            bytes.append(contentsOf: utf8[clean...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func appendEscape(of byte: UInt8) {
        switch byte {
        case 0x08: append("\\b")
        case 0x09: append("\\t")
        case 0x0A: append("\\n")
        case 0x0C: append("\\f")
        case 0x0D: append("\\r")
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        default:
            append("\\u00")
            for digit in [byte >> 4, byte & 0xF] {
                bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
    }

    private mutating func append(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
