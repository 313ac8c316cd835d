/// The host of an origin or of a `Host` header, in lower case.
struct HostName: Hashable {
    /// Without port and without the brackets of an IPv6 address.
    let name: String
    let port: Int?

    /// Reads `scheme://host[:port]`; `nil` for `null` and for anything that is no web origin.
    init?(origin: String) {
        let defaultPorts = ["http://": 80, "https://": 443, "ws://": 80, "wss://": 443]
        for (prefix, standardPort) in defaultPorts where origin.hasPrefix(prefix) {
            let authority = origin.dropFirst(prefix.count)
            guard !authority.contains(where: { "/?#@".contains($0) }) else { return nil }
            self.init(authority: String(authority), standardPort: standardPort)
            return
        }
        return nil
    }

    /// Reads `host[:port]`.
    init?(authority: String) { self.init(authority: authority, standardPort: 80) }

    private init?(authority: String, standardPort: Int) {
        var rest = Substring(authority.lowercased())
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            name = String(rest[rest.index(after: rest.startIndex)..<end])
            rest = rest[rest.index(after: end)...]
        } else {
            let end = rest.firstIndex(of: ":") ?? rest.endIndex
            name = String(rest[..<end])
            rest = rest[end...]
        }
        guard !name.isEmpty else { return nil }
        if rest.isEmpty {
            port = standardPort
        } else {
            guard rest.first == ":", let number = UInt16(rest.dropFirst()) else { return nil }
            port = Int(number)
        }
    }

    /// Host and port, for comparing.
    var authority: String { "\(name):\(port ?? 0)" }

    /// `localhost` and the loopback addresses.
    var isLoopback: Bool {
        name == "localhost" || name.hasSuffix(".localhost") || name == "::1"
            || Self.octets(name)?.first == 127
    }

    /// An address that no router on the Internet carries.
    var isPrivate: Bool {
        if let octets = Self.octets(name) {
            switch (octets[0], octets[1]) {
            case (10, _), (192, 168), (169, 254): return true
            case (172, 16...31), (100, 64...127): return true
            default: return false
            }
        }
        guard name.contains(":") else { return false }
        return name.hasPrefix("fc") || name.hasPrefix("fd") || name.hasPrefix("fe80:")
    }

    /// A name of the local network or of a private overlay network.
    var isLocalNetworkName: Bool { name.hasSuffix(".local") || name.hasSuffix(".ts.net") }

    /// The four numbers of an IPv4 address.
    static func octets(_ name: String) -> [UInt8]? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        let octets = parts.compactMap { part in part.allSatisfy(\.isNumber) ? UInt8(part) : nil }
        return octets.count == 4 ? octets : nil
    }
}
