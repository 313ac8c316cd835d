package import AlulaPrimitives

/// Takes note of how calls with stored logins end, so that a login that can't be used rests.
///
/// Who decides that for several gateways together is another conformance; the one in this process keeps it in memory
/// at once and in the store's file shortly after.
package protocol ProfileUsageRecording: Sendable {
    /// Takes note of one call. When this returns, answers go by it; it is in a file at most 100 ms later.
    ///
    /// Never throws: a disk that refuses costs what is known at the next start and nothing now.
    func record(_ call: ProfileCall) async

    /// What was recorded about an agent's profiles lately. Whoever chooses a login lays it over the prepared facts, which
    /// follow some milliseconds later.
    func recentUsage(for agent: AgentID) async -> [ProfileID: ProfileUsage]
}

/// How one call with a stored login ended.
package struct ProfileCall: Hashable, Sendable {
    /// What became of it.
    package enum Outcome: Hashable, Sendable {
        /// The provider answered.
        case success
        /// It did not, and the login is to blame. `retryAfter` is the provider's own wish for a rest.
        case failure(FailureReason, retryAfter: Duration? = nil)
        /// The provider said until when the account's allowance is used up, in a header or a report called `source`.
        case allowanceUsedUp(until: Timestamp, source: String)
    }

    package var agent: AgentID
    package var profile: ProfileID
    /// What was asked, or `nil` when that is not known.
    package var model: ModelID?
    package var outcome: Outcome
    package var endedAt: Timestamp

    package init(
        agent: AgentID, profile: ProfileID, model: ModelID? = nil, outcome: Outcome, endedAt: Timestamp
    ) {
        self.agent = agent
        self.profile = profile
        self.model = model
        self.outcome = outcome
        self.endedAt = endedAt
    }
}

extension ProfileUsage {
    /// Takes in one call.
    ///
    /// - Parameter provider: Whose login it is.
    /// - Returns: Whether anything changed that answers depend on; when a profile was last used is not.
    package mutating func record(_ call: ProfileCall, provider: ProviderID, policy: CooldownPolicy) -> Bool {
        switch call.outcome {
        case .success:
            let wasHeldAgainst = unusableUntil() != nil || errorCount > 0 || !failureCounts.isEmpty
            recordSuccess(at: call.endedAt)
            return wasHeldAgainst
        case .failure(let reason, let retryAfter):
            return recordFailure(
                reason, model: call.model, provider: provider, at: call.endedAt, policy: policy,
                retryAfter: retryAfter)
        case .allowanceUsedUp(let until, let source):
            return markBlocked(until: until, source: source, model: call.model, at: call.endedAt)
        }
    }
}
