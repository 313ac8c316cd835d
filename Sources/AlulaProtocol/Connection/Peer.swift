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

    package init(
        address: String, host: String? = nil, origin: String? = nil, isForwarded: Bool = false,
        isTrustedProxy: Bool = false
    ) {
        self.address = address
        self.host = host
        self.origin = origin
        self.isForwarded = isForwarded
        self.isTrustedProxy = isTrustedProxy
    }

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
        guard isLoopbackAddress, !isForwarded, !isTrustedProxy else { return false }
        guard let host else { return true }
        return HostName(authority: host)?.isLoopback ?? false
    }
}
