/// Reads one JSON5 text into nodes. Open arrays and objects live in an array and not on the call stack.
struct JSON5Parser {
    private typealias Key = (text: String, position: SourcePosition, range: Range<Int>)

    /// An array or object that is not closed yet.
    private struct Container {
        let isObject: Bool
        let position: SourcePosition
        var elements: [JSON5Node] = []
        var members: [JSON5Member] = []
        /// The key whose value comes next.
        var key: Key = ("", .start, 0..<0)

        mutating func append(_ node: JSON5Node) {
            if isObject {
                members.append(JSON5Member(key: key.text, keyPosition: key.position, keyRange: key.range, value: node))
            } else {
                elements.append(node)
            }
        }
    }

    private var scanner: JSON5Scanner
    private let maximumDepth: Int
    private var containers: [Container] = []

    /// Prepares to read `bytes`, which must outlive the reader.
    init(_ bytes: UnsafeBufferPointer<UInt8>, maximumDepth: Int) {
        scanner = JSON5Scanner(bytes)
        self.maximumDepth = maximumDepth
    }

    /// Reads the whole text.
    mutating func parseText() throws(JSONError) -> JSON5Node {
        try scanner.skipTrivia()
        guard !scanner.isAtEnd else { throw scanner.error(.empty, "There is no value here, the text is empty.") }
        var node: JSON5Node?
        repeat {
            node = try parseValue()
            // A finished value may finish the containers around it, one after the other.
            while let finished = node, !containers.isEmpty {
                containers[containers.count - 1].append(finished)
                node = try continueContainer()
            }
        } while node == nil
        guard let node else { throw scanner.error(.empty, "There is no value here.") }
        try scanner.skipTrivia()
        guard scanner.isAtEnd else {
            throw scanner.error(.trailingContent, "The value is complete, but \(scanner.found) follows it.")
        }
        return node
    }

    /// Reads a scalar or an empty container; `nil` when it opened a container whose first value comes next.
    private mutating func parseValue() throws(JSONError) -> JSON5Node? {
        try scanner.skipTrivia()
        let position = scanner.position
        guard let byte = scanner.byte else {
            throw scanner.error(.unexpectedEnd, "The text ends where a value should be.")
        }
        switch byte {
        case UInt8(ascii: "{"):
            return try open(isObject: true, at: position)
        case UInt8(ascii: "["):
            return try open(isObject: false, at: position)
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            let text = try scanner.scanString()
            return JSON5Node(.string(text), from: position, to: scanner.place)
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "0")...UInt8(ascii: "9"):
            let kind = try scanner.scanNumber()
            return JSON5Node(kind, from: position, to: scanner.place)
        default:
            let kind = try scanner.scanWord()
            return JSON5Node(kind, from: position, to: scanner.place)
        }
    }

    private mutating func open(isObject: Bool, at position: SourcePosition) throws(JSONError) -> JSON5Node? {
        guard containers.count < maximumDepth else {
            throw scanner.error(.tooDeep, "More than \(maximumDepth) arrays and objects lie in one another.")
        }
        scanner.skipByte()
        containers.append(Container(isObject: isObject, position: position))
        return try startItemOrClose()
    }

    /// After an item: its comma, the closing bracket, or both. Returns the container if it is closed.
    private mutating func continueContainer() throws(JSONError) -> JSON5Node? {
        try scanner.skipTrivia()
        let isObject = containers.last?.isObject ?? false
        let closing = UInt8(ascii: isObject ? "}" : "]")
        switch scanner.byte {
        case UInt8(ascii: ","):
            scanner.skipByte()
            return try startItemOrClose()
        case closing:
            return try startItemOrClose()
        case nil:
            throw unexpectedEnd()
        default:
            let expected = isObject ? "',' or '}'" : "',' or ']'"
            throw scanner.error(.unexpectedCharacter, "Expected \(expected) after a value, found \(scanner.found).")
        }
    }

    /// Closes the innermost container if its bracket is next; otherwise reads a key, if it is an object.
    private mutating func startItemOrClose() throws(JSONError) -> JSON5Node? {
        try scanner.skipTrivia()
        guard let container = containers.last else { return nil }
        if scanner.byte == UInt8(ascii: container.isObject ? "}" : "]") {
            scanner.skipByte()
            containers.removeLast()
            let kind: JSON5Node.Kind = container.isObject ? .object(container.members) : .array(container.elements)
            return JSON5Node(kind, from: container.position, to: scanner.place)
        }
        guard !scanner.isAtEnd else { throw unexpectedEnd() }
        if container.isObject { containers[containers.count - 1].key = try parseKey() }
        return nil
    }

    private mutating func parseKey() throws(JSONError) -> Key {
        let position = scanner.position
        let text: String
        switch scanner.byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): text = try scanner.scanString()
        default: text = try scanner.scanIdentifier()
        }
        let range = position.offset..<scanner.place
        try scanner.skipTrivia()
        guard !scanner.isAtEnd else { throw scanner.error(.unexpectedEnd, "The text ends after a key.") }
        guard scanner.byte == UInt8(ascii: ":") else {
            throw scanner.error(.unexpectedCharacter, "Expected ':' after a key, found \(scanner.found).")
        }
        scanner.skipByte()
        return (text, position, range)
    }

    private func unexpectedEnd() -> JSONError {
        guard let container = containers.last else { return scanner.error(.unexpectedEnd, "The text ends too early.") }
        let kind = container.isObject ? "object" : "array"
        return scanner.error(.unexpectedEnd, "The text ends inside the \(kind) of line \(container.position.line).")
    }
}
