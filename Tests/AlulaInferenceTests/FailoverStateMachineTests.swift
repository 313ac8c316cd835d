import AlulaAuth
import AlulaInference
import AlulaModels
import AlulaPrimitives
import Testing

struct FailoverStateMachineTests {
    private typealias Machine = FailoverStateMachine
    private let now = Timestamp(milliseconds: 1_800_000_000_000)
    private let first = ModelReference(provider: "openai", model: "gpt-5.5")
    private let second = ModelReference(provider: "anthropic", model: "claude-opus-4-6")
    private let work = Login.profile("openai:work")
    private let home = Login.profile("openai:home")
    private let spare = Login.environment("OPENAI_API_KEY")
    private let claude = Login.profile("anthropic:default")

    private var plan: FailoverPlan {
        FailoverPlan(candidates: [
            FailoverPlan.Candidate(model: first, logins: [work, home, spare]),
            FailoverPlan.Candidate(model: second, logins: [claude]),
        ])
    }

    private func failure(_ reason: FailureReason, _ message: String = "no", retryAfter: Duration? = nil)
        -> AttemptFailure
    {
        AttemptFailure(judgement: .failure(reason), message: message, retryAfter: retryAfter)
    }

    private func window(_ reason: FailureReason, seconds: Int, kind: UsageWindow.Kind = .cooldown) -> UsageWindow {
        UsageWindow(kind: kind, reason: reason, until: now.advanced(by: .seconds(seconds)))
    }

    /// The logins that are tried when every attempt ends with `outcome`, and how it ends.
    private func run(
        _ plan: FailoverPlan, _ outcome: AttemptOutcome, policy: FailoverPolicy = .standard,
        resting: [Login: UsageWindow] = [:]
    ) -> (tried: [FailoverRoute], end: Machine.Action) {
        var machine = Machine(plan: plan, policy: policy)
        let world = Machine.Surroundings(now: now, window: { resting[$0.login] })
        var tried: [FailoverRoute] = []
        var action = machine.start(in: world)
        while case .attempt(let attempt) = action {
            tried.append(attempt.route)
            action = machine.attemptEnded(outcome, in: world)
        }
        return (tried, action)
    }

    private func failure(of action: Machine.Action) -> FailoverFailure? {
        if case .giveUp(let failure) = action { failure } else { nil }
    }

    @Test func theFirstAnswerEndsIt() {
        let (tried, end) = run(plan, .answered)
        #expect(tried.map(\.login) == [work])
        #expect(end == .answer)
    }

    @Test(arguments: [FailureReason.auth, .authPermanent, .billing, .rateLimit])
    func walksAllKeysOfAModelBeforeTheNextOne(_ reason: FailureReason) {
        let (tried, end) = run(plan, .failed(failure(reason)))
        #expect(tried.map(\.login) == [work, home, spare, claude])
        #expect(failure(of: end)?.cause == .exhausted)
    }

    @Test func aPoolOfAThousandKeysIsWalkedWhole() {
        let logins = (0..<1000).map { Login.profile(ProfileID("openai:\($0)")) }
        let plan = FailoverPlan(candidates: [FailoverPlan.Candidate(model: first, logins: logins)])
        #expect(run(plan, .failed(failure(.rateLimit))).tried.map(\.login) == logins)
    }

    @Test(arguments: [FailureReason.overloaded, .timeout])
    func aProviderInTroubleIsAskedThroughOneMoreLoginOnly(_ reason: FailureReason) {
        let (tried, _) = run(plan, .failed(failure(reason)))
        #expect(tried.map(\.login) == [work, home, claude])
    }

    @Test func theOwnersLimitOfRotationsHolds() {
        let policy = FailoverPolicy(maximumRotations: [.rateLimit: 0])
        let (tried, _) = run(plan, .failed(failure(.rateLimit)), policy: policy)
        #expect(tried.map(\.login) == [work, claude])
    }

    @Test func aModelThatIsUnknownIsNotAskedThroughOtherLogins() {
        let (tried, _) = run(plan, .failed(failure(.modelNotFound)))
        #expect(tried.map(\.login) == [work, claude])
    }

    @Test func whatIsWrongWithTheRequestIsNotTriedElsewhere() {
        let overflow = AttemptFailure(judgement: .contextOverflow, message: "too long")
        let image = AttemptFailure(judgement: .refusedInput, message: "image too large")
        for (outcome, cause) in [
            (AttemptOutcome.failed(overflow), FailoverFailure.Cause.contextOverflow),
            (.failed(image), .badRequest), (.failed(failure(.format)), .badRequest),
        ] {
            let (tried, end) = run(plan, outcome)
            #expect(tried.map(\.login) == [work])
            #expect(failure(of: end)?.cause == cause)
        }
    }

    @Test func nothingIsTriedOnceTheCallerHasAPart() {
        let (tried, end) = run(plan, .failed(failure(.timeout), hasOutput: true))
        #expect(tried.count == 1)
        #expect(failure(of: end)?.cause == .brokenOff)
    }

