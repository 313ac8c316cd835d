package import AlulaAuth
import AlulaModels
package import AlulaPrimitives

/// Decides which model is asked through which login, and when a request is given up.
///
/// It begins with ``start(in:)``; each ``Action/attempt(_:)`` is followed by one ``attemptEnded(_:in:)``, until any other
/// action ends it. What an attempt says about its login (``AttemptOutcome/note``) is recorded before that, so that the
/// windows which a decision goes by hold it. Nothing is tried twice, save what failed because this machine stood still.
/// Once a part of an answer is with the caller, nothing else is tried.
package struct FailoverStateMachine: Sendable {
    /// What to do next.
    package enum Action: Hashable, Sendable {
        case attempt(Attempt)
        /// Hand on what the attempt answers.
        case answer
        case giveUp(FailoverFailure)
    }

    /// One call to be made.
    package struct Attempt: Hashable, Sendable {
        package let route: FailoverRoute
        /// Counted from 1.
        package let number: Int
        /// The login rests; this finds out whether it still has to.
        package let isProbe: Bool
    }

    /// The world at the instant of a decision.
    package struct Surroundings {
        package let now: Timestamp
        /// Whether the caller's deadline has passed.
        package let isOutOfTime: Bool
        /// What keeps a login from being used now, as everybody's failures so far have it.
        package let window: (FailoverRoute) -> UsageWindow?
        /// Takes a provider's turn to be asked in spite of its rest.
        package let claimProbe: (ProviderID) -> Bool

        package init(
            now: Timestamp, isOutOfTime: Bool = false, window: @escaping (FailoverRoute) -> UsageWindow? = { _ in nil },
            claimProbe: @escaping (ProviderID) -> Bool = { _ in true }
        ) {
            self.now = now
            self.isOutOfTime = isOutOfTime
            self.window = window
            self.claimProbe = claimProbe
        }
    }

    private let plan: FailoverPlan
    private let policy: FailoverPolicy
    /// The candidate whose turn it is.
    private var place = 0
    /// Logins of that candidate which had their turn.
    private var tried: Set<Login> = []
    /// Failures of that candidate by kind.
    private var failures: [FailureReason: Int] = [:]
    private var current: Attempt?
    private var attemptCount = 0
    private var stallRepetitions = 0
    private var segments: [FailoverFailure.Segment] = []

    package init(plan: FailoverPlan, policy: FailoverPolicy = .standard) {
        self.plan = plan
        self.policy = policy
    }

    /// Takes the first decision.
    package mutating func start(in surroundings: Surroundings) -> Action { next(in: surroundings) }

    /// Takes the next decision.
    package mutating func attemptEnded(_ outcome: AttemptOutcome, in surroundings: Surroundings) -> Action {
        guard let attempt = current else {
            preconditionFailure("An attempt ended that was never made.")
        }
        current = nil
        switch outcome {
        case .answered: return .answer
        case .callerLeft: return giveUp(.callerLeft, in: surroundings)
        case .stalledHere: return repeated(attempt, in: surroundings)
        case .failed(let failure, let hasOutput):
            segments.append(.attempt(attempt.route, failure))
            return hasOutput ? giveUp(.brokenOff, in: surroundings) : afterFailure(failure, in: surroundings)
        }
    }

    /// The same attempt again, since nobody knows yet how it would have ended; but not for ever.
    private mutating func repeated(_ attempt: Attempt, in surroundings: Surroundings) -> Action {
        guard !surroundings.isOutOfTime else { return giveUp(.outOfTime, in: surroundings) }
        guard stallRepetitions < policy.maximumStallRepetitions else {
            let failure = AttemptFailure(
                judgement: .failure(.timeout), message: "The gateway's machine stood still during the call.")
            segments.append(.attempt(attempt.route, failure))
            return afterFailure(failure, in: surroundings)
        }
        stallRepetitions += 1
        return attemptNow(attempt.route, isProbe: attempt.isProbe)
    }

    private mutating func afterFailure(_ failure: AttemptFailure, in surroundings: Surroundings) -> Action {
        switch failure.judgement {
        case .contextOverflow: return giveUp(.contextOverflow, in: surroundings)
        case .refusedInput, .failure(.format): return giveUp(.badRequest, in: surroundings)
        case .failure(.modelNotFound): leaveCandidate()
        case .failure(let reason):
            failures[reason, default: 0] += 1
            if let maximum = policy.maximumRotations[reason], failures[reason, default: 0] > maximum {
                leaveCandidate()
            }
        }
        return next(in: surroundings)
    }

    /// The next login of the candidate whose turn it is, or the next candidate's first.
    private mutating func next(in surroundings: Surroundings) -> Action {
        while place < plan.candidates.count {
            guard !surroundings.isOutOfTime else { return giveUp(.outOfTime, in: surroundings) }
            let candidate = plan.candidates[place]
            if let route = pick(from: candidate, in: surroundings) {
                return attemptNow(route.route, isProbe: route.isProbe)
            }
            leaveCandidate()
        }
        let isBeyondAll = !plan.candidates.isEmpty && plan.candidates.allSatisfy { !$0.lacks.isEmpty }
        return giveUp(isBeyondAll ? .incapable : .exhausted, in: surroundings)
    }

    /// A login that does not rest; for the first candidate otherwise one that rests, if it may be asked all the same.
    ///
    /// - Returns: `nil` when the candidate has nothing more to offer, after taking down why.
    private mutating func pick(
        from candidate: FailoverPlan.Candidate, in surroundings: Surroundings
    ) -> (route: FailoverRoute, isProbe: Bool)? {
        var resting: (route: FailoverRoute, window: UsageWindow)?
        for login in candidate.logins where !tried.contains(login) {
            let route = FailoverRoute(model: candidate.model, login: login)
            guard let window = surroundings.window(route) else { return (route, false) }
            if resting.map({ window.until < $0.window.until }) ?? true { resting = (route, window) }
        }
        let isUntouched = tried.isEmpty
        guard let resting else {
            if isUntouched {
                segments.append(.excluded(candidate.model, candidate.exclusion ?? "no login can be used"))
            }
            return nil
        }
        if place == 0, isUntouched, mayProbe(resting.window, at: surroundings.now),
            surroundings.claimProbe(candidate.model.provider)
        {
            return (resting.route, true)
        }
        if isUntouched { segments.append(.resting(candidate.model, resting.window)) }
        return nil
    }

    /// Whether asking in spite of a rest could find that it is over. A rejected login does not mend itself.
    private func mayProbe(_ window: UsageWindow, at now: Timestamp) -> Bool {
        switch window.reason {
        case .auth, .authPermanent: false
        default: window.until.duration(since: now) <= policy.probeLead
        }
    }

    private mutating func attemptNow(_ route: FailoverRoute, isProbe: Bool) -> Action {
        attemptCount += 1
        tried.insert(route.login)
        let attempt = Attempt(route: route, number: attemptCount, isProbe: isProbe)
        current = attempt
        return .attempt(attempt)
    }

    private mutating func leaveCandidate() {
        place += 1
        tried = []
        failures = [:]
    }

    private func giveUp(_ cause: FailoverFailure.Cause, in surroundings: Surroundings) -> Action {
        // Logins that were tried count too: many rest only since then.
        let recoveries = plan.candidates.flatMap { candidate in
            candidate.logins.compactMap { surroundings.window(FailoverRoute(model: candidate.model, login: $0))?.until }
        }
        let parameter = cause == .incapable ? plan.candidates.first?.lacks.first?.parameter : nil
        return .giveUp(
            FailoverFailure(
                cause: cause, segments: segments, soonestRecovery: recoveries.min(), parameter: parameter))
    }
}
