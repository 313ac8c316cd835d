import AlulaModels
import AlulaPrimitives
import Testing

@testable import AlulaAuth

struct CooldownRecordingTests {
    private func failed(
        _ reason: FailureReason, times: Int = 1, from usage: ProfileUsage = ProfileUsage(),
        policy: CooldownPolicy = .standard
    ) -> ProfileUsage {
        var usage = usage
        for _ in 0..<times {
            usage.recordFailure(reason, model: nil, provider: "openai", at: noon, policy: policy)
        }
        return usage
    }

    // upstream: 10.10 markauthprofilefailure: step table with 5 min cap
    @Test(arguments: [(1, 30), (2, 60), (3, 300), (4, 300), (400, 300), (0, 30), (-3, 30)])
    func restsLongerAfterEachFailure(failures: Int, seconds: Int) {
        #expect(CooldownPolicy.cooldown(afterFailures: failures) == .seconds(seconds))
    }

    // upstream: 10.10 markauthprofilefailure: billing about 5 h; auth_permanent about 10 min; overloaded in cooldown lane
    @Test(arguments: [
        (FailureReason.billing, 1, 5 * 3600), (.billing, 2, 10 * 3600), (.billing, 3, 20 * 3600),
        (.billing, 4, 24 * 3600), (.billing, 99, 24 * 3600), (.authPermanent, 1, 600), (.authPermanent, 2, 1200),
        (.authPermanent, 4, 3600),
    ])
    func disablesWhatAPersonHasToMend(reason: FailureReason, count: Int, seconds: Int) {
        let earlier = ProfileUsage(
            errorCount: count - 1, failureCounts: [reason: count - 1], lastFailureAt: .noon(plus: .seconds(-5)))
        let usage = failed(reason, from: count == 1 ? ProfileUsage() : earlier)
        #expect(usage.disabledUntil == .noon(plus: .seconds(seconds)))
        #expect(usage.disabledReason == reason)
        #expect(usage.cooldownUntil == nil)
        #expect(usage.failureCounts[reason] == count)
        #expect(usage.lastFailureAt == noon)
    }

    @Test(arguments: FailureReason.allCases.filter { !$0.isDisabling })
    func coolsDownAfterAnyOtherFailure(reason: FailureReason) {
        let usage = failed(reason)
        #expect(usage.cooldownUntil == .noon(plus: .seconds(30)))
        #expect(usage.cooldownReason == reason)
        #expect(usage.disabledUntil == nil)
    }

    // upstream: 10.10 markauthprofilefailure: per-provider billing override; auth_permanent override; usage: fractional
    // hours
    @Test(arguments: [
        (CooldownPolicy(billingBackoffByProvider: ["openai": .seconds(5400)]), FailureReason.billing, 5400),
        (CooldownPolicy(billingBackoffByProvider: ["anthropic": .seconds(5400)]), .billing, 18_000),
        (CooldownPolicy(billingBackoff: .seconds(1)), .billing, 60),
        (CooldownPolicy(billingBackoff: .seconds(7200), billingMaximum: .seconds(60)), .billing, 7200),
        (CooldownPolicy(authPermanentBackoff: .seconds(90)), .authPermanent, 90),
        (
            CooldownPolicy(billingBackoff: .seconds(Int64.max), billingMaximum: .seconds(Int64.max)), .billing,
            31_622_400
        ),
    ])
    func followsThePolicy(policy: CooldownPolicy, reason: FailureReason, seconds: Int) {
        #expect(failed(reason, policy: policy).disabledUntil == .noon(plus: .seconds(seconds)))
    }

    // upstream: 10.10 usage: active windows never extended
    @Test func neverExtendsAWindowThatHolds() {
        var usage = failed(.billing)
        usage.recordFailure(.billing, model: nil, provider: "openai", at: .noon(plus: .hours(1)))
        #expect(usage.disabledUntil == .noon(plus: .hours(5)))
        var cooling = failed(.rateLimit)
        cooling.recordFailure(.overloaded, model: nil, provider: "openai", at: .noon(plus: .seconds(20)))
        #expect(cooling.cooldownUntil == .noon(plus: .seconds(30)))
        #expect(cooling.cooldownReason == .overloaded)
        #expect(cooling.errorCount == 2)
    }

