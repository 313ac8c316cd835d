package import AlulaPrimitives

/// A refresh token that rests because its latest renewal failed.
package struct RenewalRest: Hashable, Sendable {
    package var failure: RenewalFailure
    /// Failed attempts in a row.
    package var failures: Int
    /// When it may be tried again.
    package var until: Timestamp

    package init(failure: RenewalFailure, failures: Int, until: Timestamp) {
        self.failure = failure
        self.failures = failures
        self.until = until
    }
}

/// Which refresh tokens rest, by their digests. A login that somebody renews by hand has another token, and so no rest.
package struct RenewalRests: Sendable {
    /// Tokens that are remembered; those whose rest ended longest ago go first.
    private static let maximum = 4096

    private let policy: RenewalPolicy
    private var rests: [FactVersion: RenewalRest] = [:]

    package init(policy: RenewalPolicy = .standard) { self.policy = policy }

    /// What keeps `token` from being tried now; `nil` when nothing does.
    package func rest(of token: FactVersion, at now: Timestamp) -> RenewalRest? {
        guard let rest = rests[token], rest.until > now else { return nil }
        // A clock that was set back must not make it rest for ever.
        let longest = policy.longestLongRest * 2
        return rest.until.duration(since: now) <= longest ? rest : nil
    }

    /// Takes down that a renewal of `token` failed.
    ///
    /// - Parameter random: 0 to 1, drawn anew for each failure.
    /// - Returns: How long it rests; `nil` when nobody was asked, so that the next one may try at once.
    package mutating func failed(
        _ token: FactVersion, _ failure: RenewalFailure, at now: Timestamp, random: Double
    ) -> RenewalRest? {
        guard failure.code.countsAsAttempt else { return nil }
        let failures = (rests[token]?.failures ?? 0) + 1
        let rest = RenewalRest(
            failure: failure, failures: failures,
            until: now.advanced(by: policy.rest(after: failure, failures: failures, random: random)))
        adopt(rest, of: token)
        return rest
    }

    /// Takes over what another process found out about `token`.
    package mutating func adopt(_ rest: RenewalRest, of token: FactVersion) {
        rests[token] = rest
        while rests.count > Self.maximum, let oldest = rests.min(by: { $0.value.until < $1.value.until })?.key {
            rests[oldest] = nil
        }
    }

    /// `token` was renewed: nothing is held against it.
    package mutating func succeeded(_ token: FactVersion) { rests[token] = nil }
}
