import AlulaAuth
import AlulaInference
import AlulaModels
import AlulaPrimitives

extension FailoverPlanner {
    /// What a request for `wanted` would go through, and what keeps every other login out.
    ///
    /// - Parameter mayProbe: Whether a provider's turn to be asked in spite of its rest is free.
    func explain(
        _ asked: String, _ wanted: WantedModel, policy: FailoverPolicy, mayProbe: @escaping (ProviderID) -> Bool
    ) -> ModelExplanation {
        let plan = plan(wanted.candidates)
        let windows = LoginWindows(
            evaluators.evaluator(at: now).effectiveStore(for: agent).overlaying(usage: recentUsage), at: now)
        let surroundings = FailoverStateMachine.Surroundings(
            now: now, window: { windows[$0] }, claimProbe: mayProbe)
        return ModelExplanation(
            asked: asked, agent: agent, chain: FailoverChain(plan, policy: policy, in: surroundings),
            candidates: plan.candidates.map { candidate in
                ModelExplanation.Candidate(
                    model: candidate.model, api: state.catalog.api(of: candidate.model),
                    exclusion: candidate.logins.isEmpty ? candidate.exclusion : nil,
                    sources: sources(of: candidate.model).map { source in
                        .init(label: source.label, state: sourceState(source, of: candidate, windows))
                    })
            })
    }

    private func sources(of model: ModelReference) -> [EvaluatedCandidate] {
        evaluators.evaluation(of: model.provider, for: agent, at: now).candidates
    }

    private func sourceState(
        _ source: EvaluatedCandidate, of candidate: FailoverPlan.Candidate, _ windows: LoginWindows
    ) -> ModelExplanation.Source.State {
        if let kind = state.catalog.api(of: candidate.model), let login = login(of: source, for: candidate.model, kind)
        {
            if let window = windows[FailoverRoute(model: candidate.model, login: login)] { return .resting(window) }
            if candidate.logins.contains(login) { return .ready }
            if let pinned = candidate.model.profile, login != .profile(pinned) {
                return .out("the request pins another login", until: nil)
            }
            return .out(candidate.exclusion ?? "not used for this model", until: nil)
        }
        return switch source.availability {
        case .available: .out("can't be used for requests by this version yet", until: nil)
        case .unavailable(let reason, let until): .out(reason.rawValue, until: until)
        case .unknown(let reason): .out(reason.rawValue, until: nil)
        }
    }
}
