package import AlulaPrimitives

/// Which passes there are, for which stored token each was given, and which tokens rest because they opened nothing. Stored tokens are
/// known by their digests.
package struct PassBook: Sendable {
    /// What to do for a call.
    package enum Step: Sendable {
        case use(Pass)
        /// The provider is to be asked. Meanwhile, and if it gives nothing, `spare` serves.
        case exchange(spare: Pass?)
        /// It was asked a moment ago, and gave nothing.
        case rest(PassFailure)
    }

    private struct Known {
        var pass: Pass
        var givenAt: Timestamp
    }

    private struct Rest {
        var failure: PassFailure
        var failures: Int
        var since: Timestamp
        var time: Duration
    }

    /// Tokens that are remembered of each sort.
    private static let maximum = 1024

    private let policy: PassPolicy
    private var known: [FactVersion: Known] = [:]
    private var rests: [FactVersion: Rest] = [:]
    /// When a pass was last asked for because the one before was refused.
    private var refusals: [FactVersion: Timestamp] = [:]

    package init(policy: PassPolicy = .standard) { self.policy = policy }

    /// - Parameter rejected: A pass that the provider's API has just refused.
    package mutating func step(for token: FactVersion, rejected: Secret?, at now: Timestamp) -> Step {
        if let rejected, let pass = known[token], pass.pass.token.matches(rejected) {
            // What stands in for a refused one, and is refused as well, would be given again.
            if let before = refusals[token], isBetween(now, before, policy.leastUse) { return .rest(Self.refused) }
            if refusals.count >= Self.maximum { refusals = [:] }
            refusals[token] = now
            known[token] = nil
        }
        let pass = known[token]
        if let pass, isFresh(pass, now) || !isDue(pass, now) { return .use(pass.pass) }
        let spare = pass.flatMap { serves($0, now) ? $0.pass : nil }
        guard let rest = rests[token], isBetween(now, rest.since, rest.time) else { return .exchange(spare: spare) }
        return spare.map { .use($0) } ?? .rest(rest.failure)
    }

    /// Takes down what `token` was exchanged for.
    package mutating func given(_ pass: Pass, for token: FactVersion, at now: Timestamp) {
        rests[token] = nil
        known[token] = Known(pass: pass, givenAt: now)
        while known.count > Self.maximum, let oldest = known.min(by: { $0.value.givenAt < $1.value.givenAt })?.key {
            known[oldest] = nil
        }
    }

    /// Takes down that nothing was given for `token`.
    ///
    /// - Parameter random: 0 to 1, drawn anew for each failure.
    /// - Returns: Until when the token rests.
    @discardableResult
    package mutating func failed(
        _ failure: PassFailure, for token: FactVersion, at now: Timestamp, random: Double
    ) -> Timestamp {
        let failures = (rests[token]?.failures ?? 0) + 1
        let time = policy.rests.rest(
            afterLasting: failure.needsPerson, asked: failure.retryAfter, failures: failures, random: random)
        rests[token] = Rest(failure: failure, failures: failures, since: now, time: time)
        while rests.count > Self.maximum, let oldest = rests.min(by: { $0.value.since < $1.value.since })?.key {
            rests[oldest] = nil
        }
        return now.advanced(by: time)
    }

    /// Whether it has not served for long.
    private func isFresh(_ known: Known, _ now: Timestamp) -> Bool {
        isBetween(now, known.givenAt, policy.leastUse)
    }

    private func isDue(_ known: Known, _ now: Timestamp) -> Bool {
        // Our own clock, where the provider says how long: its clock may be another.
        if let time = known.pass.refreshIn { return !isBetween(now, known.givenAt, time) }
        return known.pass.end.duration(since: now) <= policy.margin
    }

    private func serves(_ known: Known, _ now: Timestamp) -> Bool {
        if let time = known.pass.refreshIn {
            return isBetween(now, known.givenAt, time + policy.margin - policy.lastResort)
        }
        return known.pass.end.duration(since: now) > policy.lastResort
    }

    /// A clock that was set back ends it as well.
    private func isBetween(_ now: Timestamp, _ start: Timestamp, _ time: Duration) -> Bool {
        let passed = now.duration(since: start)
        return passed >= .zero && passed < time
    }

    private static let refused = PassFailure(.auth, "The provider refuses the token that it has just given.")
}
