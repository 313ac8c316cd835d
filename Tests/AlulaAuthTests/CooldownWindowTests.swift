import AlulaModels
import AlulaPrimitives
import Testing

@testable import AlulaAuth

struct CooldownWindowTests {
    private func window(_ usage: ProfileUsage, model: ModelID? = nil, provider: ProviderID = "openai") -> UsageWindow? {
        usage.window(at: noon, provider: provider, model: model)
    }

    // upstream: 10.10 usage: in cooldown: none, cooldown, blocked, passed, out of range, disabled
    @Test(arguments: [
        (ProfileUsage(), nil),
        (ProfileUsage(lastUsed: noon, errorCount: 3), nil),
        (ProfileUsage(cooldownUntil: .noon(plus: .seconds(1))), UsageWindow.Kind.cooldown),
        (ProfileUsage(blockedUntil: .noon(plus: .seconds(1))), .blocked),
        (ProfileUsage(disabledUntil: .noon(plus: .seconds(1))), .disabled),
        (ProfileUsage(cooldownUntil: .noon(plus: .seconds(-1))), nil),
        (ProfileUsage(cooldownUntil: noon), nil),
        (ProfileUsage(cooldownUntil: Timestamp(milliseconds: .max)), nil),
        (ProfileUsage(blockedUntil: Timestamp(milliseconds: Timestamp.maximum.milliseconds + 1)), nil),
        (ProfileUsage(disabledUntil: Timestamp(milliseconds: 0)), nil),
        (ProfileUsage(disabledUntil: Timestamp(milliseconds: -5)), nil),
    ])
    func findsTheWindowThatHolds(usage: ProfileUsage, kind: UsageWindow.Kind?) {
        #expect(window(usage)?.kind == kind)
        #expect(usage.isUnusable(at: noon, provider: "openai") == (kind != nil))
    }

    // upstream: 10.10 usage: latest window
    @Test func givesTheWindowThatEndsLast() {
        let usage = ProfileUsage(
            cooldownUntil: .noon(plus: .minutes(1)), disabledUntil: .noon(plus: .hours(2)), disabledReason: .billing,
            blockedUntil: .noon(plus: .hours(1)))
        #expect(window(usage) == UsageWindow(kind: .disabled, reason: .billing, until: .noon(plus: .hours(2))))
        #expect(usage.unusableUntil() == .noon(plus: .hours(2)))
    }

    // upstream: 10.10 usage: two exempt providers; display hides OpenRouter
    @Test(arguments: ["openrouter", "kilocode"]) func neverRestsARouter(provider: String) {
        let usage = ProfileUsage(
            cooldownUntil: .noon(plus: .hours(1)), disabledUntil: .noon(plus: .hours(1)),
            blockedUntil: .noon(plus: .hours(1)))
        #expect(window(usage, provider: ProviderID(provider)) == nil)
    }

    // upstream: 10.10 usage: model scoping for rate limit and timeout, not bypassed by disable or block
    @Test(arguments: [
        (FailureReason.rateLimit, "a", true), (.rateLimit, "b", false), (.timeout, "a", true), (.timeout, "b", false),
        (.overloaded, "b", true), (.unknown, "b", true),
    ])
    func coversOneModelAfterRateLimitsAndTimeouts(reason: FailureReason, model: String, isUnusable: Bool) {
        var usage = ProfileUsage(cooldownUntil: .noon(plus: .minutes(1)), cooldownReason: reason, cooldownModel: "a")
        #expect(usage.isUnusable(at: noon, provider: "openai", model: ModelID(model)) == isUnusable)
        usage.disabledUntil = .noon(plus: .seconds(2))
        #expect(window(usage, model: "b") != nil)
        usage.disabledUntil = nil
        usage.blockedUntil = .noon(plus: .seconds(2))
        usage.blockedModel = "a"
        #expect(window(usage, model: "b") != nil)
    }

    @Test func asksAboutTheWholeProfileWithoutAModel() {
        var usage = ProfileUsage(
            cooldownUntil: .noon(plus: .minutes(5)), cooldownReason: .rateLimit, cooldownModel: "a")
        #expect(window(usage)?.model == "a")
        // A window over all models must not hide behind a longer one over a single model.
        usage.disabledUntil = .noon(plus: .minutes(1))
        usage.disabledReason = .billing
        #expect(window(usage)?.model == nil)
        #expect(window(usage)?.kind == .disabled)
    }

    // reported: a clock that was wrong when a failure was recorded
    @Test func ignoresWindowsOfAClockThatWasSetBack() {
        let usage = ProfileUsage(
            cooldownUntil: .noon(plus: .hours(9001)), failureCounts: [.rateLimit: 1],
            lastFailureAt: .noon(plus: .hours(9000)))
        #expect(window(usage) == nil)
        let slightlyAhead = ProfileUsage(
            cooldownUntil: .noon(plus: .minutes(3)), lastFailureAt: .noon(plus: .minutes(2)))
        #expect(window(slightlyAhead) != nil)
    }

