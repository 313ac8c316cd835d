import AlulaPrimitives
import Testing

@testable import AlulaAuth

/// After a failure a token rests, longer each time, and nothing else does.
struct RenewalRestsTests {
    private static let silent = RenewalFailure(.unreachable, "nobody answered")
    private static let refused = RenewalFailure(.refused, "it was refused")

    /// Rests in seconds after `count` failures in a row.
    private static func rests(_ failure: RenewalFailure, _ count: Int, random: Double = 0) -> [Int64] {
        var rests = RenewalRests()
        return (0..<count).map { _ in
            let rest = rests.failed(1, failure, at: noon, random: random)
            return (rest?.until.duration(since: noon).milliseconds ?? -1) / 1000
        }
    }

    @Test func restsGrowAndEnd() {
        #expect(Self.rests(Self.silent, 9) == [5, 10, 20, 40, 80, 160, 300, 300, 300])
        #expect(Self.rests(Self.refused, 5) == [600, 1200, 2400, 3600, 3600])
        #expect(Self.rests(Self.silent, 1, random: 1) == [7])
        #expect(Self.rests(Self.silent, 100_000).last == 300)
    }

    @Test func theProvidersWishCountsWithinReason() {
        #expect(Self.rests(RenewalFailure(.unreachable, "", retryAfter: .seconds(90)), 1) == [90])
        #expect(Self.rests(RenewalFailure(.unreachable, "", retryAfter: .seconds(1)), 1) == [5])
        #expect(Self.rests(RenewalFailure(.unreachable, "", retryAfter: .seconds(999_999)), 1) == [3600])
    }

    @Test(arguments: RenewalFailure.Code.allCases) func onlyAnsweredAttemptsMakeATokenRest(code: RenewalFailure.Code) {
        var rests = RenewalRests()
        let rest = rests.failed(1, RenewalFailure(code, ""), at: noon, random: 0)
        #expect((rest != nil) == code.countsAsAttempt)
        #expect(rests.rest(of: 1, at: noon) == rest)
    }

    @Test func aRestIsOneTokensAndEndsByTimeOrSuccess() {
        var rests = RenewalRests()
        _ = rests.failed(1, Self.silent, at: noon, random: 0)
        #expect(rests.rest(of: 1, at: .noon(plus: .milliseconds(4999)))?.failure == Self.silent)
        #expect(rests.rest(of: 1, at: .noon(plus: .seconds(5))) == nil)
        #expect(rests.rest(of: 2, at: noon) == nil)
        // A rest that is over still counts for the next one.
        #expect(rests.failed(1, Self.silent, at: .noon(plus: .hours(1)), random: 0)?.failures == 2)
        rests.succeeded(1)
        #expect(rests.rest(of: 1, at: noon) == nil)
        #expect(rests.failed(1, Self.silent, at: noon, random: 0)?.failures == 1)
    }

    @Test func aClockThatWasSetBackDoesNotMakeItRestForEver() {
        var rests = RenewalRests()
        _ = rests.failed(1, Self.silent, at: .noon(plus: .hours(24 * 365)), random: 0)
        #expect(rests.rest(of: 1, at: noon) == nil)
    }

    @Test func whatIsRememberedIsBounded() {
        var rests = RenewalRests()
        for token in 0..<5000 {
            let at = Timestamp.noon(plus: .milliseconds(Int64(token)))
            _ = rests.failed(FactVersion(rawValue: UInt64(token)), Self.silent, at: at, random: 0)
        }
        #expect(rests.rest(of: 0, at: noon) == nil)
        #expect(rests.rest(of: 4999, at: noon) != nil)
    }

    @Test func whatAnotherProcessFoundOutCounts() {
        var rests = RenewalRests()
        rests.adopt(RenewalRest(failure: Self.refused, failures: 3, until: .noon(plus: .minutes(1))), of: 1)
        #expect(rests.rest(of: 1, at: noon)?.failure == Self.refused)
        #expect(rests.failed(1, Self.silent, at: .noon(plus: .minutes(1)), random: 0)?.failures == 4)
    }
}