    @Test func nothingIsTriedForACallerWhoLeft() {
        let (tried, end) = run(plan, .callerLeft)
        #expect(tried.count == 1)
        #expect(failure(of: end)?.cause == .callerLeft)
    }

    @Test func aStallOfThisMachineIsRepeatedOnceAndHeldAgainstNobody() {
        var machine = Machine(plan: plan)
        let world = Machine.Surroundings(now: now)
        guard case .attempt(let attempt) = machine.start(in: world),
            case .attempt(let again) = machine.attemptEnded(.stalledHere, in: world),
            case .attempt(let next) = machine.attemptEnded(.stalledHere, in: world)
        else {
            Issue.record("It gave up.")
            return
        }
        #expect(again.route == attempt.route)
        #expect(again.number == 2)
        #expect(next.route.login == home)
        #expect(AttemptOutcome.stalledHere.note == nil)
    }

    @Test func notesSayWhatIsHeldAgainstALogin() {
        #expect(AttemptOutcome.answered.note == .success)
        let limit = AttemptOutcome.failed(failure(.rateLimit, retryAfter: .seconds(7)))
        #expect(limit.note == .failure(.rateLimit, retryAfter: .seconds(7)))
        #expect(AttemptOutcome.failed(failure(.billing), hasOutput: true).note == .failure(.billing))
        for reason in [FailureReason.timeout, .format, .modelNotFound, .unclassified] {
            #expect(AttemptOutcome.failed(failure(reason)).note == nil)
        }
        #expect(AttemptOutcome.failed(AttemptFailure(judgement: .contextOverflow, message: "")).note == nil)
        #expect(AttemptOutcome.callerLeft.note == nil)
    }

    @Test func loginsThatRestArePassedOver() {
        let (tried, _) = run(plan, .answered, resting: [work: window(.rateLimit, seconds: 30)])
        #expect(tried.map(\.login) == [home])
    }

    @Test func aLoginThatRestsByTheTimeItsTurnComesIsPassedOver() {
        var machine = Machine(plan: plan)
        _ = machine.start(in: Machine.Surroundings(now: now))
        let rest = window(.rateLimit, seconds: 30)
        let home = home
        let action = machine.attemptEnded(
            .failed(failure(.auth)), in: Machine.Surroundings(now: now, window: { $0.login == home ? rest : nil }))
        guard case .attempt(let attempt) = action else {
            Issue.record("\(action)")
            return
        }
        #expect(attempt.route.login == spare)
    }

    private func allResting(_ reason: FailureReason, seconds: Int) -> [Login: UsageWindow] {
        [
            work: window(reason, seconds: seconds), home: window(reason, seconds: seconds + 5),
            spare: window(reason, seconds: seconds + 9),
        ]
    }

    @Test func aFirstChoiceThatRestsIsAskedShortlyBeforeItsEnd() {
        let (tried, end) = run(plan, .answered, resting: allResting(.rateLimit, seconds: 120))
        #expect(tried.map(\.login) == [work])
        #expect(end == .answer)
    }

    @Test func longBeforeItsEndTheNextModelIsAsked() {
        let (tried, _) = run(plan, .answered, resting: allResting(.billing, seconds: 121))
        #expect(tried.map(\.login) == [claude])
    }

    @Test func aRejectedLoginIsNotProbed() {
        let (tried, _) = run(plan, .answered, resting: allResting(.authPermanent, seconds: 5))
        #expect(tried.map(\.login) == [claude])
    }

    @Test func onlyOneProbeIsMadeAndOnlyOfTheFirstChoice() {
        var resting = allResting(.rateLimit, seconds: 10)
        resting[claude] = window(.rateLimit, seconds: 10)
        let (tried, end) = run(plan, .failed(failure(.rateLimit)), resting: resting)
        #expect(tried.map(\.login) == [work])
        #expect(failure(of: end)?.soonestRecovery == now.advanced(by: .seconds(10)))
    }

    @Test func aProviderIsProbedOnceInAWhileByAllRequestsTogether() {
        var ledger = ProbeLedger()
        func claims(_ provider: ProviderID, after seconds: Int) -> Bool {
            ledger.claim(provider, at: now.advanced(by: .seconds(seconds)), interval: .seconds(30))
        }
        let claimed = [
            claims("openai", after: 0), claims("openai", after: 29), claims("anthropic", after: 29),
            claims("openai", after: 30),
            // The clock was set back by an hour.
            claims("openai", after: -3600),
        ]
        #expect(claimed == [true, false, true, true, true])
    }

