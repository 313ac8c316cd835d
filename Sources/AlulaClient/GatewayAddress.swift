/// Where a gateway listens, from a URL such as `ws://127.0.0.1:18789/gateway`.
///
/// A `wss://` URL may end with `#sha256=` and the fingerprint of the gateway's certificate: then this certificate is
/// expected and no other, whoever vouches for it. Without, it has to be one that this machine trusts.
package struct GatewayAddress: Hashable, Sendable {
    package let host: String
    package let port: Int
    package let path: String
    package let isEncrypted: Bool
    /// The SHA-256 of the certificate that is expected.
    package let fingerprint: [UInt8]?

    package init(
        host: String, port: Int, path: String = "/", isEncrypted: Bool = false, fingerprint: [UInt8]? = nil
    ) {
        self.host = host
        self.port = port
        self.path = path
        self.isEncrypted = isEncrypted
        self.fingerprint = fingerprint
    }

    /// Reads `ws://`, `wss://`, `http://` and `https://` URLs.
    package init(url: String) throws(ClientError) {
        let whole = url.trimmingSpaces
        let text = String(whole.prefix { $0 != "#" })
        guard let scheme = ["ws://", "wss://", "http://", "https://"].first(where: { text.lowercased().hasPrefix($0) })
        else { throw ClientError(.invalidAddress, "The address has to begin with ws:// or wss://.") }
        isEncrypted = scheme.dropLast(3).last == "s" && scheme != "ws://"
        fingerprint = try Self.fingerprint(whole.dropFirst(text.count))
        guard isEncrypted || fingerprint == nil else {
            throw ClientError(.invalidAddress, "Only wss:// has a certificate to compare with a fingerprint.")
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

    private static func fingerprint(_ fragment: Substring) throws(ClientError) -> [UInt8]? {
        let prefix = "#sha256="
        guard fragment.lowercased().hasPrefix(prefix) else {
            if fragment.isEmpty { return nil }
            throw ClientError(.invalidAddress, "Behind # only sha256= and the certificate's fingerprint may stand.")
        }
        let digits = Array(fragment.dropFirst(prefix.count).filter { $0 != ":" })
        let bytes = stride(from: 0, to: digits.count, by: 2).compactMap { start in
            UInt8(String(digits[start..<min(start + 2, digits.count)]), radix: 16)
        }
        guard digits.count == 64, digits.allSatisfy(\.isHexDigit), bytes.count == 32 else {
            throw ClientError(.invalidAddress, "The certificate's fingerprint has 64 hexadecimal digits.")
        }
        return bytes
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
