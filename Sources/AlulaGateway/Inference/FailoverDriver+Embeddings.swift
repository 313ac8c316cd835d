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
        let meter = RequestMeter(
            RequestMeter.Caller(
                operation: .embeddings, agent: agent, apiKey: request.caller.keyName,
                model: plan.candidates.first?.model), in: book)
        let made = try await carryOut(plan, for: agent, until: deadline, meter) { attempt in
            let target = target(attempt.route, in: evaluators.states.edition.state, for: agent, until: deadline)
            let (outcome, answer) = try await make(EmbeddingCall(request, to: target))
            return (
                outcome,
                answer.map { MadeVectors(model: attempt.route.model, attempts: attempt.number, answer: $0) }
            )
        }
        if let tokens = made.answer.inputTokens { meter.begins(.usage(TokenUsage(input: tokens))) }
        meter.begins(.finished(.stop))
        meter.ended()
        return made
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
