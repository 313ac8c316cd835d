/// One entry of `NO_PROXY`.
struct ProxyException: Sendable {
    private enum Kind: Sendable {
        case everything
        /// The name itself and whatever is below it.
        case name(String)
        /// The first bits of an IPv4 address.
        case range(UInt32, bits: UInt32)
    }

    private let kind: Kind
    private let port: Int?

    /// - Returns: `nil` for what stands for nothing.
    init?(_ text: Substring) {
        if text == "*" {
            (kind, port) = (.everything, nil)
            return
        }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count == 2 {
            guard let address = NetworkName.ipv4(parts[0]), let bits = UInt32(parts[1]), bits <= 32 else { return nil }
            (kind, port) = (.range(address, bits: bits), nil)
            return
        }
        guard parts.count == 1, let address = AddressParts(String(text)) else { return nil }
        var name = address.host[...]
        if name.hasPrefix("*.") { name = name.dropFirst() }
        while name.first == "." { name = name.dropFirst() }
        guard !name.isEmpty else { return nil }
        (kind, port) = (.name(NetworkName(String(name)).text), address.port)
    }

    func covers(_ host: NetworkName, port: Int) -> Bool {
        if let wanted = self.port, wanted != port { return false }
        switch kind {
        case .everything: return true
        case .name(let name): return host.text == name || host.isName && host.text.hasSuffix("." + name)
        case .range(let address, let bits):
            guard let own = host.ipv4 else { return false }
            // No bits are the whole net, and shifting by all 32 is nothing that a shift does.
            return bits == 0 || own >> (32 - bits) == address >> (32 - bits)
        }
    }
}

/// A name or an address of a machine, as it is compared.
struct NetworkName: Sendable {
    /// In lower case, without the dot at its end.
    let text: String
    let ipv4: UInt32?

    init(_ host: String) {
        let text = host.lowercased()
        self.text = text.hasSuffix(".") ? String(text.dropLast()) : text
        ipv4 = Self.ipv4(self.text[...])
    }

    /// Whether it is no address.
    var isName: Bool { ipv4 == nil && !text.contains(":") }

    var isThisMachine: Bool {
        if let ipv4 { return ipv4 >> 24 == 127 }
        return text == "localhost" || text.hasSuffix(".localhost") || text == "::1"
    }

    /// Four numbers with dots between them.
    static func ipv4(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard part.allSatisfy({ $0.isASCII && $0.isNumber }), let number = UInt8(part) else { return nil }
            address = address << 8 | UInt32(number)
        }
        return address
    }
}
