extension Timestamp {
    /// Reads ISO 8601: a day, or an instant to the minute or more exactly, with an offset or none, which is UTC's then. Beyond
    /// milliseconds nothing is kept; `nil` for a day before 1970, and where a part is impossible.
    package init?(iso8601 text: String) {
        guard let day = CivilDay(String(text.prefix(10))) else { return nil }
        var rest = text.dropFirst(10)
        guard let mark = rest.popFirst() else {
            self = day.startInUTC
            return
        }
        let clock = rest.prefix { Self.isDigit($0) || $0 == ":" }
        rest = rest.dropFirst(clock.count)
        guard "Tt ".contains(mark), var seconds = Self.seconds(of: clock) else { return nil }
        var milliseconds = 0
        if rest.first == "." {
            let fraction = rest.dropFirst().prefix(while: Self.isDigit)
            rest = rest.dropFirst(1 + fraction.count)
            guard !fraction.isEmpty, let thousandths = Int((fraction + "00").prefix(3)) else { return nil }
            milliseconds = thousandths
        }
        if let sign = rest.popFirst() {
            switch sign {
            case "Z", "z":
                guard rest.isEmpty else { return nil }
            case "+", "-":
                guard let offset = Self.seconds(of: rest) else { return nil }
                seconds += sign == "+" ? -offset : offset
            default: return nil
            }
        }
        self = day.startInUTC.advanced(by: .milliseconds(seconds * 1000 + milliseconds))
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
}
