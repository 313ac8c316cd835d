/// Reads the words of JSON5: white space, comments, strings, numbers and identifiers.
struct JSON5Scanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private(set) var place = 0
    private var cursor = SourceCursor()
    private var scratch: [UInt8] = []

    /// Begins at the start of `bytes`, which must outlive the scanner.
    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// The byte at the current place; `nil` at the end.
    var byte: UInt8? { place < bytes.count ? bytes[place] : nil }
    /// Whether everything was read.
    var isAtEnd: Bool { place >= bytes.count }
    /// For messages: what stands here.
    var found: String { bytes.nameOfCharacter(at: place) }

    /// Line and column of the current place. Places may only be asked for in order.
    var position: SourcePosition {
        mutating get {
            cursor.advance(to: place, in: bytes)
            return cursor.position
        }
    }

    /// Goes one byte on; only after ``byte`` showed one.
    mutating func skipByte() { place += 1 }

    /// Skips white space, line ends, comments and byte order marks.
    mutating func skipTrivia() throws(JSONError) {
        while place < bytes.count {
            switch bytes[place] {
            case 0x20, 0x09...0x0D:
                place += 1
            case UInt8(ascii: "/"):
                try skipComment()
            case 0x80...:
                guard let (scalar, length) = bytes.scalar(at: place) else {
                    throw JSONError.invalidUTF8(in: bytes, range: place..<bytes.count)
                }
                guard scalar.isSpaceBetweenWords else { return }
                place += length
            default:
                return
            }
        }
    }

    private mutating func skipComment() throws(JSONError) {
        let next = place + 1 < bytes.count ? bytes[place + 1] : 0
        if next == UInt8(ascii: "/") {
            while place < bytes.count, lineEnd(at: place) == 0 { place += 1 }
        } else if next == UInt8(ascii: "*") {
            var end = place + 2
            while end + 1 < bytes.count, bytes[end] != UInt8(ascii: "*") || bytes[end + 1] != UInt8(ascii: "/") {
                end += 1
            }
            guard end + 1 < bytes.count else { throw error(.unexpectedEnd, "The comment that begins here never ends.") }
            place = end + 2
        } else {
            throw error(.unexpectedCharacter, "Expected a value, a key or a comment, found '/'.")
        }
    }

    /// The length of the line end at `index`, or 0 if there is none: LF, CR, CR LF, U+2028 or U+2029.
    private func lineEnd(at index: Int) -> Int {
        switch bytes[index] {
        case 0x0A: 1
        case 0x0D: index + 1 < bytes.count && bytes[index + 1] == 0x0A ? 2 : 1
        case 0xE2 where index + 2 < bytes.count && bytes[index + 1] == 0x80 && bytes[index + 2] & 0xFE == 0xA8: 3
        default: 0
        }
    }

    /// Reads a string from its opening quote to the same quote.
    mutating func scanString() throws(JSONError) -> String {
        let start = place
        let quote = bytes[place]
        place += 1
        // Most strings have no escape and are taken as they are.
        var isASCII = true
        while place < bytes.count, bytes[place] != UInt8(ascii: "\\"), bytes[place] != 0x0A, bytes[place] != 0x0D {
            if bytes[place] >= 0x80 { isASCII = false }
            if bytes[place] == quote {
                let part = UnsafeBufferPointer(rebasing: bytes[(start + 1)..<place])
                place += 1
                if isASCII { return String(decoding: part, as: UTF8.self) }
                guard let text = String(validating: part, as: UTF8.self) else {
                    throw JSONError.invalidUTF8(in: bytes, range: start..<place)
                }
                return text
            }
            place += 1
        }
        return try scanEscapedString(from: start)
    }

    /// Goes on at the first escape or line end of the string that begins at `start`.
    private mutating func scanEscapedString(from start: Int) throws(JSONError) -> String {
        let quote = bytes[start]
        var clean = start + 1
        scratch.removeAll(keepingCapacity: true)
        while place < bytes.count {
            switch bytes[place] {
            case quote:
                scratch.append(contentsOf: bytes[clean..<place])
                place += 1
                guard let text = String(validating: scratch, as: UTF8.self) else {
                    throw JSONError.invalidUTF8(in: bytes, range: start..<place)
                }
                return text
            case UInt8(ascii: "\\"):
                scratch.append(contentsOf: bytes[clean..<place])
                try scanEscape()
                clean = place
            case 0x0A, 0x0D:
                let missing = Character(Unicode.Scalar(quote))
                throw error(.invalidString, "The string ends with its line; a closing \(missing) is missing.")
            default:
                place += 1
            }
        }
        throw error(.unexpectedEnd, "The text ends inside a string.")
    }

    private mutating func scanEscape() throws(JSONError) {
        guard place + 1 < bytes.count else {
            place = bytes.count
            throw error(.unexpectedEnd, "The text ends inside an escape.")
        }
        let letter = bytes[place + 1]
        var length = 2
        switch letter {
        case UInt8(ascii: "b"): scratch.append(0x08)
        case UInt8(ascii: "f"): scratch.append(0x0C)
        case UInt8(ascii: "n"): scratch.append(0x0A)
        case UInt8(ascii: "r"): scratch.append(0x0D)
        case UInt8(ascii: "t"): scratch.append(0x09)
        case UInt8(ascii: "v"): scratch.append(0x0B)
        case UInt8(ascii: "0") where place + 2 >= bytes.count || !bytes[place + 2].isDigit: scratch.append(0)
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            throw error(.invalidEscape, "A backslash can't stand before a digit.")
        case UInt8(ascii: "x"):
            guard let unit = bytes.hexadecimal(at: place + 2, digits: 2), let scalar = Unicode.Scalar(unit) else {
                throw escapeError(length: 4, "Two hexadecimal digits belong after \\x.")
            }
            scratch.append(scalar: scalar)
            length = 4
        case UInt8(ascii: "u"):
            guard let escape = bytes.escapedScalar(at: place) else {
                throw escapeError(length: 6, "Four hexadecimal digits belong after \\u.")
            }
            scratch.append(scalar: escape.scalar)
            length = escape.length
        default:
            let skipped = lineEnd(at: place + 1)
            // Every other character stands for itself; the bytes after its first follow as ordinary ones.
            if skipped > 0 { length = 1 + skipped } else { scratch.append(letter) }
        }
        place += length
    }

    /// What to say about an escape of `length` bytes whose digits are missing.
    private func escapeError(length: Int, _ message: String) -> JSONError {
        place + length > bytes.count
            ? error(.unexpectedEnd, "The text ends inside an escape.") : error(.invalidEscape, message)
    }

    /// Reads a key without quotes.
    mutating func scanIdentifier() throws(JSONError) -> String {
        scratch.removeAll(keepingCapacity: true)
        let start = place
        while place < bytes.count {
            if bytes[place] == UInt8(ascii: "\\") {
                guard place + 1 < bytes.count, bytes[place + 1] == UInt8(ascii: "u"),
                    let (scalar, length) = bytes.escapedScalar(at: place),
                    scalar.isIdentifierPart(isFirst: place == start)
                else { throw error(.invalidEscape, "In a key without quotes only \\u escapes of letters can stand.") }
                scratch.append(scalar: scalar)
                place += length
                continue
            }
            guard let (scalar, length) = bytes.scalar(at: place) else {
                throw JSONError.invalidUTF8(in: bytes, range: place..<bytes.count)
            }
            guard scalar.isIdentifierPart(isFirst: place == start) else { break }
            scratch.append(contentsOf: bytes[place..<(place + length)])
            place += length
        }
        guard place > start else { throw error(.unexpectedCharacter, "Expected a key, found \(found).") }
        return String(decoding: scratch, as: UTF8.self)
    }

    /// Reads `true`, `false`, `null`, `Infinity` or `NaN`.
    mutating func scanWord() throws(JSONError) -> JSON5Node.Kind {
        let start = place
        guard let first = bytes.scalar(at: place)?.scalar, first.isIdentifierPart(isFirst: true) else {
            throw error(.unexpectedCharacter, "Expected a value, found \(found).")
        }
        switch try scanIdentifier() {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "null": return .null
        case "Infinity": return .nonFinite(.infinity)
        case "NaN": return .nonFinite(.nan)
        case let word:
            // A file that is still being written ends like this.
            if isAtEnd, ["true", "false", "null", "Infinity", "NaN"].contains(where: { $0.hasPrefix(word) }) {
                throw error(.unexpectedEnd, "The text ends inside a word.")
            }
            place = start
            throw error(.unexpectedCharacter, "Expected a value; text must stand in quotes.")
        }
    }

    /// Reads a number with its sign, in any of the spellings.
    mutating func scanNumber() throws(JSONError) -> JSON5Node.Kind {
        var isNegative = false
        if let sign = byte, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
            isNegative = sign == UInt8(ascii: "-")
            place += 1
        }
        let sign = isNegative ? "-" : ""
        switch byte {
        case nil:
            throw error(.unexpectedEnd, "The text ends inside a number.")
        case UInt8(ascii: "I"), UInt8(ascii: "N"):
            let start = place
            guard case .nonFinite(let value) = try scanWord() else {
                place = start
                throw error(.invalidNumber, "Expected a digit, found \(found).")
            }
            return .nonFinite(isNegative ? -value : value)
        case UInt8(ascii: "0") where place + 1 < bytes.count && bytes[place + 1] | 0x20 == UInt8(ascii: "x"):
            place += 2
            return .number(JSONNumber(checked: sign + (try scanHexadecimal())))
        default:
            return .number(JSONNumber(checked: sign + (try scanDecimal())))
        }
    }

    /// Reads hexadecimal digits; returns the number in decimal.
    private mutating func scanHexadecimal() throws(JSONError) -> String {
        let start = place
        var exact: UInt64? = 0
        var rounded = 0.0
        while let digit = byte?.hexadecimalDigit {
            exact = exact.flatMap { $0 >> 60 == 0 ? $0 << 4 | UInt64(digit) : nil }
            rounded = rounded * 16 + Double(digit)
            place += 1
        }
        guard place > start else {
            let code = isAtEnd ? JSONError.Code.unexpectedEnd : .invalidNumber
            throw error(code, "Expected a hexadecimal digit, found \(found).")
        }
        if let exact { return String(exact) }
        return rounded.isFinite ? "\(rounded)" : "1e999"
    }

    /// Reads a decimal number without its sign; returns it as strict JSON spells it.
    private mutating func scanDecimal() throws(JSONError) -> String {
        let whole = scanDigits()
        if whole.count > 1, whole.hasPrefix("0") {
            throw error(.invalidNumber, "A number can't begin with a zero that is followed by a digit.")
        }
        var fraction = ""
        if byte == UInt8(ascii: ".") {
            place += 1
            fraction = scanDigits()
        }
        guard !whole.isEmpty || !fraction.isEmpty else {
            let code = isAtEnd ? JSONError.Code.unexpectedEnd : .invalidNumber
            throw error(code, "Expected a digit, found \(found).")
        }
        var text = whole.isEmpty ? "0" : whole
        if !fraction.isEmpty { text += "." + fraction }
        guard let letter = byte, letter | 0x20 == UInt8(ascii: "e") else { return text }
        text.unicodeScalars.append(Unicode.Scalar(letter))
        place += 1
        if let sign = byte, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
            text.unicodeScalars.append(Unicode.Scalar(sign))
            place += 1
        }
        let exponent = scanDigits()
        guard !exponent.isEmpty else {
            let code = isAtEnd ? JSONError.Code.unexpectedEnd : .invalidNumber
            throw error(code, "Expected a digit, found \(found).")
        }
        return text + exponent
    }

    private mutating func scanDigits() -> String {
        let start = place
        while place < bytes.count, bytes[place].isDigit { place += 1 }
        return String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<place]), as: UTF8.self)
    }

    /// An error at the current place.
    func error(_ code: JSONError.Code, _ message: String) -> JSONError {
        JSONError(code, message, at: SourcePosition(offset: place, in: bytes))
    }
}

extension Unicode.Scalar {
    /// White space of JSON5 beyond ASCII: the separators of Unicode and the byte order mark.
    fileprivate var isSpaceBetweenWords: Bool {
        switch value {
        case 0xA0, 0x2028, 0x2029, 0xFEFF: true
        default: properties.generalCategory == .spaceSeparator
        }
    }

    /// Whether this can stand in a key without quotes, which follows ECMAScript's rule for names.
    fileprivate func isIdentifierPart(isFirst: Bool) -> Bool {
        switch self {
        case "a"..."z", "A"..."Z", "$", "_": return true
        case "0"..."9": return !isFirst
        default: break
        }
        guard value >= 0x80 else { return false }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .letterNumber:
            return true
        case .nonspacingMark, .spacingMark, .decimalNumber, .connectorPunctuation:
            return !isFirst
        default:
            return !isFirst && (value == 0x200C || value == 0x200D)
        }
    }
}
