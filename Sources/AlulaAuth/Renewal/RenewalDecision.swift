package import AlulaPrimitives

/// The copies of one login that a request could use, as they are at one moment.
package struct LoginCopies: Hashable, Sendable {
    /// The agent's own; `nil` for an agent without one and for the main agent.
    package var own: ProfileFact?
    /// The main store's.
    package var main: ProfileFact?

    package init(own: ProfileFact?, main: ProfileFact?) {
        self.own = own
        self.main = main
    }
}

/// What has to happen so that a login can be used.
package enum RenewalStep: Hashable, Sendable {
    /// Whose copy is meant.
    package enum Copy: Hashable, Sendable {
        case own
        case main
    }

    /// The copy's access token is good.
    case use(Copy)
    /// The copy's refresh token has to be exchanged; the store that it is in gets the new one.
    case renew(Copy)
    case fail(RenewalFailure.Code)
}

/// Decides from what the copies of a login say. The same decision is taken before anything is locked, under the lock, and
/// after a failure: whoever was faster has then left a good copy.
package enum RenewalDecision {
    /// What has to happen now.
    ///
    /// - Parameter rejected: The access token that a provider has just refused, whatever its end says.
    package static func step(
        _ copies: LoginCopies, rejected: FactVersion? = nil, at now: Timestamp
    ) -> RenewalStep {
        guard let (copy, fact) = chosen(from: copies, at: now) else { return .fail(.noRefreshToken) }
        if isUsable(fact, rejected: rejected, at: now) { return .use(copy) }
        // The other copy may be good where the owner's is not; it is no less the same person's.
        let other: RenewalStep.Copy = copy == .own ? .main : .own
        if let rest = self.fact(of: other, in: copies), rest.provider == fact.provider,
            fact.identity.allowsAdoption(of: rest.identity), isUsable(rest, rejected: rejected, at: now)
        {
            return .use(other)
        }
        if fact.hasForbiddenReference { return .fail(.notOurs) }
        return fact.refreshDigest == nil ? .fail(.noRefreshToken) : .renew(copy)
    }

    /// A copy whose access token is not due yet by `margin`; the last resort of a login that can't be renewed now.
    package static func lastResort(
        _ copies: LoginCopies, rejected: FactVersion? = nil, margin: Duration, at now: Timestamp
    ) -> RenewalStep.Copy? {
        [RenewalStep.Copy.own, .main].first { copy in
            guard let fact = fact(of: copy, in: copies), fact.kind == .oauth, let access = fact.inlineDigest,
                access != rejected, case .at(let end) = fact.expiry
            else { return false }
            return end.duration(since: now) > margin
        }
    }

    /// Whether a renewal's answer, which names `owner`, may be written over a login of `existing`.
    ///
    /// Many providers don't say whose tokens they send; then they are the ones that were asked for.
    package static func accepts(_ owner: ProfileFact.Identity, for existing: ProfileFact.Identity) -> Bool {
        existing.compared(with: owner) != .different
    }

    /// Whether `copy` is a copy of the login that was renewed, and so holds a token that is used up.
    ///
    /// - Parameters:
    ///   - token: The refresh token that was exchanged.
    ///   - owner: Who the renewed login belongs to.
    package static func isUsedUp(
        _ copy: ProfileFact, token: FactVersion, provider: ProviderID, owner: ProfileFact.Identity
    ) -> Bool {
        copy.kind == .oauth && copy.provider == provider && copy.refreshDigest == token
            && copy.identity.compared(with: owner) != .different
    }

    // MARK: Parts

    private static func chosen(
        from copies: LoginCopies, at now: Timestamp
    ) -> (copy: RenewalStep.Copy, fact: ProfileFact)? {
        guard let own = copies.own else { return oauth(copies.main).map { (.main, $0) } }
        guard let own = oauth(own) else { return nil }
        let preferred = EffectiveStore.preferred(own: own, over: copies.main, now: now)
        return (preferred.owner == .main ? .main : .own, preferred.fact)
    }

    private static func oauth(_ fact: ProfileFact?) -> ProfileFact? { fact?.kind == .oauth ? fact : nil }

    private static func fact(of copy: RenewalStep.Copy, in copies: LoginCopies) -> ProfileFact? {
        oauth(copy == .own ? copies.own : copies.main)
    }

    /// A login that does not say when it ends is good until a provider refuses it.
    private static func isUsable(_ fact: ProfileFact, rejected: FactVersion?, at now: Timestamp) -> Bool {
        guard let access = fact.inlineDigest, access != rejected, !fact.hasForbiddenReference else { return false }
        return fact.expiry == .unstated || fact.isUsable(at: now)
    }
}