    @Test func aDeadlineEndsTheWalk() {
        var machine = Machine(plan: plan)
        _ = machine.start(in: Machine.Surroundings(now: now))
        let action = machine.attemptEnded(
            .failed(failure(.rateLimit)), in: Machine.Surroundings(now: now, isOutOfTime: true))
        #expect(failure(of: action)?.cause == .outOfTime)
        var late = Machine(plan: plan)
        #expect(failure(of: late.start(in: Machine.Surroundings(now: now, isOutOfTime: true)))?.cause == .outOfTime)
    }

    @Test func theMessageNamesEveryAttemptAndTheSoonestRecovery() {
        let third = ModelReference(provider: "groq", model: "llama")
        let plan = FailoverPlan(candidates: [
            FailoverPlan.Candidate(model: first, logins: [work]),
            FailoverPlan.Candidate(model: third, logins: [], exclusion: "no login: set GROQ_API_KEY"),
            FailoverPlan.Candidate(model: second, logins: [claude]),
        ])
        let (_, end) = run(
            plan, .failed(failure(.rateLimit, "slow down")), resting: [claude: window(.overloaded, seconds: 60)])
        #expect(
            failure(of: end)?.message == """
                All models failed (3): openai/gpt-5.5: slow down (rate_limit) | groq/llama: no login: set GROQ_API_KEY | \
                anthropic/claude-opus-4-6: every login rests until 2027-01-15T08:01:00Z (overloaded); the first can be \
                used again at 2027-01-15T08:01:00Z
                """)
    }

    /// Which of the two models take the request, and what then becomes of it when each attempt fails.
    @Test(
        arguments: [
            (true, true, [0, 1], .exhausted), (false, true, [1], .exhausted), (true, false, [0], .exhausted),
            (false, false, [], .incapable),
        ] as [(Bool, Bool, [Int], FailoverFailure.Cause)])
    func aModelThatDoesNotTakeTheRequestIsNotAsked(
        firstTakes: Bool, secondTakes: Bool, asked: [Int], cause: FailoverFailure.Cause
    ) {
        let needs = [RequestNeed(.images, in: "messages"), RequestNeed(.tools, in: "tools")]
        let plan = FailoverPlan(candidates: [
            firstTakes ? .init(model: first, logins: [work]) : .init(model: first, lacking: needs),
            secondTakes ? .init(model: second, logins: [claude]) : .init(model: second, lacking: [needs[0]]),
        ])
        let (tried, end) = run(plan, .failed(failure(.auth, "wrong key")))
        #expect(tried.map(\.model) == asked.map { [first, second][$0] })
        let failure = failure(of: end)
        #expect(failure?.cause == cause)
        #expect(failure?.parameter == (cause == .incapable ? "messages" : nil))
        if !firstTakes { #expect(failure?.segments.first == .excluded(first, "takes no images and no tools")) }
        if cause == .incapable {
            #expect(
                failure?.message == """
                    No model can be asked that takes this request: openai/gpt-5.5: takes no images and no tools | \
                    anthropic/claude-opus-4-6: takes no images
                    """)
        }
    }

    /// Another request would not be answered either, so this one is not to blame.
    @Test func aModelWithoutALoginIsNoReasonToBlameTheRequest() {
        let plan = FailoverPlan(candidates: [
            .init(model: first, lacking: [RequestNeed(.images, in: "messages")]),
            .init(model: second, logins: [], exclusion: "no login"),
        ])
        let end = failure(of: run(plan, .answered).end)
        #expect(end?.cause == .exhausted)
        #expect(
            end?.message == """
                All models failed (2): openai/gpt-5.5: takes no images | anthropic/claude-opus-4-6: no login
                """)
    }

    /// Keys that were fresh when the request came rest by its end; their windows are what a caller waits for.
    @Test func theSoonestRecoveryCountsLoginsThatTheRequestItselfWoreOut() {
        var machine = Machine(plan: FailoverPlan(candidates: [.init(model: first, logins: [work, home])]))
        var windows: [Login: UsageWindow] = [:]
        var action = machine.start(in: Machine.Surroundings(now: now))
        var rest = 60
        while case .attempt(let attempt) = action {
            windows[attempt.route.login] = window(.rateLimit, seconds: rest)
            rest -= 20
            action = machine.attemptEnded(
                .failed(failure(.rateLimit)), in: Machine.Surroundings(now: now, window: { windows[$0.login] }))
        }
        #expect(failure(of: action)?.soonestRecovery == now.advanced(by: .seconds(40)))
    }

    @Test func oneFailureStandsForItself() {
        let plan = FailoverPlan(candidates: [FailoverPlan.Candidate(model: first, logins: [work])])
        let (_, end) = run(plan, .failed(failure(.rateLimit, "slow down")))
        #expect(failure(of: end)?.message == "slow down")
        #expect(failure(of: end)?.lastFailure?.judgement == .failure(.rateLimit))
    }

    @Test func nothingToTryIsSaid() {
        let (tried, end) = run(FailoverPlan(candidates: []), .answered)
        #expect(tried.isEmpty)
        #expect(failure(of: end)?.message == "No model can be asked.")
    }
}
