/// Base 64 by RFC 4648. Keys and signatures are written by section 5 without padding, numbers by section 4 with it; both are
/// read.
package enum Base64Text {
    /// The bytes, or `nil` when `text` is no base 64.
    ///
    /// - Parameter maximumBytes: Longer results are refused unread.
    package static func decoded(_ text: String, maximumBytes: Int) -> [UInt8]? {
        var digits = Array(text.utf8)[...]
        guard digits.count <= maximumBytes * 4 / 3 + 4 else { return nil }
        var padding = 0
        while digits.last == UInt8(ascii: "="), padding < 2 {
            digits.removeLast()
            padding += 1
        }
        guard digits.count % 4 != 1, padding == 0 || (digits.count + padding) % 4 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count * 3 / 4)
        var (bits, count): (UInt32, UInt32) = (0, 0)
        for digit in digits {
            guard let value = value(of: digit) else { return nil }
            bits = (bits << 6 | value) & 0xFFFF
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(bits >> count & 0xFF))
            }
        }
        return bytes.count <= maximumBytes ? bytes : nil
    }

    /// The text by section 5, without padding.
    package static func encoded(_ bytes: [UInt8]) -> String {
        String(decoding: digits(of: bytes, by: addressAlphabet), as: UTF8.self)
    }

    /// The text by section 4, with padding.
    package static func encodedPlainly(_ bytes: [UInt8]) -> String {
        var text = digits(of: bytes, by: plainAlphabet)
        while !text.count.isMultiple(of: 4) { text.append(UInt8(ascii: "=")) }
        return String(decoding: text, as: UTF8.self)
    }

    private static func digits(of bytes: [UInt8], by alphabet: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 4 / 3 + 4)
        var (bits, count): (UInt32, UInt32) = (0, 0)
        for byte in bytes {
            bits = (bits << 8 | UInt32(byte)) & 0xFFFF
            count += 8
            while count >= 6 {
                count -= 6
                text.append(alphabet[Int(bits >> count & 63)])
            }
        }
        if count > 0 { text.append(alphabet[Int(bits << (6 - count) & 63)]) }
        return text
    }

    private static let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    private static let addressAlphabet = Array((letters + "-_").utf8)
    private static let plainAlphabet = Array((letters + "+/").utf8)

    private static func value(of digit: UInt8) -> UInt32? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(digit - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(digit - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "-"), UInt8(ascii: "+"): 62
        case UInt8(ascii: "_"), UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
