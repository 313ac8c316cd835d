package import AlulaPrimitives

/// A login that is due and could not be renewed.
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
    /// What is known to keep `login` from being renewed; `nil` while it can be used as it is, and once it may be tried again.
    func renewalTrouble(of login: ProfileFact, at now: Timestamp) -> RenewalTrouble? {
        guard login.kind == .oauth, login.provenance == .stored, let token = login.refreshDigest,
            let trouble = renewalTroubles[token], trouble.until.map({ $0 > now }) ?? true
        else { return nil }
        // One that a provider refused before its end is due as well, and nobody here knows of it.
        return login.isUsable(at: now) ? nil : trouble
    }
}
