package import AlulaPrimitives

/// How callers prove that they may come in.
package enum CallerAuthentication: Sendable {
    /// Everybody may. Only on loopback: ``BindPolicy`` of the server sees to it.
    case none
    /// A shared token.
    case token(Secret)
    /// A shared password.
    case password(Secret)

    /// The configuration's and the wire's word.
    package var name: String {
        switch self {
        case .none: "none"
        case .token: "token"
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

    /// Compares what a WebSocket client brought.
    package func verdict(token: Secret?, password: Secret?) -> Verdict {
        switch self {
        case .none: .open
        case .token(let expected): Self.verdict(offered: token, expected: expected)
        case .password(let expected): Self.verdict(offered: password, expected: expected)
        }
    }

    /// Compares the bearer of an HTTP request, which may be either.
    package func verdict(bearer: Secret?) -> Verdict { verdict(token: bearer, password: bearer) }

    private static func verdict(offered: Secret?, expected: Secret) -> Verdict {
        if expected.isBlank { return .notConfigured }
        guard let offered, !offered.isBlank else { return .missing }
        return offered.matches(expected) ? .matched : .mismatched
    }
}
