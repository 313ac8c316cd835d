package import AlulaPrimitives

/// How callers prove that they may come in.
package enum CallerAuthentication: Sendable {
    /// Everybody may. Only on loopback: ``BindPolicy`` of the server sees to it.
    case none
    /// A shared token.
    case token(Secret)
    /// A shared password.
    case password(Secret)
    /// A reverse proxy vouches for its users. Programs on this machine show a token of their own.
    case trustedProxy(ProxyAuthentication)

    /// The configuration's and the wire's word.
    package var name: String {
        switch self {
        case .none: "none"
        case .token: "token"
        case .password: "password"
        case .trustedProxy: "trusted-proxy"
        }
    }

    /// Whether who came in by `other` would come in by this one just as well.
    package func isSame(as other: CallerAuthentication) -> Bool {
        switch (self, other) {
        case (.none, .none): true
        case (.token(let mine), .token(let theirs)), (.password(let mine), .password(let theirs)):
            mine.matches(theirs)
        case (.trustedProxy(let mine), .trustedProxy(let theirs)): mine.isSame(as: theirs)
        case (.none, _), (.token, _), (.password, _), (.trustedProxy, _): false
        }
    }

    /// What kind of secret a caller can show.
    var secretName: String {
        switch self {
        case .none, .token, .trustedProxy: "token"
        case .password: "password"
        }
    }

    /// What came of comparing a caller's secret.
    package enum Verdict: Hashable, Sendable {
        /// No secret is asked for.
        case open
        case matched
        /// Nothing was offered that could be compared.
        case missing
        case mismatched
        /// The gateway itself has no usable secret, so nobody can match it.
        case notConfigured
    }

    /// Compares what a caller on `peer` brought. Who is let in on a proxy's word counts as matched.
    package func verdict(token: Secret?, password: Secret?, from peer: Peer) -> Verdict {
        switch self {
        case .none: return .open
        case .token(let expected): return Self.verdict(offered: token, expected: expected)
        case .password(let expected): return Self.verdict(offered: password, expected: expected)
        case .trustedProxy(let proxy):
            if proxy.refusal(of: peer) == nil { return .matched }
            guard peer.isDirectLocal, let expected = proxy.localToken else { return .missing }
            return Self.verdict(offered: token ?? password, expected: expected)
        }
    }

    /// Compares the bearer of an HTTP request, which may be either.
    package func verdict(bearer: Secret?, from peer: Peer) -> Verdict {
        verdict(token: bearer, password: bearer, from: peer)
    }

    private static func verdict(offered: Secret?, expected: Secret) -> Verdict {
        if expected.isBlank { return .notConfigured }
        guard let offered, !offered.isBlank else { return .missing }
        return offered.matches(expected) ? .matched : .mismatched
    }
}
