/// A day of the calendar, wherever its clock stands.
package struct CivilDay: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Days since 1970-01-01.
    package let number: Int

    package init(number: Int) { self.number = number }

    /// The day on a clock that is so many seconds ahead of UTC.
    package init(of instant: Timestamp, utcOffset: Int) {
        let seconds = instant.milliseconds.flooredDivision(by: 1000) + Int64(utcOffset)
        number = Int(seconds.flooredDivision(by: 86_400))
    }

    /// Reads `YYYY-MM-DD`; `nil` for anything else and for days that the calendar does not have.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts.map(\.utf8.count) == [4, 2, 2],
            parts.allSatisfy({ $0.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]), year >= 1970,
            (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        // The inverse of the arithmetic behind `Timestamp.utc`: years that begin in March.
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        number = era * 146_097 + dayOfEra - 719_468
        // A day that is not in its month reads back as one of the next.
        guard description == text else { return nil }
    }

    /// Midnight on a clock without an offset.
    package var startInUTC: Timestamp { Timestamp(milliseconds: Int64(number) * 86_400_000) }

    /// `YYYY-MM-DD`
    package var description: String { String(startInUTC.iso8601.prefix(10)) }

    package func advanced(by days: Int) -> CivilDay { CivilDay(number: number + days) }

    package static func < (left: CivilDay, right: CivilDay) -> Bool { left.number < right.number }
}
