import AlulaAuth
import AlulaInference
import AlulaModels
import AlulaPrimitives
import AlulaProtocol
import AlulaServer

/// Vectors by the same decisions as answers. They come whole, so there is no beginning to wait for, and nothing breaks off.
extension FailoverDriver {
    /// - Throws: `AnswerError` when nobody answers, `CancellationError` when nobody waits any more.
    func embed(
        _ request: EmbeddingRequest, _ plan: FailoverPlan, for agent: AgentID, until deadline: Deadline
    ) async throws -> MadeVectors {
        // Accounts know dialects and not their operations.
        let meter = RequestMeter(
            RequestMeter.Caller(
                dialect: .openAIChat, agent: agent, apiKey: request.caller.keyName,
                model: plan.candidates.first?.model), in: book)
        var machine = FailoverStateMachine(plan: plan, policy: policy)
        var action = machine.start(in: await surroundings(of: agent, deadline))
        var made: MadeVectors?
        while true {
            switch action {
            case .attempt(let attempt):
                let target = target(attempt.route, for: agent, until: deadline)
                meter.asks(attempt.route)
                let (outcome, answer) = try await make(EmbeddingCall(request, to: target))
                made = answer.map {
                    MadeVectors(model: attempt.route.model, attempts: attempt.number, answer: $0)
                }
                await note(outcome, attempt.route, agent)
                action = machine.attemptEnded(outcome, in: await surroundings(of: agent, deadline))
            case .answer:
                guard let made else { preconditionFailure("Vectors are handed on that were never made.") }
                if let tokens = made.answer.inputTokens { meter.begins(.usage(TokenUsage(input: tokens))) }
                meter.begins(.finished(.stop))
                meter.ended()
                return made
            case .giveUp(let failure):
                let error = AnswerError(
                    failure, retryAfter: failure.soonestRecovery.map { $0.duration(since: now()) })
                meter.failed(ServerEvents.outcome(error.kind))
                throw error
            }
        }
    }

    /// - Throws: `CancellationError`.
    private func make(_ call: EmbeddingCall) async throws -> (AttemptOutcome, EmbeddingAnswer?) {
        guard let kind = catalog.api(of: call.target.route.model),
            let provider = providers[kind] as? any EmbeddingProviding
        else { return (.failed(Self.unspoken), nil) }
        let stallsBefore = stalls()
        do {
            return (.answered, try await provider.embed(call))
        } catch {
            return (try outcome(of: error, stallsBefore: stallsBefore), nil)
        }
    }
}
