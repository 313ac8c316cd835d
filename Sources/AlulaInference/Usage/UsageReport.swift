package import AlulaModels
package import AlulaPrimitives

/// What requests that have the same names came to in a quarter of an hour: the least that has to be told apart, since every
/// clock's midnight lies between two of them.
package struct UsageSlice: Hashable, Sendable {
    /// Milliseconds.
    package static let length: Int64 = 900_000

    /// When the quarter begins.
    package var start: Timestamp
    package var names: UsageNames
    package var totals: UsageTotals

    package init(start: Timestamp, names: UsageNames, totals: UsageTotals) {
        self.start = start
        self.names = names
        self.totals = totals
    }
}

/// By what use is told apart.
package struct UsageNames: Hashable, Sendable {
    package var model: ModelReference
    /// `nil` for the gateway's own secret.
    package var apiKey: String?
    package var agent: AgentID?

    package init(model: ModelReference, apiKey: String? = nil, agent: AgentID? = nil) {
        self.model = model
        self.apiKey = apiKey
        self.agent = agent
    }
}

/// How a report is divided. Raw values are the protocol's and the command line's.
package enum UsageGrouping: String, CaseIterable, Sendable {
    case model
    case provider
    case key
    case agent
    case day
}

/// Use by day and by name in a period.
package struct UsageReport: Sendable {
    package struct Row: Hashable, Sendable {
        package var day: CivilDay
        package var names: UsageNames
        package var totals: UsageTotals
    }

    package let period: UsagePeriod
    /// Earlier days first, then in order of the names.
    package let rows: [Row]
    package let totals: UsageTotals

    /// - Parameter slices: In any order; those outside of the period are passed over.
    package init(_ period: UsagePeriod, _ slices: some Sequence<UsageSlice>) {
        var places: [Place: UsageTotals] = [:]
        var totals = UsageTotals()
        for slice in slices {
            guard let day = period.day(of: slice.start) else { continue }
            places[Place(day: day, names: slice.names), default: UsageTotals()] += slice.totals
            totals += slice.totals
        }
        self.period = period
        self.totals = totals
        rows = places.map { Row(day: $0.day, names: $0.names, totals: $1) }.sorted { $0.order < $1.order }
    }

    /// What came together under each `key`, in the order in which the keys first appear.
    package func divided<Key: Hashable>(by key: (Row) -> Key) -> [(key: Key, totals: UsageTotals)] {
        var places: [Key: Int] = [:]
        var parts: [(key: Key, totals: UsageTotals)] = []
        for row in rows {
            let key = key(row)
            let place = places[key] ?? parts.count
            if place == parts.count {
                places[key] = place
                parts.append((key, UsageTotals()))
            }
            parts[place].totals += row.totals
        }
        return parts
    }

    /// Days with use, the earlier first.
    package var days: [(key: CivilDay, totals: UsageTotals)] { divided { $0.day } }

    package var models: [(key: ModelReference, totals: UsageTotals)] { ranked(divided { $0.names.model }) }
    package var providers: [(key: ProviderID, totals: UsageTotals)] { ranked(divided { $0.names.model.provider }) }
    package var apiKeys: [(key: String?, totals: UsageTotals)] { ranked(divided { $0.names.apiKey }) }
    package var agents: [(key: AgentID?, totals: UsageTotals)] { ranked(divided { $0.names.agent }) }

    /// What costs most first, then what was used most; the rest as it was.
    private func ranked<Key>(_ parts: [(key: Key, totals: UsageTotals)]) -> [(key: Key, totals: UsageTotals)] {
        parts.enumerated().sorted { left, right in
            let (one, other) = (left.element.totals, right.element.totals)
            if one.cost.total != other.cost.total { return one.cost.total > other.cost.total }
            if one.tokens.total != other.tokens.total { return one.tokens.total > other.tokens.total }
            return left.offset < right.offset
        }.map(\.element)
    }
}

/// What makes a row.
private struct Place: Hashable {
    let day: CivilDay
    let names: UsageNames
}

extension UsageReport.Row {
    fileprivate var order: (CivilDay, ModelReference, String, String) {
        (day, names.model, names.apiKey ?? "", names.agent?.rawValue ?? "")
    }
}
