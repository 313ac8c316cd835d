/// Decides when to ask again whether a code was typed, and when to stop.
///
/// - SeeAlso: RFC 8628, section 3.5, whose pauses are kept though the provider's words are others.
package struct DevicePolling: Hashable, Sendable {
    package enum Step: Hashable, Sendable {
        case ask(after: Duration)
        case giveUp(RenewalFailure)
        /// The code to type is not good any more.
        case tooLate
    }

    /// What each failure on the way adds to the pauses.
    private static let slowing = Duration.seconds(5)
    private static let longestPause = Duration.seconds(60)

    private var pause: Duration
    private let lifetime: Duration

    /// - Parameters:
    ///   - interval: What the provider wants between two questions; 1 to 60 seconds are kept to.
    ///   - lifetime: How long the code is good.
    package init(interval: Duration, lifetime: Duration) {
        pause = min(max(interval, .seconds(1)), Self.longestPause)
        self.lifetime = lifetime
    }

    /// What to do after nothing was heard yet.
    ///
    /// - Parameters:
    ///   - failure: Why nothing was heard; `nil` when the code was just not typed yet.
    ///   - elapsed: Time since the code was given.
    package mutating func next(after failure: RenewalFailure? = nil, elapsed: Duration) -> Step {
        var wait = pause
        if let failure {
            guard failure.code == .unreachable else { return .giveUp(failure) }
            pause = min(pause + Self.slowing, Self.longestPause)
            wait = max(pause, min(failure.retryAfter ?? .zero, Self.longestPause))
        }
        return elapsed + wait < lifetime ? .ask(after: wait) : .tooLate
    }
}
