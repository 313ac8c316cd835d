import Testing

@testable import AlulaPrimitives

struct IdentifierTests {
    @Test(arguments: [
        ("main", "main"), (" Work ", "work"), ("My Agent!", "my-agent"), ("--x--", "x"), ("_x", "x"), ("x-", "x"),
        ("x_", "x_"), ("0", "0"), ("-", "main"), ("", "main"), ("äö", "main"),
        ("a_b-c", "a_b-c"), ("a  b", "a-b"), (String(repeating: "x", count: 80), String(repeating: "x", count: 64)),
    ])
    func bringsAgentsIntoTheirCanonicalSpelling(_ spelling: String, _ canonical: String) {
        #expect(AgentID(spelling).rawValue == canonical)
    }

    @Test func lowersAndTrimsProvidersAndNothingElse() {
        #expect(ProviderID(" OpenAI ").rawValue == "openai")
        #expect(ProviderID("z.ai") != ProviderID("zai"))
    }

    @Test func keepsTheCaseOfProfilesAndModels() {
        #expect(ProfileID(" openai:Work ").rawValue == "openai:Work")
        #expect(ModelID("Qwen/Qwen3").rawValue == "Qwen/Qwen3")
    }
}

struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (1_780_000_000_000, "2026-05-28T20:26:40Z"),
        (951_782_399_000, "2000-02-28T23:59:59Z"),
        (951_868_800_000, "2000-03-01T00:00:00Z"), (253_402_300_799_999, "9999-12-31T23:59:59Z"),
        (-1, "1969-12-31T23:59:59Z"),
    ])
    func spellsInstantsInUTC(_ milliseconds: Int64, _ text: String) {
        #expect(Timestamp(milliseconds: milliseconds).iso8601 == text)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity, 0, -5, 1e300, 253_402_300_800_000])
    func refusesWhatIsNoInstant(_ value: Double) { #expect(Timestamp(validating: value) == nil) }

    @Test func staysWithinTheCalendarWhenMoved() {
        #expect(Timestamp.maximum.advanced(by: .seconds(5)) == .maximum)
        #expect(Timestamp(milliseconds: 5).advanced(by: .seconds(-9)).milliseconds == 0)
        #expect(Timestamp(milliseconds: 5).advanced(by: .seconds(Int64.max / 2)) == .maximum)
    }

    @Test func measuresBackwardsToo() {
        let early = Timestamp(milliseconds: 1000)
        let late = Timestamp(milliseconds: 3500)
        #expect(late.duration(since: early) == .milliseconds(2500))
        #expect(early.duration(since: late) == .milliseconds(-2500))
        // A damaged file may say anything.
        let (first, last) = (Timestamp(milliseconds: .min), Timestamp(milliseconds: .max))
        #expect(last.duration(since: first) == .milliseconds(Int64.max))
        #expect(first.duration(since: last) == .milliseconds(Int64.min))
    }

    @Test(arguments: [
        ("", ""), (" ", ""), ("\r\n\t ", ""), ("a", "a"), (" a b ", "a b"), ("\ta\r\n", "a"), ("a\u{A0}", "a"),
        ("\u{2028}é ", "é"), ("e\u{301}", "e\u{301}"), ("\u{7F}", "\u{7F}"),
    ])
    func takesWhiteSpaceOffBothEnds(_ text: String, _ kept: String) { #expect(text.trimmed() == kept) }
}
