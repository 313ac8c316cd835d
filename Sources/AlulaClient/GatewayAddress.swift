/// Where a gateway listens, from a URL such as `ws://127.0.0.1:18789/gateway`.
package struct GatewayAddress: Hashable, Sendable {
    package let host: String
    package let port: Int
    package let path: String

    package init(host: String, port: Int, path: String = "/") {
        self.host = host
        self.port = port
        self.path = path
    }

    /// Reads `ws://` and `http://` URLs. TLS comes in a later version, so `wss://` is refused and not downgraded.
    package init(url: String) throws(ClientError) {
        let text = url.trimmingSpaces
        guard let scheme = ["ws://", "http://"].first(where: { text.lowercased().hasPrefix($0) }) else {
            let isSecure = text.lowercased().hasPrefix("wss://") || text.lowercased().hasPrefix("https://")
            throw ClientError(
                .invalidAddress,
                isSecure
                    ? "Gateways with TLS can't be asked yet; use a ws:// address."
                    : "The address has to begin with ws://.")
        }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let path = rest.dropFirst(authority.count)
        self.path = path.hasPrefix("/") ? String(path) : "/" + path
        let hostEnd: Substring.Index
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            host = String(authority[authority.index(after: authority.startIndex)..<end])
            hostEnd = authority.index(after: end)
        } else {
            hostEnd = authority.firstIndex(of: ":") ?? authority.endIndex
            host = String(authority[..<hostEnd])
        }
        let tail = authority[hostEnd...]
        let number = tail.isEmpty ? 18789 : Int(tail.dropFirst()) ?? -1
        guard !host.isEmpty, (1...65_535).contains(number) else {
            throw ClientError(.invalidAddress, "The address needs a host and a port from 1 to 65535.")
        }
        port = number
    }

    /// The `Host` header.
    var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension String {
    fileprivate var trimmingSpaces: String {
        let kept = drop { $0.isWhitespace }
        return String(kept.reversed().drop { $0.isWhitespace }.reversed())
    }
}
