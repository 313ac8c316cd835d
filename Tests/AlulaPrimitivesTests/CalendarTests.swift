import AlulaPrimitives
import Testing

struct CalendarTests {
    @Test(arguments: [
        ("1970-01-01", 0), ("1970-12-31", 364), ("2000-02-29", 11_016), ("2024-02-29", 19_782), ("2024-03-01", 19_783),
        ("2026-11-28", 20_785), ("9999-12-31", 2_932_896),
    ])
    func daysReadAndWriteTheSame(_ text: String, _ number: Int) {
        #expect(CivilDay(text)?.number == number)
        #expect("\(CivilDay(number: number))" == text)
    }

    @Test(arguments: [
        "", "2026-11", "2026-13-01", "2026-00-10", "2026-02-29", "2026-11-31", "26-11-28", "2026-1-28", "+026-11-28",
        "2026-11-28T00:00", "1969-12-31", "２０２６-11-28", "2026/11/28",
    ])
    func whatIsNoDayIsNone(_ text: String) { #expect(CivilDay(text) == nil) }

    @Test func everyDayOfACenturyComesBack() {
        for number in 0..<36_525 { #expect(CivilDay("\(CivilDay(number: number))")?.number == number) }
    }

    // MARK: Instants

    @Test(arguments: [
        ("2026-02-09T12:00:00.462679+00:00", 1_770_638_400_462), ("2026-02-09T12:00:00.4Z", 1_770_638_400_400),
        ("2026-02-09T12:00:00-02:30", 1_770_647_400_000), ("2026-02-09 12:00z", 1_770_638_400_000),
        ("2026-02-09t12:00:00", 1_770_638_400_000), ("2026-02-09", 1_770_595_200_000), ("1970-01-01T00:00Z", 0),
        ("1970-01-01T00:00+10:00", 0), ("2016-12-31T23:59:60Z", 1_483_228_800_000),
    ])
    func instantsAreReadInManySpellings(_ text: String, _ milliseconds: Int64) {
        #expect(Timestamp(iso8601: text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "tomorrow", "2026-02-09T", "2026-02-09T12", "2026-02-09T12:0", "2026-02-09Tnoon", "2026-02-09T24:00:00Z",
        "2026-02-09T12:60Z", "2026-02-09T12:00:61Z", "2026-02-09T12:00:00.Z", "2026-02-09T12:00:00ZZ",
        "2026-02-09T12:00:00+2", "2026-02-09T12:00:00+24:00", "2026-02-09T12:00:00Europe", "2026-02-30T12:00:00Z",
        "1969-12-31T23:59:59Z", "2026-02-09T１２:00:00Z", "2026-02-09+12:00", " 2026-02-09",
    ])
    func whatIsNoInstantIsNone(_ text: String) { #expect(Timestamp(iso8601: text) == nil) }
}
