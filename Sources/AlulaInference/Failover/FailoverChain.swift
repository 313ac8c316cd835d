import AlulaAuth

/// What a request would go through at an instant if each attempt failed in a way that lets the next one be made.
///
/// It is found by the failover itself, so that it can't say anything else than what a request would meet.
package struct FailoverChain: Hashable, Sendable {
    package let attempts: [FailoverStateMachine.Attempt]
    /// Models that would not be asked, in order.
    package let passedOver: [FailoverFailure.Segment]

    package init(
        _ plan: FailoverPlan, policy: FailoverPolicy = .standard, in surroundings: FailoverStateMachine.Surroundings
    ) {
        // A kind of failure without a limit of rotations.
        let policy = FailoverPolicy(
            maximumRotations: [:], probeLead: policy.probeLead, probeInterval: policy.probeInterval,
            maximumStallRepetitions: policy.maximumStallRepetitions)
        var machine = FailoverStateMachine(plan: plan, policy: policy)
        var attempts: [FailoverStateMachine.Attempt] = []
        var action = machine.start(in: surroundings)
        while case .attempt(let attempt) = action {
            attempts.append(attempt)
            action = machine.attemptEnded(.failed(Self.anyFailure), in: surroundings)
        }
        self.attempts = attempts
        guard case .giveUp(let failure) = action else { preconditionFailure("Nobody was asked and somebody answers.") }
        passedOver = failure.segments.filter { if case .attempt = $0 { false } else { true } }
    }

    private static let anyFailure = AttemptFailure(judgement: .failure(.unclassified), message: "")
}
