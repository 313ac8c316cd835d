import AlulaModels
import AlulaPrimitives
import Testing

@testable import AlulaInference

/// Days, on whatever clock, and what they add up to.
struct UsageReportTests {
    private static func instant(_ day: Int, _ hour: Int, _ minute: Int = 0) -> Timestamp {
        Timestamp(milliseconds: (Int64(day) * 24 + Int64(hour)) * 3_600_000 + Int64(minute) * 60_000)
    }

    private static func slice(
        _ start: Timestamp, _ model: String = "p/m", key: String? = nil, agent: AgentID? = "main", tokens: Int64 = 1,
        cost: Int64 = 0
    ) -> UsageSlice {
        var totals = UsageTotals()
        totals.requests = 1
        totals.tokens.input = tokens
        totals.cost.input = cost
        let model = ModelReference(model) ?? ModelReference(provider: "p", model: "m")
        return UsageSlice(start: start, names: UsageNames(model: model, apiKey: key, agent: agent), totals: totals)
    }

    private static func days(_ slices: [UsageSlice], utcOffset: @escaping UsagePeriod.Clock) -> [String: Int64] {
        let period = UsagePeriod(first: CivilDay(number: 20_000), last: CivilDay(number: 20_001), clock: utcOffset)
        let days = UsageReport(period, slices).days.map { ("\($0.key)", $0.totals.requests) }
        return Dictionary(uniqueKeysWithValues: days)
    }

    // MARK: Borders

    @Test func aDayEndsAtItsOwnMidnight() {
        let slices = [
            Self.slice(Self.instant(19_999, 23, 45)), Self.slice(Self.instant(20_000, 0)),
            Self.slice(Self.instant(20_000, 23, 45)), Self.slice(Self.instant(20_001, 0)),
            Self.slice(Self.instant(20_001, 23, 45)), Self.slice(Self.instant(20_002, 0)),
        ]
        #expect(Self.days(slices) { _ in 0 } == ["2024-10-04": 2, "2024-10-05": 2])
        // Kathmandu is a quarter of an hour beside the others: its midnight is 18:15 in UTC.
        let nepal = [
            Self.slice(Self.instant(19_999, 18)), Self.slice(Self.instant(19_999, 18, 15)),
            Self.slice(Self.instant(20_000, 18)), Self.slice(Self.instant(20_000, 18, 15)),
        ]
        #expect(Self.days(nepal) { _ in 20_700 } == ["2024-10-04": 2, "2024-10-05": 1])
        #expect(Self.days([Self.slice(Self.instant(20_001, 3))]) { _ in -4 * 3600 } == ["2024-10-04": 1])
    }

    /// A clock that is put back during the period has two hours of the same name, and both are of that day.
    @Test func aClockMayChange() {
        let change = Self.instant(20_001, 1)
        let clock: UsagePeriod.Clock = { $0 < change ? 7200 : 3600 }
        let slices = [
            Self.slice(Self.instant(20_000, 21, 45)), Self.slice(Self.instant(20_000, 22)),
            Self.slice(Self.instant(20_001, 22, 45)), Self.slice(Self.instant(20_001, 23)),
        ]
        #expect(Self.days(slices, utcOffset: clock) == ["2024-10-04": 1, "2024-10-05": 2])
    }

    @Test func whatIsReadHoldsThePeriodOnEveryClock() throws {
        for hours in -14...14 {
            let period = UsagePeriod(
                first: CivilDay(number: 20_000), last: CivilDay(number: 20_000), clock: { _ in hours * 3600 })
            for quarter in 0..<96 {
                let instant = Self.instant(20_000, quarter / 4, quarter % 4 * 15).advanced(by: .seconds(-hours * 3600))
                #expect(period.day(of: instant) == CivilDay(number: 20_000) && period.reach.contains(instant))
            }
        }
    }

    // MARK: Divisions

    @Test func whatCostsMostComesFirst() {
        let day = Self.instant(20_000, 12)
        let report = UsageReport(
            UsagePeriod(first: CivilDay(number: 20_000), last: CivilDay(number: 20_000), clock: { _ in 0 }),
            [
                Self.slice(day, "a/one", key: "laptop", tokens: 5, cost: 10),
                Self.slice(day, "b/two", tokens: 900), Self.slice(day, "b/three", agent: nil, tokens: 800, cost: 7),
                Self.slice(day, "b/four", key: "laptop", tokens: 1, cost: 7),
                Self.slice(day, "a/one", tokens: 5, cost: 10), Self.slice(Self.instant(20_003, 1), "c/late"),
            ])
        #expect(report.models.map { "\($0.key)" } == ["a/one", "b/three", "b/four", "b/two"])
        #expect(report.models.first?.totals.requests == 2)
        #expect(report.providers.map { "\($0.key) \($0.totals.cost.total)" } == ["a 20", "b 14"])
        // Both cost the same, and one took more.
        #expect(report.apiKeys.map { "\($0.key ?? "-") \($0.totals.cost.total)" } == ["- 17", "laptop 17"])
        #expect(report.agents.map { $0.key?.rawValue ?? "-" } == ["main", "-"])
        #expect(report.totals.requests == 5 && report.totals.tokens.input == 1711)
        #expect(report.divided { $0.day }.count == 1)
    }

    @Test func nothingIsNothing() {
        let period = UsagePeriod(first: CivilDay(number: 1), last: CivilDay(number: 3), clock: { _ in 0 })
        let report = UsageReport(period, [UsageSlice]())
        #expect(report.rows.isEmpty && report.totals == UsageTotals() && report.days.isEmpty)
        #expect(period.dayCount == 3)
    }
}
