import AlulaAuth
import AlulaInference
import AlulaJSON
import AlulaPrimitives

/// Reads members of answers about quotas, which providers promise to nobody: what is not understood is not there.
enum QuotaFields {
    /// Texts that are longer are no names.
    private static let maximumText = 60
    /// When an allowance can begin anew: what lies outside is no date, or one in another unit.
    private static let dates = Timestamp(milliseconds: 1_577_836_800_000)..<Timestamp(milliseconds: 4_102_444_800_000)

    /// A short text without control characters.
    static func text(_ value: JSONValue?) -> String? {
        guard let text = value?.string?.trimmed(), (1...maximumText).contains(text.utf8.count),
            !text.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) })
        else { return nil }
        return text
    }

    static func window(_ label: String, usedPercent: Double?, resetAt: Timestamp? = nil) -> ProviderQuota.Window? {
        usedPercent.flatMap { ProviderQuota.Window(label, usedPercent: $0, resetAt: resetAt) }
    }

    // MARK: Dates

    /// - Parameter unit: How many milliseconds one of the value's units has.
    static func instant(_ value: JSONValue?, unit: Double) -> Timestamp? {
        value?.amount.flatMap { Timestamp(validating: $0 * unit) }.flatMap(checked)
    }

    /// ISO 8601: a day, or an instant with an offset or none, which is UTC's then.
    static func instant(_ value: JSONValue?) -> Timestamp? {
        guard let text = value?.string?.trimmed(), let day = CivilDay(String(text.prefix(10))) else { return nil }
        var rest = text.dropFirst(10)
        guard !rest.isEmpty else { return checked(day.startInUTC) }
        guard let mark = rest.popFirst(), "Tt ".contains(mark) else { return nil }
        let clock = rest.prefix { isDigit($0) || $0 == ":" }
        rest = rest.dropFirst(clock.count)
        guard var seconds = seconds(of: clock) else { return nil }
        if rest.first == "." {
            let fraction = rest.dropFirst().prefix(while: isDigit)
            guard !fraction.isEmpty else { return nil }
            rest = rest.dropFirst(1 + fraction.count)
        }
        if let sign = rest.popFirst() {
            switch sign {
            case "Z", "z":
                guard rest.isEmpty else { return nil }
            case "+", "-":
                guard let offset = self.seconds(of: rest) else { return nil }
                seconds += sign == "+" ? -offset : offset
            default: return nil
            }
        }
        return checked(day.startInUTC.advanced(by: .seconds(seconds)))
    }

    /// `HH:MM`, with `:SS` or without; a minute may have a second more.
    private static func seconds(of clock: Substring) -> Int? {
        let parts = clock.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), parts.allSatisfy({ $0.count == 2 && $0.allSatisfy(isDigit) }) else {
            return nil
        }
        let numbers = parts.compactMap { Int($0) } + [0]
        guard numbers[0] < 24, numbers[1] < 60, numbers[2] <= 60 else { return nil }
        return numbers[0] * 3600 + numbers[1] * 60 + numbers[2]
    }

    private static func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) }

    private static func checked(_ instant: Timestamp) -> Timestamp? { dates.contains(instant) ? instant : nil }

    // MARK: Lengths of windows

    /// Such as `5h`, `Day`, `Week` or `30d`; `nil` for a time that no allowance is for.
    static func label(seconds: Double?) -> String? {
        guard let seconds, seconds >= 60, seconds <= 400 * 86_400 else { return nil }
        switch Int(seconds.rounded()) {
        case let seconds where seconds < 3600: return "\(Int((Double(seconds) / 60).rounded()))m"
        case let seconds where seconds < 86_400: return "\(Int((Double(seconds) / 3600).rounded()))h"
        case let seconds:
            let days = Int((Double(seconds) / 86_400).rounded())
            return days == 1 ? "Day" : days == 7 ? "Week" : "\(days)d"
        }
    }
}
