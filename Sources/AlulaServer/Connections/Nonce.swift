/// Makes texts that nobody can guess.
enum Nonce {
    /// 122 random bits, spelled as a UUID of version 4.
    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        func hexadecimal(_ value: UInt64, digits: Int) -> String {
            let text = String(value & ((1 << (4 * UInt64(digits))) - 1), radix: 16)
            return String(repeating: "0", count: digits - text.count) + text
        }
        let (high, low) = (generator.next() as UInt64, generator.next() as UInt64)
        return [
            hexadecimal(high >> 32, digits: 8), hexadecimal(high >> 16, digits: 4), "4" + hexadecimal(high, digits: 3),
            "a" + hexadecimal(low >> 48, digits: 3), hexadecimal(low, digits: 12),
        ].joined(separator: "-")
    }
}
