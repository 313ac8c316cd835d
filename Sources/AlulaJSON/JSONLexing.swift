// What the strict and the lenient reader share about bytes.

extension UInt8 {
    /// Whether this is an ASCII digit.
    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

    /// The value of a hexadecimal digit.
    var hexadecimalDigit: UInt32? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(self - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(self - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(self - UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// The number that `digits` hexadecimal digits at `start` spell; `nil` when there are fewer.
    func hexadecimal(at start: Int, digits: Int) -> UInt32? {
        guard start >= 0, start + digits <= count else { return nil }
        var value: UInt32 = 0
        for index in start..<(start + digits) {
            guard let digit = self[index].hexadecimalDigit else { return nil }
            value = value << 4 | digit
        }
        return value
    }

    /// What a `\u` escape whose backslash is at `place` spells, with its length in bytes; `nil` without four digits.
    ///
    /// Two escapes that form a surrogate pair are one scalar; a lone surrogate becomes U+FFFD.
    func escapedScalar(at place: Int) -> (scalar: Unicode.Scalar, length: Int)? {
        guard let unit = hexadecimal(at: place + 2, digits: 4) else { return nil }
        if (0xD800..<0xDC00).contains(unit), place + 7 < count, self[place + 6] == UInt8(ascii: "\\"),
            self[place + 7] == UInt8(ascii: "u"), let low = hexadecimal(at: place + 8, digits: 4),
            (0xDC00..<0xE000).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
        {
            return (scalar, 12)
        }
        return (Unicode.Scalar(unit) ?? "\u{FFFD}", 6)
    }

    /// The Unicode scalar that begins at `place` with its length in bytes; `nil` at the end and for broken UTF-8.
    func scalar(at place: Int) -> (scalar: Unicode.Scalar, length: Int)? {
        guard place < count else { return nil }
        let first = self[place]
        if first < 0x80 { return (Unicode.Scalar(first), 1) }
        let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
        guard place + length <= count else { return nil }
        let part = UnsafeBufferPointer(rebasing: self[place..<(place + length)])
        guard let text = String(validating: part, as: UTF8.self) else { return nil }
        return text.unicodeScalars.first.map { ($0, length) }
    }

    /// For messages: the character at `place` in quotes, or what else is there in words.
    func nameOfCharacter(at place: Int) -> String {
        guard place < count else { return "the end" }
        guard let scalar = scalar(at: place)?.scalar else { return "a byte that is not UTF-8" }
        switch scalar.value {
        case 0x0A, 0x0D: return "the end of the line"
        case 0x09: return "a tab"
        case 0..<0x20, 0x7F..<0xA0: return "a control character"
        case 0x2028...0x202E, 0x200B...0x200F, 0x2060...0x2069, 0xFEFF: return "an invisible character"
        default: return "'\(scalar)'"
        }
    }
}

extension [UInt8] {
    /// Appends a scalar as UTF-8.
    mutating func append(scalar: Unicode.Scalar) {
        append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }
}

extension JSONError {
    /// Points at the first byte in `range` that is not UTF-8.
    static func invalidUTF8(in bytes: UnsafeBufferPointer<UInt8>, range: Range<Int>) -> JSONError {
        var place = range.lowerBound
        while place < range.upperBound, let length = bytes.scalar(at: place)?.length { place += length }
        let position = SourcePosition(offset: place, in: bytes)
        return JSONError(.invalidUTF8, "This is not UTF-8; save the text in that encoding.", at: position)
    }
}
