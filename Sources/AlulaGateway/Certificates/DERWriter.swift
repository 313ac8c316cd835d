import AlulaPrimitives

/// Parts of an ASN.1 value in its distinguished encoding: a tag, the length, the contents.
enum DERWriter {
    static func element(_ tag: UInt8, _ contents: [UInt8]) -> [UInt8] {
        guard contents.count > 127 else { return [tag, UInt8(contents.count)] + contents }
        var length: [UInt8] = []
        var rest = contents.count
        while rest > 0 {
            length.insert(UInt8(rest & 255), at: 0)
            rest >>= 8
        }
        return [tag, 0x80 | UInt8(length.count)] + length + contents
    }

    static func sequence(_ parts: [UInt8]...) -> [UInt8] { element(0x30, parts.flatMap(\.self)) }
    static func set(_ part: [UInt8]) -> [UInt8] { element(0x31, part) }
    static func octets(_ bytes: [UInt8]) -> [UInt8] { element(0x04, bytes) }
    static func text(_ text: String) -> [UInt8] { element(0x0C, Array(text.utf8)) }
    static let yes = element(0x01, [0xFF])

    /// Bits in whole bytes.
    static func bits(_ bytes: [UInt8], unused: UInt8 = 0) -> [UInt8] { element(0x03, [unused] + bytes) }

    /// A number that is not negative, most significant byte first.
    static func number(_ bytes: [UInt8]) -> [UInt8] {
        let digits = bytes.drop { $0 == 0 }
        let needsSign = digits.first.map { $0 > 127 } ?? true
        return element(0x02, (needsSign ? [0] : []) + digits)
    }

    /// A part with a tag of its context's own.
    static func tagged(_ number: UInt8, _ contents: [UInt8]) -> [UInt8] { element(0xA0 | number, contents) }

    /// An object identifier such as `2.5.4.3`.
    static func identifier(_ numbers: [Int]) -> [UInt8] {
        var bytes = [UInt8(numbers[0] * 40 + numbers[1])]
        for number in numbers.dropFirst(2) {
            var digits = [UInt8(number & 127)]
            var rest = number >> 7
            while rest > 0 {
                digits.insert(UInt8(rest & 127) | 128, at: 0)
                rest >>= 7
            }
            bytes += digits
        }
        return element(0x06, bytes)
    }

    /// A point in time, to the second. Two digits of the year have to do until 2049.
    static func time(_ time: Timestamp) -> [UInt8] {
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let utc = time.utc
        let rest = [utc.month, utc.day, utc.hour, utc.minute, utc.second].map(two).joined() + "Z"
        return utc.year < 2050
            ? element(0x17, Array((two(utc.year % 100) + rest).utf8))
            : element(0x18, Array(("\(utc.year)" + rest).utf8))
    }
}
