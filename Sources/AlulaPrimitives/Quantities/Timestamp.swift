/// A point on the wall clock, in whole milliseconds since 1970-01-01T00:00:00Z, as every file and frame has it.
package struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The last instant that a date in the four-digit calendar can show (9999-12-31T23:59:59.999Z).
    package static let maximum = Timestamp(milliseconds: 253_402_300_799_999)

    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// `nil` unless `value` is finite, positive and at most ``maximum``.
    package init?(validating value: Double) {
        guard value.isFinite, value > 0, value <= Double(Self.maximum.milliseconds) else { return nil }
        milliseconds = Int64(value)
    }

    /// This instant moved by `duration`, held within zero and ``maximum``.
    package func advanced(by duration: Duration) -> Timestamp {
        let (sum, overflow) = milliseconds.addingReportingOverflow(duration.milliseconds)
        let clamped = overflow ? (duration < .zero ? 0 : Self.maximum.milliseconds) : sum
        return Timestamp(milliseconds: min(max(clamped, 0), Self.maximum.milliseconds))
    }

    /// The time from `earlier` to this instant, held within what 64 bits can count; negative when `earlier` is later.
    package func duration(since earlier: Timestamp) -> Duration {
        let (difference, overflow) = milliseconds.subtractingReportingOverflow(earlier.milliseconds)
        return .milliseconds(overflow ? (milliseconds < earlier.milliseconds ? Int64.min : Int64.max) : difference)
    }

    /// ISO 8601 in UTC with seconds, such as `2026-11-25T07:10:24Z`.
    package var description: String { iso8601 }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }
}

extension Timestamp {
    /// Year, month, day, hour, minute and second in UTC (proleptic Gregorian).
    package var utc: (year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
        let seconds = Int(milliseconds.flooredDivision(by: 1000))
        let days = seconds.flooredDivision(by: 86_400)
        let rest = seconds - days * 86_400
        // Howard Hinnant's days-to-civil arithmetic: eras of 400 years that start on 1 March.
        let shifted = days + 719_468
        let era = shifted.flooredDivision(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, day, rest / 3600, rest / 60 % 60, rest % 60)
    }

    /// ISO 8601 in UTC with seconds.
    package var iso8601: String {
        let parts = utc
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let year = String(repeating: "0", count: max(0, 4 - "\(parts.year)".count)) + "\(parts.year)"
        return
            "\(year)-\(two(parts.month))-\(two(parts.day))T\(two(parts.hour)):\(two(parts.minute)):\(two(parts.second))Z"
    }
}

extension FixedWidthInteger {
    /// Division that rounds towards negative infinity.
    package func flooredDivision(by divisor: Self) -> Self {
        let quotient = self / divisor
        return (self % divisor != 0 && (self < 0) != (divisor < 0)) ? quotient - 1 : quotient
    }
}

extension Duration {
    /// Whole milliseconds, rounded towards zero and held within what 64 bits can count.
    package var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, carried) = product.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        return carried ? (seconds < 0 ? .min : .max) : sum
    }

    /// Seconds as a floating-point number, for metrics and people.
    package var seconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
