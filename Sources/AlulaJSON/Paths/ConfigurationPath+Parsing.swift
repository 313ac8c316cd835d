extension ConfigurationPath {
    /// Reads a path. Brackets hold an index, a key in double or single quotes, or a key as it is.
    ///
    /// - Throws: ``JSONError/Code/invalidPath`` with the place in `text`.
    package init(parsing text: String) throws(JSONError) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.maximumLength else {
            throw JSONError(.invalidPath, "A path has at most \(Self.maximumLength) bytes.", at: .start)
        }
        var reader = PathReader(bytes: bytes)
        self.init(try reader.readComponents())
    }
}

/// Reads the steps of one path.
private struct PathReader {
    let bytes: [UInt8]
    private var place = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func readComponents() throws(JSONError) -> [ConfigurationPath.Component] {
        var components: [ConfigurationPath.Component] = []
        while place < bytes.count {
            if bytes[place] == UInt8(ascii: "[") {
                components.append(try readBracket())
                continue
            }
            if !components.isEmpty {
                guard bytes[place] == UInt8(ascii: ".") else { throw error("Expected '.' or '[' after a bracket.") }
                place += 1
            }
            components.append(.key(try readPlainKey()))
        }
        return components
    }

    private mutating func readPlainKey() throws(JSONError) -> String {
        let start = place
        while place < bytes.count, bytes[place] != UInt8(ascii: "."), bytes[place] != UInt8(ascii: "[") {
            guard bytes[place] != UInt8(ascii: "]") else { throw error("There is no '[' for this ']'.") }
            place += 1
        }
        guard place > start else { throw error("A key is missing here.") }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    private mutating func readBracket() throws(JSONError) -> ConfigurationPath.Component {
        place += 1
        guard place < bytes.count else { throw error("The path ends inside brackets.") }
        let quote = bytes[place]
        if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
            let key = try readQuotedKey(quote)
            try expectClosingBracket()
            return .key(key)
        }
        let start = place
        while place < bytes.count, bytes[place] != UInt8(ascii: "]") { place += 1 }
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        guard !text.isEmpty else { throw error("An index or a key is missing in the brackets.") }
        try expectClosingBracket()
        return ConfigurationPath.Component.key(text).index.map { .index($0) } ?? .key(text)
    }

    private mutating func readQuotedKey(_ quote: UInt8) throws(JSONError) -> String {
        let start = place
        place += 1
        while place < bytes.count, bytes[place] != quote {
            place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard place < bytes.count else {
            place = bytes.count
            throw error("The path ends inside quotes.")
        }
        place += 1
        do {
            return try JSON5Document(parsing: Array(bytes[start..<place])).root.value.string ?? ""
        } catch let cause {
            place = start + cause.offset
            throw error(cause.message)
        }
    }

    private mutating func expectClosingBracket() throws(JSONError) {
        guard place < bytes.count, bytes[place] == UInt8(ascii: "]") else { throw error("Expected ']' here.") }
        place += 1
    }

    private func error(_ message: String) -> JSONError {
        bytes.withUnsafeBufferPointer { buffer in
            JSONError(.invalidPath, message, at: SourcePosition(offset: place, in: buffer))
        }
    }
}
