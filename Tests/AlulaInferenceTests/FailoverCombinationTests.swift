import AlulaAuth
import AlulaInference
import AlulaModels
import AlulaPrimitives
import Testing

/// Drives the failover through every sequence of outcomes that it can meet.
struct FailoverCombinationTests {
    private typealias Machine = FailoverStateMachine

    private static let outcomes: [AttemptOutcome] =
        [.answered, .callerLeft, .stalledHere]
        + [FailureReason.auth, .billing, .format, .modelNotFound, .overloaded, .rateLimit, .timeout, .unclassified]
        .flatMap { reason in
            let failure = AttemptFailure(judgement: .failure(reason), message: reason.rawValue)
            return [AttemptOutcome.failed(failure), .failed(failure, hasOutput: true)]
        } + [.failed(AttemptFailure(judgement: .contextOverflow, message: "long"))]

    /// What has been seen on the way to a decision.
    private struct Path {
        var attempts: [Machine.Attempt] = []
        var outcomes: [AttemptOutcome] = []
    }

    private let now = Timestamp(milliseconds: 1_800_000_000_000)
    private let plan = FailoverPlan(candidates: [
        FailoverPlan.Candidate(
            model: ModelReference(provider: "openai", model: "a"), logins: [.profile("openai:1"), .profile("openai:2")]),
        FailoverPlan.Candidate(
            model: ModelReference(provider: "groq", model: "b"), logins: [.environment("GROQ_API_KEY")]),
    ])

    @Test func everySequenceOfOutcomesEndsWell() {
        var count = 0
        let world = Machine.Surroundings(now: now)
        var machine = Machine(plan: plan)
        let action = machine.start(in: world)
        walk(machine, action, Path(), world, &count)
        // Not merely the short ways through.
        #expect(count > 4000)
    }

    private func walk(
        _ machine: Machine, _ action: Machine.Action, _ path: Path, _ world: Machine.Surroundings, _ count: inout Int
    ) {
        guard case .attempt(let attempt) = action else {
            count += 1
            check(path, endsWith: action)
            return
        }
        #expect(path.attempts.count < 5)
        var path = path
        path.attempts.append(attempt)
        for outcome in Self.outcomes {
            var machine = machine
            let action = machine.attemptEnded(outcome, in: world)
            var next = path
            next.outcomes.append(outcome)
            walk(machine, action, next, world, &count)
        }
    }

    private func check(_ path: Path, endsWith action: Machine.Action) {
        // Numbers count up, models only go forwards, and a login has its turn once unless the machine stood still.
        #expect(path.attempts.map(\.number) == Array(1...path.attempts.count))
        let places = path.attempts.map { attempt in plan.candidates.firstIndex { $0.model == attempt.route.model } ?? -1
        }
        #expect(places == places.sorted())
        for (index, attempt) in path.attempts.enumerated().dropFirst()
        where path.attempts[..<index].contains(where: { $0.route == attempt.route }) {
            #expect(path.outcomes[index - 1] == .stalledHere)
        }
        // Nothing comes after an end.
        for outcome in path.outcomes.dropLast() { #expect(!isFinal(outcome)) }
        switch (action, path.outcomes.last) {
        case (.answer, let last): #expect(last == .answered)
        case (.giveUp(let failure), .failed(_, hasOutput: true)): #expect(failure.cause == .brokenOff)
        case (.giveUp(let failure), .callerLeft): #expect(failure.cause == .callerLeft)
        case (.giveUp(let failure), .failed(let last, hasOutput: false)):
            #expect(failure.lastFailure == last)
            if failure.cause == .exhausted { #expect(places.last == plan.candidates.count - 1) }
        case (.giveUp(let failure), .stalledHere): #expect(failure.cause == .exhausted)
        default: Issue.record("\(path) ended with \(action)")
        }
    }

    private func isFinal(_ outcome: AttemptOutcome) -> Bool {
        switch outcome {
        case .answered, .callerLeft, .failed(_, hasOutput: true): true
        case .failed(let failure, _):
            failure.judgement == .contextOverflow || failure.judgement == .failure(.format)
        case .stalledHere: false
        }
    }
}
