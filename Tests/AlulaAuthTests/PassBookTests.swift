import AlulaPrimitives
import Testing

@testable import AlulaAuth

/// When a pass serves, when the next one is asked for, and when nobody is.
struct PassBookTests {
    private static let noon = Timestamp(milliseconds: 1_780_000_000_000)
    private static let token = FactVersion(rawValue: 1)

    private static func at(_ seconds: Int64) -> Timestamp { noon.advanced(by: .seconds(seconds)) }

    private static func pass(_ name: String = "fake-1", lasts seconds: Int64 = 1800, refreshIn: Int64? = nil) -> Pass {
        Pass(token: Secret(name), end: at(seconds), refreshIn: refreshIn.map { .seconds($0) })
    }

    private static func book(_ pass: Pass) -> PassBook {
        var book = PassBook()
        book.given(pass, for: token, at: noon)
        return book
    }

    /// What is done at a moment, in a word.
    private static func step(_ book: inout PassBook, _ seconds: Int64, rejected: String? = nil) -> String {
        switch book.step(for: token, rejected: rejected.map { Secret($0) }, at: at(seconds)) {
        case .use(let pass): pass.token.exposed
        case .exchange(let spare): "exchange" + (spare.map { " " + $0.token.exposed } ?? "")
        case .rest(let failure): "rest \(failure.reason.rawValue)"
        }
    }

    @Test(
        arguments: [
            (0, "fake-1"), (1499, "fake-1"), (1500, "exchange fake-1"), (1779, "exchange fake-1"), (1780, "exchange"),
            (9999, "exchange"), (-1, "fake-1"), (-90_000, "fake-1"),
        ] as [(Int64, String)])
    func aPassIsExchangedAheadOfItsEnd(seconds: Int64, expected: String) {
        var book = Self.book(Self.pass())
        #expect(Self.step(&book, seconds) == expected)
    }

    /// The provider's clock may be another; then its number of seconds is what can be gone by.
    @Test(
        arguments: [
            (0, "fake-1"), (1499, "fake-1"), (1500, "exchange fake-1"), (1779, "exchange fake-1"), (1780, "exchange"),
            (-1, "exchange"),
        ] as [(Int64, String)])
    func howLongItLastsCountsMoreThanWhenItEnds(seconds: Int64, expected: String) {
        for ends in [-100_000, 1800, 100_000] as [Int64] {
            var book = Self.book(Self.pass(lasts: ends, refreshIn: 1500))
            #expect(Self.step(&book, seconds) == expected)
        }
    }

    /// A clock that is ahead must not make every call ask.
    @Test(arguments: [-5000, 0, 100, 299] as [Int64])
    func aPassThatSeemsToHaveEndedServesForAMinute(ends: Int64) {
        var book = Self.book(Self.pass(lasts: ends))
        #expect(Self.step(&book, 0) == "fake-1")
        #expect(Self.step(&book, 59) == "fake-1")
        #expect(Self.step(&book, 60).hasPrefix("exchange"))
    }

    @Test func aRefusedPassIsExchangedOnceMore() {
        var book = Self.book(Self.pass())
        #expect(Self.step(&book, 1, rejected: "fake-1") == "exchange")
        // Whoever comes meanwhile waits for the same one.
        #expect(Self.step(&book, 1, rejected: "fake-1") == "exchange")
        book.given(Self.pass("fake-2"), for: Self.token, at: Self.at(2))
        #expect(Self.step(&book, 2, rejected: "fake-1") == "fake-2")
        // What stands in for it is refused too: that is no question of passes.
        #expect(Self.step(&book, 3, rejected: "fake-2") == "rest auth")
        #expect(Self.step(&book, 3) == "fake-2")
        #expect(Self.step(&book, 61, rejected: "fake-2") == "exchange")
        #expect(Self.step(&book, 61) == "exchange")
    }

    @Test func aTokenThatOpensNothingRests() {
        var book = PassBook()
        #expect(Self.step(&book, 0) == "exchange")
        book.failed(PassFailure(.billing, "No."), for: Self.token, at: Self.at(0), random: 0)
        #expect(Self.step(&book, 599) == "rest billing")
        #expect(Self.step(&book, 600) == "exchange")
        // A clock that was set back ends it too.
        #expect(Self.step(&book, -1) == "exchange")
        book.failed(PassFailure(.billing, "No."), for: Self.token, at: Self.at(600), random: 0)
        #expect(Self.step(&book, 600 + 1199) == "rest billing")
        #expect(Self.step(&book, 600 + 1200) == "exchange")
        // Others don't rest.
        let step = book.step(for: FactVersion(rawValue: 2), rejected: nil, at: Self.at(601))
        if case .exchange = step {} else { Issue.record("It rests.") }
    }

    @Test(arguments: [
        (FailureReason.timeout, 5 as Int64), (.rateLimit, 5), (.overloaded, 5), (.unclassified, 5), (.auth, 600),
        (.authPermanent, 600), (.billing, 600),
    ])
    func whatAPersonHasToMendRestsLonger(reason: FailureReason, seconds: Int64) {
        var book = PassBook()
        book.failed(PassFailure(reason, "No."), for: Self.token, at: Self.at(0), random: 0)
        #expect(Self.step(&book, seconds - 1) == "rest \(reason.rawValue)")
        #expect(Self.step(&book, seconds) == "exchange")
    }

    @Test func theProvidersWishForARestIsKept() {
        var book = PassBook()
        let failure = PassFailure(.rateLimit, "Later.", retryAfter: .seconds(90))
        book.failed(failure, for: Self.token, at: Self.at(0), random: 0.5)
        #expect(Self.step(&book, 89) == "rest rate_limit")
        #expect(Self.step(&book, 90) == "exchange")
    }

    @Test func whileThereIsNoNewOneTheOldOneServes() {
        var book = Self.book(Self.pass())
        book.failed(PassFailure(.timeout, "Late."), for: Self.token, at: Self.at(1600), random: 0)
        #expect(Self.step(&book, 1601) == "fake-1")
        #expect(Self.step(&book, 1605) == "exchange fake-1")
        book.failed(PassFailure(.auth, "No."), for: Self.token, at: Self.at(1605), random: 0)
        #expect(Self.step(&book, 1779) == "fake-1")
        #expect(Self.step(&book, 1780) == "rest auth")
        book.given(Self.pass("fake-2", lasts: 9000), for: Self.token, at: Self.at(1800))
        #expect(Self.step(&book, 1801) == "fake-2")
    }

    @Test func noMoreIsRememberedThanThereIsRoomFor() {
        var book = PassBook()
        for number in 0..<1100 {
            let token = FactVersion(rawValue: UInt64(number))
            book.given(Self.pass(), for: token, at: Self.at(Int64(number)))
            book.failed(
                PassFailure(.auth, "No."), for: FactVersion(rawValue: UInt64(number + 10_000)),
                at: Self.at(Int64(number)), random: 0)
        }
        if case .use = book.step(for: FactVersion(rawValue: 0), rejected: nil, at: Self.at(1)) {
            Issue.record("The oldest is still known.")
        }
        if case .use = book.step(for: FactVersion(rawValue: 1099), rejected: nil, at: Self.at(1100)) {
        } else {
            Issue.record("The newest is forgotten.")
        }
        if case .rest = book.step(for: FactVersion(rawValue: 10_000), rejected: nil, at: Self.at(1)) {
            Issue.record("The oldest still rests.")
        }
    }
}
