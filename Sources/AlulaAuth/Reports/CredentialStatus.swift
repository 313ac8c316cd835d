import AlulaPrimitives

/// How a stored credential is doing, by its own word about its end. Raw values are the protocol's.
package enum CredentialStatus: String, CaseIterable, Sendable {
    case ok
    /// It ends within ``warningWindow``.
    case expiring
    case expired
    /// There is none, or nothing in it that could be used.
    case missing
    /// It has no end.
    case `static`

    /// How long before its end a credential counts as ending.
    package static let warningWindow = Duration.seconds(24 * 3600)

    /// The status of a credential that ends at `end`.
    init(end: Timestamp, now: Timestamp) {
        let remaining = end.duration(since: now)
        self = remaining <= .zero ? .expired : remaining <= Self.warningWindow ? .expiring : .ok
    }

    /// The status of a whole from its parts: what asks most urgently for somebody's attention.
    static func combined(_ parts: some Sequence<CredentialStatus>) -> CredentialStatus {
        let parts = Set(parts)
        if parts.contains(.expired) || parts.contains(.missing) { return .expired }
        if parts.contains(.expiring) { return .expiring }
        if parts.contains(.ok) { return .ok }
        return parts.contains(.static) ? .static : .missing
    }
}
