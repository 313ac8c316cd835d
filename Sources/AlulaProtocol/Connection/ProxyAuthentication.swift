package import AlulaPrimitives

/// Callers are let in by a reverse proxy that knows who they are and says so in headers.
package struct ProxyAuthentication: Sendable {
    /// The header that names the user, in lower case.
    package let userHeader: String
    /// Headers without which a request did not come through the proxy, in lower case.
    package let requiredHeaders: [String]
    /// Whom the proxy may name; empty for anybody.
    package let allowedUsers: [String]
    /// Whether the proxy may run on this machine, where every other program could pretend to be it.
    package let allowsLoopback: Bool
    /// What programs on this machine show, which come without the proxy; `nil` keeps them out.
    package let localToken: Secret?

    package init(
        userHeader: String, requiredHeaders: [String] = [], allowedUsers: [String] = [], allowsLoopback: Bool = false,
        localToken: Secret? = nil
    ) {
        self.userHeader = userHeader.lowercased()
        self.requiredHeaders = requiredHeaders.map { $0.lowercased() }
        self.allowedUsers = allowedUsers
        self.allowsLoopback = allowsLoopback
        self.localToken = localToken
    }

    /// Whether both let the same callers in.
    func isSame(as other: ProxyAuthentication) -> Bool {
        let isSameToken =
            switch (localToken, other.localToken) {
            case (nil, nil): true
            case (let mine?, let theirs?): mine.matches(theirs)
            case (nil, _), (_, nil): false
            }
        return isSameToken && userHeader == other.userHeader && requiredHeaders == other.requiredHeaders
            && allowedUsers == other.allowedUsers && allowsLoopback == other.allowsLoopback
    }

    /// Why a proxy's word lets nobody in. Raw values are the wire's.
    package enum Refusal: String, CaseIterable, Sendable {
        /// The other end of the socket is no proxy that is trusted.
        case untrustedSource = "trusted_proxy_untrusted_source"
        /// The proxy is on this machine, which has to be allowed.
        case loopbackSource = "trusted_proxy_loopback_source"
        case headerMissing = "trusted_proxy_missing_header"
        case userMissing = "trusted_proxy_user_missing"
        case userNotAllowed = "trusted_proxy_user_not_allowed"

        /// For the person who asks.
        var text: String {
            switch self {
            case .untrustedSource: "this gateway is reached through its proxy only"
            case .loopbackSource: "a proxy on the gateway's own machine is not allowed"
            case .headerMissing: "the proxy did not send a header that is required"
            case .userMissing: "the proxy did not say who you are"
            case .userNotAllowed: "the proxy named a user who may not come in"
            }
        }
    }

    /// Why `peer` is not let in on a proxy's word, or `nil` when it is.
    package func refusal(of peer: Peer) -> Refusal? {
        guard peer.isTrustedProxy else { return .untrustedSource }
        guard allowsLoopback || !peer.isLoopbackAddress else { return .loopbackSource }
        guard requiredHeaders.allSatisfy({ peer.proxyFields[$0]?.isEmpty == false }) else { return .headerMissing }
        guard let user = user(of: peer) else { return .userMissing }
        return allowedUsers.isEmpty || allowedUsers.contains(user) ? nil : .userNotAllowed
    }

    /// Whom the proxy names.
    package func user(of peer: Peer) -> String? {
        guard let user = peer.proxyFields[userHeader]?.trimmingSpaces, !user.isEmpty else { return nil }
        return user
    }

    /// The scopes that the proxy leaves, or `nil` when it leaves all.
    static func scopes(left peer: Peer) -> Set<Scope>? {
        guard let words = peer.proxyFields["x-openclaw-scopes"] else { return nil }
        return Set(words.split(separator: ",").map { Scope(rawValue: String($0).trimmingSpaces) })
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
