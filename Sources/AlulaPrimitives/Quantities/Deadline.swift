/// The instant at which whoever asked stops waiting. It is made at the edge and handed down, so that retries and
/// sub-steps share one budget.
package struct Deadline: Hashable, Comparable, Sendable {
    package let instant: ContinuousClock.Instant

    package init(_ instant: ContinuousClock.Instant) { self.instant = instant }

    /// The instant `duration` from now.
    package static func after(_ duration: Duration) -> Deadline { Deadline(.now.advanced(by: duration)) }

    /// What is left of the budget; never negative.
    package var remaining: Duration { max(.zero, ContinuousClock.now.duration(to: instant)) }

    package var hasPassed: Bool { remaining == .zero }

    /// The earlier of this deadline and one `duration` from now.
    package func capped(at duration: Duration) -> Deadline { min(self, .after(duration)) }

    package static func < (left: Deadline, right: Deadline) -> Bool { left.instant < right.instant }
}
