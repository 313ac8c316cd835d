import AlulaPrimitives

/// Quantities in few words, for a screen. Every number is from outside, so none may be too large to show.
enum TopWords {
    private static let most = 9e15

    /// `12 s`, `3 min`, `2 h 5 min`, `4 d 3 h`.
    static func age(_ duration: Duration) -> String {
        let seconds = Int64(min(max(duration.seconds, 0), most))
        switch seconds {
        case ..<60: return "\(seconds) s"
        case ..<3600: return "\(seconds / 60) min"
        case ..<86_400:
            let minutes = seconds / 60 % 60
            return "\(seconds / 3600) h" + (minutes > 0 ? " \(minutes) min" : "")
        default:
            let hours = seconds / 3600 % 24
            return "\(seconds / 86_400) d" + (hours > 0 ? " \(hours) h" : "")
        }
    }

    /// `0`, `0.04`, `2.5`, `17`, `1200`: two digits that count.
    static func number(_ value: Double) -> String {
        let value = min(max(value.isNaN ? 0 : value, 0), most)
        let places = value >= 9.95 || value == 0 ? 0 : value >= 0.095 ? 1 : 2
        let scale = places == 0 ? 1 : places == 1 ? 10.0 : 100.0
        let whole = Int64((value * scale).rounded())
        guard places > 0 else { return "\(whole)" }
        let digits = String(whole % Int64(scale))
        let fraction = String(repeating: "0", count: places - digits.count) + digits
        return "\(whole / Int64(scale))" + (whole % Int64(scale) == 0 ? "" : ".\(fraction)")
    }

    /// `850 µs`, `2.5 ms`, `1.2 s`.
    static func milliseconds(_ value: Double) -> String {
        if value >= 1000 { return "\(number(value / 1000)) s" }
        return value > 0 && value < 0.1 ? "\(number(value * 1000)) µs" : "\(number(value)) ms"
    }

    /// `512 kB`, `34 MB`.
    static func bytes(_ value: Double) -> String {
        value >= 1e9
            ? "\(number(value / 1e9)) GB" : value >= 1e6 ? "\(number(value / 1e6)) MB" : "\(number(value / 1e3)) kB"
    }

    static func lateness(_ value: TopHistory.Lateness) -> String {
        (value.isAtLeast ? "over " : "") + milliseconds(value.milliseconds)
    }
}
