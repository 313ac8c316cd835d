package import AlulaPrimitives

/// Some days, on one clock.
package struct UsagePeriod: Sendable {
    /// Seconds that a clock is ahead of UTC at an instant, a multiple of a quarter of an hour.
    package typealias Clock = @Sendable (Timestamp) -> Int

    package let first: CivilDay
    package let last: CivilDay
    package let clock: Clock

    /// - Parameter last: Not before `first`.
    package init(first: CivilDay, last: CivilDay, clock: @escaping Clock) {
        self.first = first
        self.last = last
        self.clock = clock
    }

    /// How many days there are.
    package var dayCount: Int { last.number - first.number + 1 }

    /// Holds every instant of the period, whatever the clock, and some around it.
    package var reach: Range<Timestamp> {
        first.advanced(by: -1).startInUTC..<last.advanced(by: 2).startInUTC
    }

    /// The day of an instant; `nil` when it is outside.
    package func day(of instant: Timestamp) -> CivilDay? {
        let day = CivilDay(of: instant, utcOffset: clock(instant))
        return first <= day && day <= last ? day : nil
    }
}
