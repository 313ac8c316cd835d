import AlulaPrimitives

/// How the times of log lines are shown.
enum LogTime {
    /// As they were written.
    case asWritten
    case local
    case utc

    /// `text` on the wanted clock; what is no time stays as it is.
    ///
    /// - Parameters:
    ///   - isShort: Hours, minutes and seconds only.
    ///   - utcOffset: Seconds that local clocks are ahead of UTC at an instant.
    func shown(_ text: String, isShort: Bool, utcOffset: (Timestamp) -> Int) -> String {
        let style = self == .asWritten && isShort ? .local : self
        guard style != .asWritten, let instant = Self.instant(text) else { return text }
        let offset = style == .local ? utcOffset(instant) : 0
        let moved = instant.advanced(by: .seconds(offset)).iso8601.dropLast()
        if isShort { return String(moved.suffix(8)) }
        let milliseconds = "\(1000 + instant.milliseconds % 1000)".dropFirst()
        guard style == .local else { return "\(moved).\(milliseconds)Z" }
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let minutes = abs(offset) / 60
        return "\(moved).\(milliseconds)\(offset < 0 ? "-" : "+")\(two(minutes / 60)):\(two(minutes % 60))"
    }

    /// The instant of `2026-11-25T10:23:37.000+08:00` or `…Z`.
    static func instant(_ text: String) -> Timestamp? {
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int? {
            guard range.upperBound <= bytes.count else { return nil }
            return Int(String(decoding: bytes[range], as: UTF8.self))
        }
        guard bytes.count >= 20, let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19)
        else { return nil }
        var place = 19
        var milliseconds = 0
        if bytes[place] == UInt8(ascii: ".") {
            let end = bytes[(place + 1)...].firstIndex { !(48...57).contains($0) } ?? bytes.count
            milliseconds = number(place + 1..<min(end, place + 4)) ?? 0
            place = end
        }
        guard place < bytes.count else { return nil }
        var offset = 0
        if bytes[place] != UInt8(ascii: "Z") {
            guard let hours = number(place + 1..<place + 3), let minutes = number(place + 4..<place + 6) else {
                return nil
            }
            offset = (hours * 60 + minutes) * (bytes[place] == UInt8(ascii: "-") ? -60 : 60)
        }
        // Days since 1970 by eras of 400 years that start on 1 March.
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted.flooredDivision(by: 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
        return Timestamp(milliseconds: Int64(seconds) * 1000 + Int64(milliseconds))
    }
}
