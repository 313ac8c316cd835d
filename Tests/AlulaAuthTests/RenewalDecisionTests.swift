import AlulaPrimitives
import Testing

@testable import AlulaAuth

/// Which copy of a login is used, and when it has to be renewed.
struct RenewalDecisionTests {
    private typealias Step = RenewalStep

    private static func login(
        left: Duration?, account: String? = "a", digest: FactVersion = 3, refresh: FactVersion? = 4
    ) -> ProfileFact {
        .login("chutes", left: left, account: account, digest: digest, refresh: refresh)
    }

    private static func step(
        own: ProfileFact? = nil, main: ProfileFact? = nil, rejected: FactVersion? = nil
    ) -> RenewalStep {
        RenewalDecision.step(LoginCopies(own: own, main: main), rejected: rejected, at: noon)
    }

    @Test(arguments: [
        (Duration.hours(1), RenewalStep.use(.main)), (.minutes(5) + .milliseconds(1), .use(.main)),
        (.minutes(5), .renew(.main)), (.minutes(1), .renew(.main)), (.hours(-1), .renew(.main)),
    ])
    func aLoginIsRenewedFiveMinutesBeforeItsEnd(left: Duration, expected: RenewalStep) {
        #expect(Self.step(main: Self.login(left: left)) == expected)
    }

    @Test func anEndThatIsNoneMeansRenewal() {
        #expect(Self.step(main: Self.login(left: nil)) == .renew(.main))
        var unstated = Self.login(left: nil)
        unstated.expiry = .unstated
        #expect(Self.step(main: unstated) == .use(.main))
        unstated.inlineDigest = nil
        #expect(Self.step(main: unstated) == .renew(.main))
    }

    @Test func whatAProviderRefusedIsRenewedWhateverItsEnd() {
        let login = Self.login(left: .hours(1), digest: 7)
        #expect(Self.step(main: login, rejected: 7) == .renew(.main))
        #expect(Self.step(main: login, rejected: 8) == .use(.main))
        // Another copy was renewed meanwhile.
        #expect(Self.step(own: login, main: Self.login(left: .hours(2), digest: 9), rejected: 7) == .use(.main))
    }

    @Test func nothingToRenewWithSaysSo() {
        #expect(Self.step() == .fail(.noRefreshToken))
        #expect(Self.step(main: .key("chutes")) == .fail(.noRefreshToken))
        #expect(Self.step(own: .key("chutes"), main: Self.login(left: .hours(1))) == .fail(.noRefreshToken))
        #expect(Self.step(main: Self.login(left: .hours(-1), refresh: nil)) == .fail(.noRefreshToken))
        var pointed = Self.login(left: .hours(-1))
        pointed.hasForbiddenReference = true
        #expect(Self.step(main: pointed) == .fail(.notOurs))
    }

    /// The main store's copy counts where it is the same login in the same or a later state, and nowhere else.
    @Test func ownAndMainCopiesAreTold() {
        let ended = Self.login(left: .hours(-1))
        let later = Self.login(left: .hours(1), digest: 5, refresh: 6)
        let cases: [(String, ProfileFact?, ProfileFact?, RenewalStep)] = [
            ("only the agent's", ended, nil, .renew(.own)),
            ("only the main store's", nil, ended, .renew(.main)),
            ("the same tokens", ended, ended, .renew(.main)),
            ("main is later and good", ended, later, .use(.main)),
            ("the agent's is later and good", later, ended, .use(.own)),
            ("both have ended, main later", Self.login(left: .hours(-2), refresh: 8), ended, .renew(.main)),
            ("both have ended, the agent's later", ended, Self.login(left: .hours(-2), refresh: 8), .renew(.own)),
            (
                "main's belongs to somebody else", ended,
                Self.login(left: .hours(1), account: "b", digest: 5, refresh: 6), .renew(.own)
            ),
            (
                "main's does not say whose it is", ended,
                Self.login(left: .hours(1), account: nil, digest: 5, refresh: 6), .renew(.own)
            ),
            (
                "the agent's does not say whose it is", Self.login(left: .hours(-1), account: nil), later,
                .use(.main)
            ),
        ]
        for (name, own, main, expected) in cases { #expect(Self.step(own: own, main: main) == expected, "\(name)") }
    }

    @Test func aGoodMainCopyServesWhereTheOwnHasNothingToRenewWith() {
        let dead = Self.login(left: .hours(-1), refresh: nil)
        #expect(Self.step(own: dead, main: Self.login(left: .hours(1), digest: 5, refresh: 6)) == .use(.main))
    }

    @Test func aTokenThatHasNotEndedIsTheLastResort() {
        func copy(_ left: Duration, rejected: FactVersion? = nil) -> RenewalStep.Copy? {
            RenewalDecision.lastResort(
                LoginCopies(own: nil, main: Self.login(left: left, digest: 7)), rejected: rejected,
                margin: .seconds(20), at: noon)
        }
        #expect(copy(.minutes(4)) == .main)
        #expect(copy(.seconds(20)) == nil)
        #expect(copy(.hours(-1)) == nil)
        #expect(copy(.minutes(4), rejected: 7) == nil)
        let both = LoginCopies(own: Self.login(left: .minutes(-1)), main: Self.login(left: .minutes(3)))
        #expect(RenewalDecision.lastResort(both, margin: .seconds(20), at: noon) == .main)
    }

    @Test func anotherAccountsTokensAreNotTaken() {
        typealias Owner = ProfileFact.Identity
        let cases: [(Owner, Owner, Bool)] = [
            (Owner(accountID: "a"), Owner(accountID: "a"), true), (Owner(accountID: "a"), Owner(accountID: "b"), false),
            (Owner(accountID: "a"), Owner(), true), (Owner(), Owner(accountID: "b"), true),
            (Owner(email: "x"), Owner(accountID: "b", email: "y"), false),
            (Owner(accountID: "a", email: "x"), Owner(email: "x"), true),
        ]
        for (existing, granted, expected) in cases {
            #expect(RenewalDecision.accepts(granted, for: existing) == expected)
        }
    }

    @Test func onlyCopiesOfTheSameTokenAreUsedUp() {
        func isUsedUp(_ fact: ProfileFact, owner: ProfileFact.Identity = .init(accountID: "a")) -> Bool {
            RenewalDecision.isUsedUp(fact, token: 4, provider: "chutes", owner: owner)
        }
        #expect(isUsedUp(Self.login(left: .hours(-1))))
        #expect(isUsedUp(Self.login(left: .hours(-1), account: nil)))
        #expect(!isUsedUp(Self.login(left: .hours(-1), refresh: 5)))
        #expect(!isUsedUp(Self.login(left: .hours(-1), account: "b")))
        #expect(!isUsedUp(.login("openai", left: .hours(-1), refresh: 4)))
        #expect(!isUsedUp(.key("chutes")))
    }
}
