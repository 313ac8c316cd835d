extension JSONValue {
    /// Nesting that is accepted unless the caller says otherwise.
    package static let standardMaximumDepth = 256

    /// Reads one strict JSON text (RFC 8259). A byte order mark in front is skipped.
    ///
    /// Lone surrogates in `\u` escapes become U+FFFD. The last value of a repeated key wins. Nesting is kept on the
    /// heap, so the depth costs no stack.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8.
    ///   - maximumDepth: Arrays and objects that may lie in one another.
    /// - Throws: ``JSONError`` for the first place that is wrong.
    package static func parse(
        _ bytes: [UInt8], maximumDepth: Int = standardMaximumDepth
    ) throws(JSONError) -> JSONValue {
        try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) -> JSONValue in
            try parse(buffer: buffer, maximumDepth: maximumDepth)
        }
    }

    /// Reads one strict JSON text from a part of a buffer; offsets in errors count from the start of that part.
    package static func parse(
        _ bytes: ArraySlice<UInt8>, maximumDepth: Int = standardMaximumDepth
    ) throws(JSONError) -> JSONValue {
        try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) -> JSONValue in
            try parse(buffer: buffer, maximumDepth: maximumDepth)
        }
    }

    /// Reads one strict JSON text from a string.
    package static func parse(
        _ text: String, maximumDepth: Int = standardMaximumDepth
    ) throws(JSONError) -> JSONValue {
        try parse(Array(text.utf8), maximumDepth: maximumDepth)
    }

    private static func parse(
        buffer: UnsafeBufferPointer<UInt8>, maximumDepth: Int
    ) throws(JSONError) -> JSONValue {
        var parser = JSONParser(buffer, maximumDepth: maximumDepth)
        return try parser.parseText()
    }
}

/// Reads one JSON text. Open arrays and objects live in three arrays and not on the call stack.
private struct JSONParser {
    /// An array or object that is not closed yet.
    private struct Container {
        let isObject: Bool
        /// Where its values begin in ``values``.
        let firstValue: Int
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private let maximumDepth: Int
    private var place = 0
    private var values: [JSONValue] = []
    private var keys: [String] = []
    private var containers: [Container] = []
    private var scratch: [UInt8] = []

