package import AlulaInference
package import AlulaJSON
package import AlulaPrimitives
package import AlulaProtocol

/// The operations behind `usage.*` and `sessions.usage`.
package protocol UsageOperations: Sendable {
    /// What requests took and cost. It may wait for a disk, on the blocking pool.
    func usage(_ query: UsageQuery) async throws(GatewayError) -> JSONValue

    /// How much of their allowances accounts have used. It may wait for providers, for seconds.
    func quotas(_ caller: Caller) async throws(GatewayError) -> JSONValue
}

/// What one of the methods about use asks for.
package struct UsageQuery: Hashable, Sendable {
    /// What to do. Raw values are the methods' names.
    package enum Action: String, CaseIterable, Sendable {
        /// Totals by day.
        case cost = "usage.cost"
        /// Totals of conversations, of which there are none, and of everything else.
        case sessions = "sessions.usage"
    }

    /// Where a day begins at midnight.
    package enum Zone: Hashable, Sendable {
        /// The gateway's own clock.
        case gateway
        /// So many seconds ahead of UTC.
        case fixed(Int)
    }

    /// Days of a question that names none.
    package static let standardDays = 30

    package let action: Action
    package let zone: Zone
    package let grouping: UsageGrouping?
    /// Only what this agent used; `nil` for all.
    package let agent: AgentID?
    /// The conversation that is asked about; `nil` for all.
    package let session: String?
    private let first: CivilDay?
    private let last: CivilDay?
    private let days: Int?

    /// - Parameter parameters: In the method's shape.
    /// - Throws: ``GatewayError/Code/invalidRequest`` for a date that is none, an offset that no clock has, and days in the
    ///   wrong order.
    package init(_ action: Action, _ parameters: JSONValue) throws(GatewayError) {
        self.action = action
        first = try Self.day("startDate", parameters)
        last = try Self.day("endDate", parameters)
        days = parameters["days"]?.integer.map { Int($0) }
        agent = parameters["agentId"]?.string.map { AgentID($0) }
        session = parameters["key"]?.string
        grouping = parameters["groupBy"]?.string.flatMap { UsageGrouping(rawValue: $0) }
        zone =
            switch parameters["mode"]?.string {
            case "gateway": .gateway
            case "specific": .fixed(try Self.offset(parameters["utcOffset"]?.string))
            default: .fixed(0)
            }
        if let first, let last, last < first { throw .invalidRequest("endDate is before startDate") }
    }

    /// The days that are meant.
    ///
    /// - Parameter local: The gateway's own clock.
    package func period(at now: Timestamp, local: @escaping UsagePeriod.Clock) throws(GatewayError) -> UsagePeriod {
        let clock: UsagePeriod.Clock =
            switch zone {
            case .gateway: local
            case .fixed(let seconds): { _ in seconds }
            }
        let last = last ?? CivilDay(of: now, utcOffset: clock(now))
        let first = first ?? last.advanced(by: 1 - (days ?? Self.standardDays))
        guard first <= last else { throw .invalidRequest("startDate is after today") }
        return UsagePeriod(first: first, last: last, clock: clock)
    }

    private static func day(_ name: String, _ parameters: JSONValue) throws(GatewayError) -> CivilDay? {
        guard let text = parameters[name]?.string else { return nil }
        guard let day = CivilDay(text) else { throw .invalidRequest("\(name) must be a day such as 2026-11-28") }
        return day
    }

    /// Reads `UTC+2`, `UTC-3:30` and the like.
    private static func offset(_ text: String?) throws(GatewayError) -> Int {
        let refusal = GatewayError.invalidRequest("utcOffset must be an offset such as UTC+2 or UTC-3:30")
        guard let text, text.hasPrefix("UTC"), let sign = text.dropFirst(3).first, sign == "+" || sign == "-" else {
            throw refusal
        }
        let parts = text.dropFirst(4).split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let hours = parts.first.flatMap({ number($0, digits: 1...2) }), hours <= 14 else {
            throw refusal
        }
        var minutes = 0
        if parts.count == 2 {
            // Clocks differ by quarters of an hour, and use is kept by them.
            guard let more = number(parts[1], digits: 2...2), more < 60, more.isMultiple(of: 15) else { throw refusal }
            minutes = more
        }
        let seconds = hours * 3600 + minutes * 60
        return sign == "-" ? -seconds : seconds
    }

    private static func number(_ text: Substring, digits: ClosedRange<Int>) -> Int? {
        guard digits.contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }
}
