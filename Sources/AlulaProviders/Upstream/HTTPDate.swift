import AlulaInference
import AlulaPrimitives

/// Dates in the heads of answers.
enum HTTPDate {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// - Parameter text: `Sun, 06 Nov 1994 08:49:37 GMT`; the two obsolete forms, which no server of today writes, are none.
    /// - SeeAlso: RFC 9110, section 5.6.7.
    static func parse(_ text: String) -> Timestamp? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let month = months.firstIndex(of: String(parts[2])),
            parts[1].utf8.count == 2, parts[3].utf8.count == 4,
            let day = CivilDay("\(parts[3])-\(month < 9 ? "0" : "")\(month + 1)-\(parts[1])")
        else { return nil }
        let clock = parts[4].split(separator: ":", omittingEmptySubsequences: false).map { Int64($0) ?? -1 }
        guard clock.count == 3, (0..<24).contains(clock[0]), (0..<60).contains(clock[1]), (0...60).contains(clock[2])
        else { return nil }
        return day.startInUTC.advanced(by: .seconds(clock[0] * 3600 + clock[1] * 60 + clock[2]))
    }
}
