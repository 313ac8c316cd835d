package import AlulaPrimitives

/// A login that is due and could not be renewed, or that its provider gives no pass for.
package struct RenewalTrouble: Hashable, Sendable {
    package var failure: RenewalFailure
    /// When it is tried again by itself; `nil` when somebody has to act first.
    package var until: Timestamp?

    package init(failure: RenewalFailure, until: Timestamp?) {
        self.failure = failure
        self.until = failure.code.needsPerson ? nil : until
    }
}

extension AuthFacts {
    /// What is known to keep `login` from being renewed or exchanged; `nil` while it can be used as it is, and once it may be tried
    /// again.
    func renewalTrouble(of login: ProfileFact, at now: Timestamp) -> RenewalTrouble? {
        guard login.provenance == .stored, let token = login.exchangedDigest,
            let trouble = renewalTroubles[token], trouble.until.map({ $0 > now }) ?? true
        else { return nil }
        // A token that is exchanged for a pass is never used as it is. Of an OAuth login one that a provider refused before its end is
        // due as well, and nobody here knows of it.
        return login.kind == .oauth && login.isUsable(at: now) ? nil : trouble
    }
}

extension ProfileFact {
    /// What is exchanged for something that opens the provider: a refresh token, or a stored one that a pass is given for.
    var exchangedDigest: FactVersion? { kind == .oauth ? refreshDigest : inlineDigest }
}