    // reported: B67, a second refusal with a longer wait did not count
    @Test func honoursALongerWaitThatTheProviderAsksFor() {
        var usage = ProfileUsage()
        usage.recordFailure(.rateLimit, model: "a", provider: "openai", at: noon, retryAfter: .minutes(2))
        #expect(usage.cooldownUntil == .noon(plus: .minutes(2)))
        usage.recordFailure(.rateLimit, model: "a", provider: "openai", at: noon, retryAfter: .minutes(1))
        #expect(usage.cooldownUntil == .noon(plus: .minutes(2)))
        usage.recordFailure(.rateLimit, model: "a", provider: "openai", at: noon, retryAfter: .minutes(4))
        #expect(usage.cooldownUntil == .noon(plus: .minutes(4)))
        usage.recordFailure(.rateLimit, model: "a", provider: "openai", at: noon, retryAfter: .hours(900))
        #expect(usage.cooldownUntil == .noon(plus: .hours(24)))
    }

    // upstream: 10.10 usage: recomputed after expiry; markauthprofilefailure: reset after expired cooldown
    @Test func startsAnewAfterAWindowHasEnded() {
        var usage = failed(.rateLimit, times: 3)
        usage.recordFailure(.rateLimit, model: nil, provider: "openai", at: .noon(plus: .seconds(31)))
        #expect(usage.errorCount == 1)
        #expect(usage.cooldownUntil == .noon(plus: .seconds(61)))
    }

    // upstream: 10.10 markauthprofilefailure: counters reset outside window
    @Test(arguments: [(Duration.hours(24), 8), (.hours(24) + .milliseconds(1), 1)])
    func forgetsFailuresOutsideTheWindow(age: Duration, count: Int) {
        let earlier = ProfileUsage(
            errorCount: 7, failureCounts: [.rateLimit: 7, .auth: 2], lastFailureAt: .noon(plus: .zero - age))
        let usage = failed(.rateLimit, from: earlier)
        #expect(usage.errorCount == count)
        #expect(usage.failureCounts == (count == 1 ? [.rateLimit: 1] : [.rateLimit: 8, .auth: 2]))
    }

    // upstream: 10.10 markauthprofilefailure: OpenRouter not recorded
    @Test(arguments: ["openrouter", "kilocode"]) func recordsNothingAgainstRouters(provider: String) {
        var usage = ProfileUsage()
        let isRecorded = usage.recordFailure(.billing, model: nil, provider: ProviderID(provider), at: noon)
        #expect(!isRecorded)
        #expect(usage == ProfileUsage())
    }

    // upstream: 10.10 markauthprofilefailure: timeout is model-scoped; usage: model metadata: recorded, kept for same,
    // widened by other model, widened when unknown, reason upgraded, scope cleared
    @Test(
        arguments: [
            ([(FailureReason.timeout, "a")], "a"),
            ([(.rateLimit, "a")], "a"),
            ([(.rateLimit, "a"), (.rateLimit, "a")], "a"),
            ([(.rateLimit, "a"), (.timeout, "a")], "a"),
            ([(.rateLimit, "a"), (.rateLimit, "b")], nil),
            ([(.rateLimit, "a"), (.rateLimit, nil)], nil),
            ([(.rateLimit, nil)], nil),
            ([(.overloaded, "a")], nil),
            ([(.rateLimit, "a"), (.overloaded, "a")], nil),
            ([(.overloaded, "a"), (.rateLimit, "a")], nil),
            ([(.rateLimit, "a"), (.rateLimit, "b"), (.rateLimit, "a")], nil),
        ] as [([(FailureReason, String?)], String?)])
    func scopesTheCooldownToOneModel(failures: [(FailureReason, String?)], model: String?) {
        var usage = ProfileUsage()
        for (reason, model) in failures {
            usage.recordFailure(reason, model: model.map { ModelID($0) }, provider: "openai", at: noon)
        }
        #expect(usage.cooldownModel?.rawValue == model)
        #expect(usage.cooldownReason == failures.last?.0)
    }

    // upstream: 10.10 usage: valid date range
    @Test func staysWithinTheCalendar() {
        var usage = ProfileUsage()
        usage.recordFailure(.billing, model: nil, provider: "openai", at: .maximum)
        #expect(usage.disabledUntil == .maximum)
        usage = ProfileUsage(errorCount: .max, failureCounts: [.rateLimit: .max])
        usage.recordFailure(.rateLimit, model: nil, provider: "openai", at: noon)
        #expect(usage.cooldownUntil == .noon(plus: .minutes(5)))
    }

