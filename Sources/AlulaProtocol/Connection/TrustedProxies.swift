/// The reverse proxies whose forwarding headers are believed.
package struct TrustedProxies: Hashable, Sendable {
    private struct Range: Hashable {
        let address: NumericAddress
        let bits: Int
    }

    private let ranges: [Range]
    /// Whether `X-Real-IP` names the client where `X-Forwarded-For` is missing.
    let readsRealIP: Bool

    /// - Parameters:
    ///   - entries: Addresses, or ranges such as `10.0.0.0/8`. What is neither trusts nobody.
    ///   - readsRealIP: Whether `X-Real-IP` names the client where `X-Forwarded-For` is missing.
    package init(_ entries: some Sequence<String> = [String](), readsRealIP: Bool = false) {
        self.readsRealIP = readsRealIP
        ranges = entries.compactMap { entry in
            let parts = entry.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard let address = parts.first.flatMap({ NumericAddress($0) }) else { return nil }
            let most = address.bytes.count * 8
            guard parts.count == 2 else { return Range(address: address, bits: most) }
            guard let bits = UInt8(parts[1]), Int(bits) <= most else { return nil }
            return Range(address: address, bits: Int(bits))
        }
    }

    /// Whether `address` is one of them.
    package func contains(_ address: String) -> Bool {
        guard !ranges.isEmpty, let address = NumericAddress(address) else { return false }
        return contains(address)
    }

    func contains(_ address: NumericAddress) -> Bool {
        ranges.contains { $0.address.agrees(with: address, bits: $0.bits) }
    }
}