    init(_ bytes: UnsafeBufferPointer<UInt8>, maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    mutating func parseText() throws(JSONError) -> JSONValue {
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { place = 3 }
        skipSpace()
        guard place < bytes.count else { throw error(.empty, "There is no JSON here, the text is empty.") }
        repeat {
            try parseValue()
            try closeFinished()
        } while !containers.isEmpty
        skipSpace()
        guard place == bytes.count else {
            throw error(.trailingContent, "The value is complete, but \(found()) follows it.")
        }
        return values.removeLast()
    }

    /// Reads a scalar or an empty container onto ``values``, or opens a container and reads down to its first value.
    private mutating func parseValue() throws(JSONError) {
        while true {
            skipSpace()
            guard place < bytes.count else { throw error(.unexpectedEnd, "The text ends where a value should be.") }
            switch bytes[place] {
            case UInt8(ascii: "{"):
                try open(isObject: true)
                if peek() == UInt8(ascii: "}") { return }
                try parseKey()
            case UInt8(ascii: "["):
                try open(isObject: false)
                if peek() == UInt8(ascii: "]") { return }
            case UInt8(ascii: "\""):
                values.append(.string(try parseString()))
                return
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                values.append(.number(try parseNumber()))
                return
            case UInt8(ascii: "t"):
                try expect("true")
                values.append(.bool(true))
                return
            case UInt8(ascii: "f"):
                try expect("false")
                values.append(.bool(false))
                return
            case UInt8(ascii: "n"):
                try expect("null")
                values.append(.null)
                return
            default:
                throw error(.unexpectedCharacter, "Expected a value, found \(found()).")
            }
        }
    }

    private mutating func open(isObject: Bool) throws(JSONError) {
        guard containers.count < maximumDepth else {
            throw error(.tooDeep, "More than \(maximumDepth) arrays and objects lie in one another.")
        }
        containers.append(Container(isObject: isObject, firstValue: values.count))
        place += 1
    }

    /// After a value: goes on to the place of the next one, closing every container that ends before it.
    private mutating func closeFinished() throws(JSONError) {
        while let container = containers.last {
            let next = peek()
            switch (next, container.isObject) {
            case (UInt8(ascii: ","), true) where values.count > container.firstValue:
                place += 1
                try parseKey()
                return
            case (UInt8(ascii: ","), false) where values.count > container.firstValue:
                place += 1
                return
            case (UInt8(ascii: "}"), true):
                place += 1
                containers.removeLast()
                closeObject(container)
            case (UInt8(ascii: "]"), false):
                place += 1
                containers.removeLast()
                closeArray(container)
            case (nil, _):
                let kind = container.isObject ? "an object" : "an array"
                throw error(.unexpectedEnd, "The text ends inside \(kind).")
            default:
                let closing = container.isObject ? "}" : "]"
                throw error(.unexpectedCharacter, "Expected ',' or '\(closing)', found \(found()).")
            }
        }
    }

    // Both move the finished values off the stack, last first, so that no reference count changes. An array without room is
    // one that all of the process share, and filling it writes its count, which is a race of nothing with nothing.

    private mutating func closeArray(_ container: Container) {
        let count = values.count - container.firstValue
        guard count > 0 else { return values.append(.array([])) }
        let array = [JSONValue](unsafeUninitializedCapacity: count) { elements, initialized in
            for index in stride(from: count - 1, through: 0, by: -1) {
                elements.initializeElement(at: index, to: values.removeLast())
            }
            initialized = count
        }
        values.append(.array(array))
    }

    private mutating func closeObject(_ container: Container) {
        let count = values.count - container.firstValue
        guard count > 0 else { return values.append(.object(JSONObject())) }
        let members = [JSONObject.Element](unsafeUninitializedCapacity: count) { members, initialized in
            for index in stride(from: count - 1, through: 0, by: -1) {
                members.initializeElement(at: index, to: (keys.removeLast(), values.removeLast()))
            }
            initialized = count
        }
        values.append(.object(JSONObject(adopting: members)))
    }

    private mutating func parseKey() throws(JSONError) {
        guard let next = peek() else { throw error(.unexpectedEnd, "The text ends where a key should be.") }
        guard next == UInt8(ascii: "\"") else {
            throw error(.unexpectedCharacter, "Expected a key in double quotes, found \(found()).")
        }
        keys.append(try parseString())
        guard let colon = peek() else { throw error(.unexpectedEnd, "The text ends after a key.") }
        guard colon == UInt8(ascii: ":") else {
            throw error(.unexpectedCharacter, "Expected ':' after a key, found \(found()).")
        }
        place += 1
    }

    private mutating func parseString() throws(JSONError) -> String {
        place += 1
        let start = place
        var isASCII = true
        while place < bytes.count {
            let byte = bytes[place]
            if byte == UInt8(ascii: "\"") {
                let text = try makeString(start..<place, isASCII: isASCII)
                place += 1
                return text
            }
            if byte == UInt8(ascii: "\\") { return try parseEscapedString(from: start) }
            if byte < 0x20 {
                throw error(.invalidString, "A string holds a raw control character; write it as an escape.")
            }
            if byte >= 0x80 { isASCII = false }
            place += 1
        }
        throw error(.unexpectedEnd, "The text ends inside a string.")
    }

    private func makeString(_ range: Range<Int>, isASCII: Bool) throws(JSONError) -> String {
        let part = UnsafeBufferPointer(rebasing: bytes[range])
        if isASCII { return String(decoding: part, as: UTF8.self) }
        if let text = String(validating: part, as: UTF8.self) { return text }
        throw JSONError.invalidUTF8(in: bytes, range: range)
    }

    /// Goes on at the first backslash; what lies between `start` and it is taken over.
    private mutating func parseEscapedString(from start: Int) throws(JSONError) -> String {
        scratch.removeAll(keepingCapacity: true)
        var clean = start
        while place < bytes.count {
            let byte = bytes[place]
            if byte == UInt8(ascii: "\"") {
                scratch.append(contentsOf: bytes[clean..<place])
                let end = place
                place += 1
                if let text = String(validating: scratch, as: UTF8.self) { return text }
                throw JSONError.invalidUTF8(in: bytes, range: start..<end)
            }
            if byte < 0x20 {
                throw error(.invalidString, "A string holds a raw control character; write it as an escape.")
            }
            guard byte == UInt8(ascii: "\\") else {
                place += 1
                continue
            }
            scratch.append(contentsOf: bytes[clean..<place])
            try parseEscape()
            clean = place
        }
        throw error(.unexpectedEnd, "The text ends inside a string.")
    }

    /// Reads one escape, from its backslash on, into ``scratch``.
    private mutating func parseEscape() throws(JSONError) {
        guard place + 1 < bytes.count else { throw endOfText("The text ends inside an escape.") }
        let letter = bytes[place + 1]
        let plain: UInt8
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): plain = letter
        case UInt8(ascii: "b"): plain = 0x08
        case UInt8(ascii: "f"): plain = 0x0C
        case UInt8(ascii: "n"): plain = 0x0A
        case UInt8(ascii: "r"): plain = 0x0D
        case UInt8(ascii: "t"): plain = 0x09
        case UInt8(ascii: "u"):
            guard place + 6 <= bytes.count else { throw endOfText("The text ends inside an escape.") }
            guard let (scalar, length) = bytes.escapedScalar(at: place) else {
                throw error(.invalidEscape, "Four hexadecimal digits belong after \\u.")
            }
            scratch.append(scalar: scalar)
            place += length
            return
        default:
            throw error(.invalidEscape, "No such escape in JSON; a backslash itself is written twice.")
        }
        scratch.append(plain)
        place += 2
    }