    // reported: a failure of today must not make the windows of a wrong clock look current
    @Test func forgetsWhatAClockSinceSetBackRecorded() {
        var usage = ProfileUsage(
            disabledUntil: .noon(plus: .hours(9005)), disabledReason: .billing, errorCount: 5,
            failureCounts: [.billing: 5], lastFailureAt: .noon(plus: .hours(9000)))
        usage.recordFailure(.rateLimit, model: nil, provider: "openai", at: noon)
        #expect(usage.disabledUntil == nil)
        #expect(usage.failureCounts == [.rateLimit: 1])
        #expect(usage.unusableUntil() == .noon(plus: .seconds(30)))
    }

    // upstream: 2.7 success: reported: B62, any success clears
    @Test func clearsEverythingOnSuccess() {
        var usage = failed(.billing, from: failed(.rateLimit))
        usage.markBlocked(until: .noon(plus: .hours(1)), source: "wham", at: noon)
        usage.recordSuccess(at: .noon(plus: .seconds(9)))
        #expect(usage == ProfileUsage(lastUsed: .noon(plus: .seconds(9)), lastFailureAt: noon))
    }

    // upstream: 10.10 usage: clear keeps lastUsed and lastFailureAt; reported: B63, half-cleared state
    @Test func resetsWindowsAndCountersTogether() {
        var usage = ProfileUsage(
            lastUsed: noon, cooldownUntil: noon, cooldownReason: .timeout, cooldownModel: "a", disabledUntil: noon,
            disabledReason: .billing, blockedUntil: noon, blockedReason: "subscription_limit", blockedSource: "wham",
            blockedModel: "a", errorCount: 4, failureCounts: [.billing: 4], lastFailureAt: noon)
        usage.reset()
        #expect(usage == ProfileUsage(lastUsed: noon, lastFailureAt: noon))
    }
}

struct CooldownExpiryTests {
    // upstream: 10.10 usage: expiry clearing: empty, active, each field, equality, zero
    @Test(arguments: [
        (ProfileUsage(), ProfileUsage()),
        (
            ProfileUsage(cooldownUntil: .noon(plus: .seconds(1)), errorCount: 2),
            ProfileUsage(cooldownUntil: .noon(plus: .seconds(1)), errorCount: 2)
        ),
        (
            ProfileUsage(
                lastUsed: noon, cooldownUntil: noon, cooldownReason: .timeout, cooldownModel: "a", errorCount: 2,
                failureCounts: [.timeout: 2], lastFailureAt: .noon(plus: .hours(-1))),
            ProfileUsage(lastUsed: noon, lastFailureAt: .noon(plus: .hours(-1)))
        ),
        (ProfileUsage(disabledUntil: .noon(plus: .seconds(-1)), disabledReason: .billing), ProfileUsage()),
        (
            ProfileUsage(
                blockedUntil: .noon(plus: .seconds(-1)), blockedReason: "subscription_limit", blockedSource: "wham",
                blockedModel: "a"), ProfileUsage()
        ),
        (
            ProfileUsage(cooldownUntil: Timestamp(milliseconds: 0), errorCount: 2),
            ProfileUsage(cooldownUntil: Timestamp(milliseconds: 0), errorCount: 2)
        ),
    ])
    func dropsWhatHasEnded(before: ProfileUsage, after: ProfileUsage) {
        var usage = before
        let hasChanged = usage.clearExpired(at: noon)
        #expect(hasChanged == (before != after))
        #expect(usage == after)
    }

    // upstream: 10.10 usage: independent expiry; reset only when all expired; 10.10 cooldown-auto-expiry: resets
    // count; mixed; active stays
    @Test func keepsCountersWhileAnotherWindowHolds() {
        var usage = ProfileUsage(
            cooldownUntil: .noon(plus: .seconds(-1)), cooldownReason: .rateLimit,
            disabledUntil: .noon(plus: .hours(1)), disabledReason: .billing, errorCount: 3,
            failureCounts: [.billing: 1, .rateLimit: 2])
        usage.clearExpired(at: noon)
        #expect(usage.cooldownUntil == nil)
        #expect(usage.disabledReason == .billing)
        #expect(usage.errorCount == 3)
        usage.clearExpired(at: .noon(plus: .hours(1)))
        #expect(usage == ProfileUsage())
    }
}

