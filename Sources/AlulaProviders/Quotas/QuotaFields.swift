import AlulaAuth
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

    /// A day, or an instant with an offset or none, which is UTC's then.
    static func instant(_ value: JSONValue?) -> Timestamp? {
        (value?.string?.trimmed()).flatMap { Timestamp(iso8601: $0) }.flatMap(checked)
    }

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
