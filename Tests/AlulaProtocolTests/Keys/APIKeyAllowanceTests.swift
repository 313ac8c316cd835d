import AlulaPrimitives
import Testing

@testable import AlulaProtocol

struct APIKeyAllowanceTests {
    private static let start = ContinuousClock.now
    /// Ten seconds before a day of UTC ends.
    private static let evening = Timestamp(milliseconds: 20_000 * 86_400_000 - 10_000)

    @Test func soManyRequestsInAnyMinute() {
        var allowance = APIKeyAllowance()
        let limits = APIKeyLimits(requestsPerMinute: 3)
        func ask(_ second: Int) -> APIKeyAllowance.Refusal? {
            allowance.admit(limits, at: Self.start + .seconds(second), on: Self.evening)
        }
        let early = [ask(0), ask(10), ask(20), ask(30), ask(59)]
        #expect(
            early == [
                nil, nil, nil, .requests(limit: 3, after: .seconds(30)), .requests(limit: 3, after: .seconds(1)),
            ])
        // What was refused does not count.
        let late = [ask(60), ask(61), ask(70), ask(80), ask(81)]
        #expect(
            late == [nil, .requests(limit: 3, after: .seconds(9)), nil, nil, .requests(limit: 3, after: .seconds(39))])
    }

    @Test func whatIsRememberedStaysSmall() {
        var allowance = APIKeyAllowance()
        let limits = APIKeyLimits(requestsPerMinute: 2)
        for second in 0..<10_000 {
            let refusal = allowance.admit(limits, at: Self.start + .seconds(second * 30), on: Self.evening)
            #expect(refusal == nil)
        }
    }

    @Test func aSmallerLimitCountsAtOnce() {
        var allowance = APIKeyAllowance()
        for second in 0..<10 {
            _ = allowance.admit(
                APIKeyLimits(requestsPerMinute: 100), at: Self.start + .seconds(second), on: Self.evening)
        }
        let refusal = allowance.admit(
            APIKeyLimits(requestsPerMinute: 4), at: Self.start + .seconds(10), on: Self.evening)
        // Until only three of them are younger than a minute.
        #expect(refusal == .requests(limit: 4, after: .seconds(56)))
    }

    @Test func soManyTokensInADay() {
        var allowance = APIKeyAllowance()
        let limits = APIKeyLimits(tokensPerDay: 100)
        allowance.spend(99, at: Self.evening)
        let before = allowance.admit(limits, at: Self.start, on: Self.evening)
        #expect(before == nil)
        allowance.spend(1, at: Self.evening)
        let after = allowance.admit(limits, at: Self.start, on: Self.evening.advanced(by: .seconds(4)))
        #expect(after == .tokens(limit: 100, after: .seconds(6)))
        let nextDay = allowance.admit(limits, at: Self.start, on: Self.evening.advanced(by: .seconds(10)))
        #expect(nextDay == nil)
        #expect(allowance.spent(on: Self.evening.advanced(by: .seconds(10))) == 0)
    }

    @Test func moreTokensThanANumberHoldsAreStillTooMany() {
        var allowance = APIKeyAllowance()
        allowance.spend(.max, at: Self.evening)
        allowance.spend(.max, at: Self.evening)
        allowance.spend(-5, at: Self.evening)
        #expect(allowance.spent(on: Self.evening) == .max)
    }

    @Test func withoutLimitsNobodyWaits() {
        var allowance = APIKeyAllowance()
        allowance.spend(.max, at: Self.evening)
        for _ in 0..<1_000 {
            let refusal = allowance.admit(APIKeyLimits(), at: Self.start, on: Self.evening)
            #expect(refusal == nil)
        }
    }
}
