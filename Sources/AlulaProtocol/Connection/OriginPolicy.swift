/// Which browser pages may open a connection.
package struct OriginPolicy: Hashable, Sendable {
    /// Full origins such as `https://host:port`, or `*` for any; compared without regard to case.
    package var allowed: [String]
    /// Whether an origin passes that equals the `Host` header. It trusts whoever sets that header.
    package var allowsHostHeader: Bool

    package init(allowed: [String] = [], allowsHostHeader: Bool = false) {
        self.allowed = allowed
        self.allowsHostHeader = allowsHostHeader
    }

    /// Why a page of origin `origin` may not connect as `peer`, or `nil` when it may.
    package func refusal(of origin: String, from peer: Peer) -> String? {
        let spelled = origin.lowercased()
        if allowed.contains("*") || allowed.contains(where: { $0.lowercased() == spelled }) { return nil }
        guard let page = HostName(origin: spelled) else { return "origin is not a web origin" }
        let host = peer.host.flatMap(HostName.init(authority:))
        if allowsHostHeader, let host, page.authority == host.authority { return nil }
        if let host, page.name == host.name {
            if page.isLoopback, peer.isLoopbackAddress { return nil }
            if page.isPrivate || page.isLocalNetworkName { return nil }
        }
        if peer.isDirectLocal, page.isLoopback { return nil }
        return "origin is not allowed"
    }
}