    @Test(arguments: [
        (UsageWindow.Kind.cooldown, FailureReason.auth, UnavailableReason.coolingDown),
        (.blocked, .rateLimit, .usageLimit), (.disabled, .billing, .billingDisabled),
        (.disabled, .authPermanent, .credentialRejected),
    ])
    func saysWhyTheProviderCantAnswer(kind: UsageWindow.Kind, reason: FailureReason, answer: UnavailableReason) {
        #expect(UsageWindow(kind: kind, reason: reason, until: noon).unavailableReason == answer)
    }
}

struct CooldownRecoveryTests {
    private let soon = ProfileUsage(cooldownUntil: .noon(plus: .minutes(1)))
    private let later = ProfileUsage(disabledUntil: .noon(plus: .hours(1)))

    // upstream: 10.10 getsoonestcooldownexpiry: none -> null; earliest; ignore unknown/invalid; past allowed
    @Test func findsTheSoonestEnd() {
        #expect(ProfileUsage.earliestRecovery(of: []) == nil)
        #expect(ProfileUsage.earliestRecovery(of: [ProfileUsage()]) == nil)
        #expect(ProfileUsage.earliestRecovery(of: [later, soon, ProfileUsage()]) == soon.cooldownUntil)
        let invalid = ProfileUsage(cooldownUntil: Timestamp(milliseconds: 0))
        #expect(ProfileUsage.earliestRecovery(of: [invalid, later]) == later.disabledUntil)
        let past = ProfileUsage(cooldownUntil: .noon(plus: .hours(-1)))
        #expect(ProfileUsage.earliestRecovery(of: [past, soon]) == past.cooldownUntil)
    }

    // upstream: 10.10 getsoonestcooldownexpiry: ignore other model's rate limit; earliest matching timeout; disables
    // and blocks count for all models
    @Test func leavesOtherModelsCooldownsOut() {
        let other = ProfileUsage(
            cooldownUntil: .noon(plus: .seconds(1)), cooldownReason: .rateLimit, cooldownModel: "b")
        let matching = ProfileUsage(
            cooldownUntil: .noon(plus: .seconds(30)), cooldownReason: .timeout, cooldownModel: "a")
        let blocked = ProfileUsage(blockedUntil: .noon(plus: .seconds(20)), blockedModel: "b")
        #expect(ProfileUsage.earliestRecovery(of: [other, matching], model: "a") == matching.cooldownUntil)
        #expect(ProfileUsage.earliestRecovery(of: [other], model: "a") == nil)
        #expect(ProfileUsage.earliestRecovery(of: [other, later], model: "a") == later.disabledUntil)
        #expect(ProfileUsage.earliestRecovery(of: [matching, blocked], model: "a") == blocked.blockedUntil)
    }

    // upstream: 10.10 usage: unavailable-reason scoring and ties
    @Test(arguments: [
        ([], nil),
        ([ProfileUsage(failureCounts: [.auth: 9])], nil),
        ([ProfileUsage(cooldownUntil: .noon(plus: .hours(-1)), failureCounts: [.auth: 9])], nil),
        ([ProfileUsage(cooldownUntil: .noon(plus: .minutes(1)))], FailureReason.unknown),
        ([ProfileUsage(cooldownUntil: .noon(plus: .minutes(1)), cooldownReason: .overloaded)], .overloaded),
        (
            [ProfileUsage(cooldownUntil: .noon(plus: .minutes(1)), failureCounts: [.timeout: 2, .rateLimit: 3])],
            .rateLimit
        ),
        (
            [ProfileUsage(cooldownUntil: .noon(plus: .minutes(1)), failureCounts: [.timeout: 3, .rateLimit: 3])],
            .timeout
        ),
        (
            [
                ProfileUsage(cooldownUntil: .noon(plus: .minutes(1)), failureCounts: [.timeout: 900]),
                ProfileUsage(disabledUntil: .noon(plus: .hours(1)), disabledReason: .billing),
            ], .billing
        ),
        (
            [
                ProfileUsage(disabledUntil: .noon(plus: .hours(1)), disabledReason: .billing),
                ProfileUsage(disabledUntil: .noon(plus: .hours(1)), disabledReason: .authPermanent),
            ], .authPermanent
        ),
        ([ProfileUsage(blockedUntil: .noon(plus: .hours(1)), failureCounts: [.auth: 9])], .rateLimit),
        (
            [
                ProfileUsage(
                    cooldownUntil: .noon(plus: .minutes(1)), failureCounts: [.auth: .max, .unknown: 0, .format: -4]),
                ProfileUsage(cooldownUntil: .noon(plus: .minutes(1)), failureCounts: [.auth: .max]),
            ], .auth
        ),
    ])
    func namesTheWeightiestReason(usages: [ProfileUsage], reason: FailureReason?) {
        #expect(ProfileUsage.unavailableReason(over: usages, at: noon) == reason)
    }

    @Test func ranksEveryReason() {
        #expect(Set(FailureReason.byPriority) == Set(FailureReason.allCases))
    }
}
