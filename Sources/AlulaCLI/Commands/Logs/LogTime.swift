import AlulaPrimitives

/// How the times of log lines are shown.
enum LogTime {
    /// As they were written.
    case asWritten
    case local
    case utc

    /// Seconds and `Z`: a day alone is no time.
    private static let shortest = 20

    /// `text` on the wanted clock; what is no time stays as it is.
    ///
    /// - Parameters:
    ///   - isShort: Hours, minutes and seconds only.
    ///   - utcOffset: Seconds that local clocks are ahead of UTC at an instant.
    func shown(_ text: String, isShort: Bool, utcOffset: (Timestamp) -> Int) -> String {
        let style = self == .asWritten && isShort ? .local : self
        guard style != .asWritten, text.utf8.count >= Self.shortest, let instant = Timestamp(iso8601: text)
        else { return text }
        let offset = style == .local ? utcOffset(instant) : 0
        let moved = instant.advanced(by: .seconds(offset)).iso8601.dropLast()
        if isShort { return String(moved.suffix(8)) }
        let milliseconds = "\(1000 + instant.milliseconds % 1000)".dropFirst()
        guard style == .local else { return "\(moved).\(milliseconds)Z" }
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let minutes = abs(offset) / 60
        return "\(moved).\(milliseconds)\(offset < 0 ? "-" : "+")\(two(minutes / 60)):\(two(minutes % 60))"
    }
}
