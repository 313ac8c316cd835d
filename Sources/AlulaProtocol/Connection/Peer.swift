/// The other end of a connection, as the upgrade or request showed it.
package struct Peer: Hashable, Sendable {
    /// Numeric address of the socket's other end, without a port.
    package let address: String
    /// The header `Host`.
    package let host: String?
    /// The header `Origin`, which browsers send.
    package let origin: String?
    /// Whether any header says that a proxy forwarded this: `Forwarded`, `X-Forwarded-…`, `X-Real-IP`.
    package let isForwarded: Bool
    /// Whether the socket's other end is a proxy that the configuration trusts.
    package let isTrustedProxy: Bool
    /// All that a trusted proxy sent, by names in lower case; empty for everybody else.
    package let proxyFields: [String: String]
    /// Who is counted when something is counted per address: the client that a trusted proxy names, else the other
    /// end of the socket.
    package private(set) var clientAddress: String

    package init(
        address: String, host: String? = nil, origin: String? = nil, isForwarded: Bool = false,
        isTrustedProxy: Bool = false, proxyFields: [String: String] = [:]
    ) {
        self.address = address
        self.host = host
        self.origin = origin
        self.isForwarded = isForwarded
        self.isTrustedProxy = isTrustedProxy
        self.proxyFields = proxyFields
        clientAddress = address
    }

    /// Reads what the head of a request says about the other end.
    ///
    /// - Parameter fields: Header fields, in order.
    package init(
        address: String, host: String?, fields: some Sequence<(name: String, value: String)>,
        trustedProxies: TrustedProxies
    ) {
        let isTrusted = trustedProxies.contains(address)
        var origin: String?
        var isForwarded = false
        var proxyFields: [String: String] = [:]
        for (name, value) in fields {
            let name = name.lowercased()
            if name == "origin", origin == nil { origin = value }
            if Self.isForwarding(name) { isForwarded = true }
            if isTrusted { proxyFields[name] = proxyFields[name].map { "\($0),\(value)" } ?? value }
        }
        var client: String?
        if isTrusted {
            let realIP = trustedProxies.readsRealIP ? proxyFields["x-real-ip"] : nil
            // Each proxy adds whom it heard at the end, so the last that is no proxy of ours is the client.
            let named = (proxyFields["x-forwarded-for"] ?? realIP ?? "").split(separator: ",")
            client = named.last { name in NumericAddress(forwarded: name).map { !trustedProxies.contains($0) } ?? true }
                .map { name in String(name.filter { !$0.isWhitespace }) }
        }
        self.init(
            address: address, host: host, origin: origin, isForwarded: isForwarded, isTrustedProxy: isTrusted,
            proxyFields: proxyFields)
        clientAddress = client ?? address
    }

    /// Whether a header says that somebody passed the request on; `name` is in lower case.
    private static func isForwarding(_ name: String) -> Bool {
        name == "forwarded" || name == "x-real-ip" || name.hasPrefix("x-forwarded-")
    }

    /// A program on this machine, as far as the socket shows: nothing says that it speaks for somebody else.
    package var isOnThisMachine: Bool { isLoopbackAddress && !isForwarded && !isTrustedProxy }

    /// Whether the socket comes from this machine.
    package var isLoopbackAddress: Bool {
        let bare = address.hasPrefix("::ffff:") ? String(address.dropFirst(7)) : address
        return bare == "::1" || HostName.octets(bare)?.first == 127
    }

    /// From this machine, meant for this machine, and through no proxy.
    ///
    /// The host name counts because a page that a browser loaded from elsewhere can reach a loopback port by a
    /// name of its own. Through a trusted proxy nothing is local: the proxy speaks for somebody else.
    package var isDirectLocal: Bool {
        guard isOnThisMachine else { return false }
        guard let host else { return true }
        return HostName(authority: host)?.isLoopback ?? false
    }
}
