import AlulaPrimitives
import Testing

@testable import AlulaAuth

/// When it is asked again whether a code was typed.
struct DevicePollingTests {
    private static func polling(_ interval: Duration = .seconds(5)) -> DevicePolling {
        DevicePolling(interval: interval, lifetime: .seconds(900))
    }

    private static func unreachable(retryAfter: Duration? = nil) -> RenewalFailure {
        RenewalFailure(.unreachable, "the provider did not answer", retryAfter: retryAfter)
    }

    @Test(arguments: [
        (Duration.seconds(5), Duration.seconds(5)), (.zero, .seconds(1)), (.milliseconds(10), .seconds(1)),
        (.seconds(3600), .seconds(60)), (.seconds(-5), .seconds(1)),
    ])
    func keepsToWhatTheProviderWants(interval: Duration, expected: Duration) {
        var polling = Self.polling(interval)
        for elapsed in [0, 10, 20] { #expect(polling.next(elapsed: .seconds(elapsed)) == .ask(after: expected)) }
    }

    @Test func comesLessOftenToWhoHasTrouble() {
        var polling = Self.polling()
        #expect(polling.next(after: Self.unreachable(), elapsed: .zero) == .ask(after: .seconds(10)))
        #expect(polling.next(after: Self.unreachable(), elapsed: .zero) == .ask(after: .seconds(15)))
        // And stays so, as the standard has it.
        #expect(polling.next(elapsed: .zero) == .ask(after: .seconds(15)))
        for _ in 0..<20 { _ = polling.next(after: Self.unreachable(), elapsed: .zero) }
        #expect(polling.next(elapsed: .zero) == .ask(after: .seconds(60)))
    }

    @Test(arguments: [
        (Duration.seconds(1), Duration.seconds(10)), (.seconds(30), .seconds(30)), (.hours(9), .seconds(60)),
    ])
    func heedsAWishWithinReason(wish: Duration, expected: Duration) {
        var polling = Self.polling()
        #expect(polling.next(after: Self.unreachable(retryAfter: wish), elapsed: .zero) == .ask(after: expected))
    }

    @Test func stopsWhenTheCodeIsNotGoodAnyMore() {
        var polling = Self.polling()
        #expect(polling.next(elapsed: .seconds(894)) == .ask(after: .seconds(5)))
        #expect(polling.next(elapsed: .seconds(895)) == .tooLate)
        #expect(polling.next(after: Self.unreachable(), elapsed: .seconds(894)) == .tooLate)
    }

    @Test(arguments: RenewalFailure.Code.allCases.filter { $0 != .unreachable })
    func givesUpWhereAskingDoesNotHelp(code: RenewalFailure.Code) {
        var polling = Self.polling()
        let failure = RenewalFailure(code, "no")
        #expect(polling.next(after: failure, elapsed: .zero) == .giveUp(failure))
    }
}