struct CooldownProbeTests {
    // upstream: 10.10 usage: blocked-until keeps later, ignores bad clock, ignores out of range
    @Test func keepsTheLaterBlock() {
        var usage = ProfileUsage(cooldownUntil: .noon(plus: .seconds(30)), cooldownReason: .rateLimit)
        usage.markBlocked(until: .noon(plus: .hours(2)), source: "wham", model: "gpt-5.5", at: noon)
        #expect(usage.cooldownUntil == nil)
        #expect(usage.blockedReason == "subscription_limit")
        #expect(usage.blockedModel == "gpt-5.5")
        usage.markBlocked(until: .noon(plus: .hours(1)), source: "wham", at: noon)
        #expect(usage.blockedUntil == .noon(plus: .hours(2)))
        let isLater = usage.markBlocked(until: .noon(plus: .hours(3)), source: "codex_rate_limits", at: noon)
        #expect(isLater)
        #expect(usage.blockedSource == "codex_rate_limits")
    }

    @Test(arguments: [
        (Timestamp(milliseconds: 0), Timestamp.noon(plus: .hours(1))), (Timestamp(milliseconds: -1), noon),
        (noon, noon), (noon, .noon(plus: .seconds(-1))), (noon, Timestamp(milliseconds: .max)),
        (.maximum, .maximum),
    ])
    func ignoresImpossibleBlocks(now: Timestamp, until: Timestamp) {
        var usage = ProfileUsage()
        let isBlocked = usage.markBlocked(until: until, source: "wham", at: now)
        #expect(!isBlocked)
        #expect(usage == ProfileUsage())
    }

    // upstream: 10.10 usage: usage-probe table: burst, 401, 403, other HTTP, probe failure, unsafe values
    @Test(arguments: [
        (UsageProbeResult.available, 15), (.unreadable, 30), (.rejected(status: 401), 12 * 3600),
        (.rejected(status: 403), 24 * 3600), (.rejected(status: 500), 300), (.exhausted(until: nil), 30),
        (.exhausted(until: Timestamp(milliseconds: .max)), 30),
    ])
    func restsAsLongAsTheProbeTells(result: UsageProbeResult, seconds: Int) {
        var usage = ProfileUsage()
        usage.recordFailure(.rateLimit, model: "a", provider: "openai", at: noon)
        usage.record(result, earlier: ProfileUsage(), model: "a", at: noon)
        #expect(usage.cooldownUntil == .noon(plus: .seconds(seconds)))
        #expect(usage.blockedUntil == nil)
    }

    // upstream: 10.10 usage: usage-probe table: personal, team rolling, team weekly
    @Test func blocksUntilTheAllowanceIsBack() {
        var usage = ProfileUsage()
        usage.recordFailure(.rateLimit, model: "a", provider: "openai", at: noon)
        usage.record(.exhausted(until: .noon(plus: .hours(90))), earlier: ProfileUsage(), model: "a", at: noon)
        #expect(usage.blockedUntil == .noon(plus: .hours(90)))
        #expect(usage.blockedSource == "wham")
        #expect(usage.cooldownUntil == nil)
        #expect(usage.window(at: noon, provider: "openai", model: "b")?.kind == .blocked)
    }

    // upstream: 10.10 usage: usage-probe table: max semantics
    @Test func letsALongerCooldownWin() {
        let earlier = ProfileUsage(cooldownUntil: .noon(plus: .minutes(4)), cooldownReason: .rateLimit)
        var usage = earlier
        usage.recordFailure(.rateLimit, model: nil, provider: "openai", at: noon)
        usage.record(.available, earlier: earlier, model: nil, at: noon)
        #expect(usage.cooldownUntil == .noon(plus: .minutes(4)))
        usage.record(.rejected(status: 401), earlier: earlier, model: nil, at: noon)
        #expect(usage.cooldownUntil == .noon(plus: .hours(12)))
    }

    // upstream: 10.10 usage: usage-probe table: other providers
    @Test(arguments: [
        (FailureReason.rateLimit, "openai", ProfileFact.Kind.oauth, true),
        (.unknown, "openai", .oauth, true), (.emptyResponse, "openai", .oauth, true),
        (.rateLimit, "openai", .apiKey, false), (.rateLimit, "anthropic", .oauth, false),
        (.billing, "openai", .oauth, false), (.timeout, "openai", .oauth, false),
    ])
    func probesOnlyWhereItTells(reason: FailureReason, provider: String, kind: ProfileFact.Kind, isWorthwhile: Bool) {
        #expect(
            UsageProbeResult.isWorthwhile(after: reason, provider: ProviderID(provider), kind: kind) == isWorthwhile)
    }
}
