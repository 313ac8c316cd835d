package import AlulaPrimitives

extension ProfileFact.Identity {
    /// What comparing two owners tells.
    package enum Comparison: Hashable, Sendable {
        case same
        case different
        /// Neither account nor mail address is known on both sides.
        case incomparable
    }

    /// Compares by account where both sides have one, else by mail address.
    package func compared(with other: Self) -> Comparison {
        if let mine = accountID, let theirs = other.accountID { return mine == theirs ? .same : .different }
        if let mine = email, let theirs = other.email { return mine == theirs ? .same : .different }
        return .incomparable
    }

    /// Whether a login of `other` may be used in place of one of this owner. One that names no owner may be.
    package func allowsAdoption(of other: Self) -> Bool { isEmpty || compared(with: other) == .same }

    /// Whether a login of `other` may be written over one of this owner. One that names no owner is never lost.
    package func allowsOverwriting(by other: Self) -> Bool { compared(with: other) == .same }
}

extension ProfileFact {
    /// Whether the credential holds any text of its own.
    package var hasToken: Bool { inlineDigest != nil || refreshDigest != nil }

    /// Whether an OAuth login's access token can be used as it is: there, and valid for a while yet.
    package func isUsable(at now: Timestamp) -> Bool {
        guard kind == .oauth, inlineDigest != nil, case .at(let end) = expiry else { return false }
        return end.duration(since: now) > Availability.expiryMargin
    }

    /// Whether this login ends later than `other`, or `other` does not say when it ends.
    package func isNewer(than other: ProfileFact) -> Bool {
        guard case .at(let mine) = expiry else { return false }
        guard case .at(let theirs) = other.expiry else { return true }
        return mine > theirs
    }

    /// Whether both hold the same tokens.
    package func hasSameTokens(as other: ProfileFact) -> Bool {
        provider == other.provider && kind == other.kind && inlineDigest == other.inlineDigest
            && refreshDigest == other.refreshDigest && expiry == other.expiry
    }
}
