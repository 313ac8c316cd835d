/// The numbers of renewals. Those that other programs on the same files go by are the reference's.
package struct RenewalPolicy: Hashable, Sendable {
    /// How long a token endpoint may take, all in all.
    package var callLimit = Duration.seconds(120)
    /// How long one renewal holds its locks at most: shorter than the age at which others take them for left behind.
    package var holdLimit = Duration.seconds(165)
    /// The age at which others take the lock of a login for left behind.
    package var staleLock = Duration.seconds(180)
    /// How long to wait for another process that renews the same login.
    package var lockPatience = Duration.seconds(180)
    /// An access token that ends no sooner than this still serves when it can't be renewed.
    package var lastResort = Duration.seconds(20)
    /// How long a caller waits for a new token while the old one still serves.
    package var spareWait = Duration.seconds(5)
    /// The rest after the first attempt that may go well next time; it doubles with each further one.
    package var shortRest = Duration.seconds(5)
    package var longestShortRest = Duration.seconds(300)
    /// The rest after the first attempt that a person has to mend; it doubles with each further one.
    package var longRest = Duration.seconds(600)
    package var longestLongRest = Duration.seconds(3600)

    package static let standard = RenewalPolicy()

    package init() {}

    /// How long a token rests after its latest attempt failed.
    ///
    /// - Parameters:
    ///   - failures: Failed attempts in a row, the latest included.
    ///   - random: 0 to 1; the rest is between once and one and a half times the regular one, so that processes that
    ///     failed together don't come back together.
    package func rest(after failure: RenewalFailure, failures: Int, random: Double) -> Duration {
        rest(
            afterLasting: failure.code.needsPerson, asked: failure.retryAfter, failures: failures, random: random)
    }

    /// - Parameters:
    ///   - isLasting: Whether the latest failure is one that a person has to mend.
    ///   - wish: How long the provider wants to be left alone.
    func rest(afterLasting isLasting: Bool, asked wish: Duration?, failures: Int, random: Double) -> Duration {
        let (first, longest) = isLasting ? (longRest, longestLongRest) : (shortRest, longestShortRest)
        let doubled = first * (1 << min(max(failures, 1) - 1, 16))
        let rest = min(doubled, longest) * (1 + random / 2)
        // The provider knows best when it wants to be asked, within reason.
        return max(rest, min(wish ?? .zero, longestLongRest))
    }
}
