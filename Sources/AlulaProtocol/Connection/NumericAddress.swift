/// An IPv4 or IPv6 address as bytes, so that spellings of one address are equal.
struct NumericAddress: Hashable {
    /// 4 or 16 bytes. IPv4 inside IPv6 counts as IPv4.
    let bytes: [UInt8]

    /// Reads an address without brackets, port and zone; `nil` for anything else, names included.
    init?(_ text: some StringProtocol) {
        if let octets = HostName.octets(String(text)) {
            bytes = octets
            return
        }
        guard let groups = Self.groups(String(text)) else { return nil }
        let all = groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
        let isMapped = all[..<10].allSatisfy { $0 == 0 } && all[10] == 255 && all[11] == 255
        bytes = isMapped ? Array(all[12...]) : all
    }

    /// Reads an address as forwarding headers have it, with port and brackets or without.
    init?(forwarded text: some StringProtocol) {
        let bare = String(text.filter { !$0.isWhitespace && $0 != "\"" })
        if bare.hasPrefix("[") {
            self.init(bare.dropFirst().prefix { $0 != "]" })
        } else if bare.filter({ $0 == ":" }).count == 1 {
            self.init(bare.prefix { $0 != ":" })
        } else {
            self.init(bare)
        }
    }

    /// Whether the first `bits` bits are those of `other`, which is of the same kind.
    func agrees(with other: NumericAddress, bits: Int) -> Bool {
        guard bytes.count == other.bytes.count, bits <= bytes.count * 8 else { return false }
        let (whole, rest) = (bits / 8, bits % 8)
        guard bytes[..<whole] == other.bytes[..<whole] else { return false }
        guard rest > 0 else { return true }
        return (bytes[whole] ^ other.bytes[whole]) >> (8 - UInt8(rest)) == 0
    }

    /// The eight groups of an IPv6 address.
    private static func groups(_ text: String) -> [UInt16]? {
        var text = text
        // The last two groups may be written as an IPv4 address.
        if let colon = text.lastIndex(of: ":"), let tail = HostName.octets(String(text[text.index(after: colon)...])) {
            let words = [0, 2].map { String(UInt16(tail[$0]) << 8 | UInt16(tail[$0 + 1]), radix: 16) }
            text = text[...colon] + words.joined(separator: ":")
        }
        let halves = text.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
        var parts: [[UInt16]] = []
        for half in halves {
            var groups: [UInt16] = []
            for word in half.split(separator: ":", omittingEmptySubsequences: false) where !half.isEmpty {
                guard (1...4).contains(word.count), word.allSatisfy(\.isHexDigit), let group = UInt16(word, radix: 16)
                else { return nil }
                groups.append(group)
            }
            parts.append(groups)
        }
        let count = parts.map(\.count).reduce(0, +)
        guard parts.count == 2 else { return count == 8 ? parts.first : nil }
        guard count < 8 else { return nil }
        return parts[0] + [UInt16](repeating: 0, count: 8 - count) + parts[1]
    }
}
