import AlulaPrimitives
import Testing

@testable import AlulaProviders

struct HTTPDateTests {
    @Test(
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"),
            ("Thu, 29 Feb 2024 23:59:59 GMT", "2024-02-29T23:59:59Z"),
            ("Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00Z"),
        ])
    func readsADate(_ text: String, _ instant: String) { #expect(HTTPDate.parse(text)?.iso8601 == instant) }

    @Test(
        arguments: [
            "", "120", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 31 Feb 2026 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 08:-1:00 GMT", "Sun, 06 Nov 1994 08:49 GMT", "Sun, 6 Nov 1994 08:49:37 GMT",
        ])
    func whatIsNoDateIsNone(_ text: String) { #expect(HTTPDate.parse(text) == nil) }

    private static func retryAfter(_ headers: [String: String]) -> Duration? {
        UpstreamAnswer.retryAfter { headers[$0] }
    }

    /// Clocks of two machines differ, so that the provider's own says how far away its date is.
    @Test func aDateIsAsFarAwayAsTheProviderSays() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT"
        #expect(Self.retryAfter(["retry-after": "Sun, 06 Nov 1994 08:50:07 GMT", "date": date]) == .seconds(30))
        #expect(Self.retryAfter(["retry-after": "Sun, 06 Nov 1994 08:49:07 GMT", "date": date]) == nil)
        #expect(Self.retryAfter(["retry-after": "Sun, 06 Nov 1994 08:50:07 GMT"]) == nil)
        #expect(Self.retryAfter(["retry-after": "Sun, 06 Nov 2094 08:50:07 GMT", "date": date]) == nil)
        #expect(Self.retryAfter(["retry-after": "2", "date": date]) == .seconds(2))
        #expect(Self.retryAfter(["retry-after": "-2"]) == nil)
        #expect(Self.retryAfter(["retry-after": "9", "retry-after-ms": "250"]) == .milliseconds(250))
    }
}