    private mutating func parseNumber() throws(JSONError) -> JSONNumber {
        let start = place
        if bytes[place] == UInt8(ascii: "-") { place += 1 }
        if place < bytes.count, bytes[place] == UInt8(ascii: "0") {
            place += 1
            if place < bytes.count, bytes[place].isDigit {
                throw error(.invalidNumber, "A number can't begin with a zero that is followed by a digit.")
            }
        } else {
            try parseDigits()
        }
        if place < bytes.count, bytes[place] == UInt8(ascii: ".") {
            place += 1
            try parseDigits()
        }
        if place < bytes.count, bytes[place] | 0x20 == UInt8(ascii: "e") {
            place += 1
            if place < bytes.count, bytes[place] == UInt8(ascii: "+") || bytes[place] == UInt8(ascii: "-") {
                place += 1
            }
            try parseDigits()
        }
        let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<place]), as: UTF8.self)
        return JSONNumber(checked: text)
    }

    private mutating func parseDigits() throws(JSONError) {
        let start = place
        while place < bytes.count, bytes[place].isDigit { place += 1 }
        guard place == start else { return }
        guard place < bytes.count else { throw error(.unexpectedEnd, "The text ends inside a number.") }
        throw error(.invalidNumber, "Expected a digit, found \(found()).")
    }

    private mutating func expect(_ word: StaticString) throws(JSONError) {
        for index in 0..<word.utf8CodeUnitCount {
            guard place < bytes.count else { throw error(.unexpectedEnd, "The text ends inside \(word).") }
            guard bytes[place] == word.utf8Start[index] else {
                throw error(.unexpectedCharacter, "Expected \(word), found \(found()).")
            }
            place += 1
        }
    }

    private mutating func skipSpace() {
        while place < bytes.count {
            switch bytes[place] {
            case 0x20, 0x0A, 0x0D, 0x09: place += 1
            default: return
            }
        }
    }

    /// The next byte that is not white space.
    private mutating func peek() -> UInt8? {
        skipSpace()
        return place < bytes.count ? bytes[place] : nil
    }

    private func found() -> String { bytes.nameOfCharacter(at: place) }

    private func error(_ code: JSONError.Code, _ message: String) -> JSONError {
        JSONError(code, message, at: SourcePosition(offset: place, in: bytes))
    }

    private func endOfText(_ message: String) -> JSONError {
        JSONError(.unexpectedEnd, message, at: SourcePosition(offset: bytes.count, in: bytes))
    }
}
