import AlulaAuth
import AlulaInference
import AlulaModels
import AlulaPrimitives
import AlulaProtocol
import AlulaServer

/// Answers requests to models: finds out which models are meant and how they are reached, and has them asked.
struct InferenceDesk: Sendable {
    /// How long a provider may count.
    private static let countPatience = Duration.seconds(10)

    let driver: FailoverDriver

    /// - Throws: `AnswerError` when nobody answers, `CancellationError` when nobody waits any more.
    func answer(_ request: InferenceRequest, until deadline: Deadline) async throws -> BegunAnswer {
        if let count = request.sampling.choiceCount, count > 1 {
            throw AnswerError(.badRequest, "`n` must be 1: one answer is given to each request.", parameter: "n")
        }
        let edition = driver.evaluators.states.edition
        let needs = request.needs
        let wanted = try WantedModel.resolve(request.model, by: request.caller, needing: needs, in: edition)
        let plan = await plan(wanted, edition.state, needs, for: request)
        return try await driver.answer(request, plan, for: wanted.agent, until: deadline)
    }

    /// Only the very model that is meant is asked, through whatever provider has it: another one's vectors are no stand-in.
    ///
    /// - Throws: `AnswerError` when nobody answers, `CancellationError` when nobody waits any more.
    func embed(_ request: EmbeddingRequest, until deadline: Deadline) async throws -> MadeVectors {
        let edition = driver.evaluators.states.edition
        let wanted = try WantedModel.resolve(request.model, by: request.caller, in: edition)
        let recent = await driver.recorder.recentUsage(for: wanted.agent)
        let kinds = Set(driver.providers.filter { $0.value is any EmbeddingProviding }.keys)
        if let model = wanted.candidates.first, let kind = edition.state.catalog.api(of: model), !kinds.contains(kind) {
            throw AnswerError(
                .badRequest, "`model`: \(model) is behind \(kind), which has no embeddings here.", parameter: "model")
        }
        let planner = FailoverPlanner(
            state: edition.state, evaluators: driver.evaluators, now: driver.now(), agent: wanted.agent,
            recentUsage: recent, kinds: kinds, operation: .vectors)
        return try await driver.embed(request, planner.plan(wanted.candidates), for: wanted.agent, until: deadline)
    }

    /// - Throws: `AnswerError` for a model that does not exist or that callers may not choose, `CancellationError`.
    func countTokens(
        of request: InferenceRequest, estimate: Int, until deadline: Deadline
    ) async throws -> TokenCount {
        let edition = driver.evaluators.states.edition
        let needs = request.needs
        let wanted = try WantedModel.resolve(request.model, by: request.caller, needing: needs, in: edition)
        let counted = try await driver.countTokens(
            of: request, await plan(wanted, edition.state, needs, for: request), for: wanted.agent,
            until: deadline.capped(at: Self.countPatience))
        return counted.map { TokenCount($0, isEstimate: false) } ?? TokenCount(estimate, isEstimate: true)
    }

    /// What a request with this word for a model would go through now. Nothing is asked.
    ///
    /// - Parameter needs: What the request would hold besides text.
    /// - Throws: `AnswerError` when no model is meant, or one that callers may not choose.
    func explain(_ asked: String, needing needs: [RequestNeed] = []) async throws(AnswerError) -> ModelExplanation {
        let edition = driver.evaluators.states.edition
        let wanted = try WantedModel.resolve(asked, needing: needs, in: edition)
        let recent = await driver.recorder.recentUsage(for: wanted.agent)
        let time = driver.now()
        return planner(wanted, edition.state, recent, needs, at: time).explain(
            asked, wanted, policy: driver.policy,
            mayProbe: { driver.probes.isFree($0, at: time, interval: driver.policy.probeInterval) })
    }

    private func plan(
        _ wanted: WantedModel, _ state: LoadedState, _ needs: [RequestNeed], for request: InferenceRequest
    ) async -> FailoverPlan {
        let recent = await driver.recorder.recentUsage(for: wanted.agent)
        var planner = planner(wanted, state, recent, needs, at: driver.now())
        if let conversation = request.conversation {
            planner.pinned = { [pins = driver.pins] in
                pins[.init(agent: wanted.agent, session: conversation, provider: $0)]
            }
        }
        return planner.plan(wanted.candidates)
    }

    private func planner(
        _ wanted: WantedModel, _ state: LoadedState, _ recent: [ProfileID: ProfileUsage], _ needs: [RequestNeed],
        at time: Timestamp
    ) -> FailoverPlanner {
        FailoverPlanner(
            state: state, evaluators: driver.evaluators, now: time, agent: wanted.agent, recentUsage: recent,
            kinds: Set(driver.providers.keys), needs: needs)
    }
}
