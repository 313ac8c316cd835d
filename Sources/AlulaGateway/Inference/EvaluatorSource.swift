import AlulaAuth
import AlulaPrimitives
import Synchronization

/// Hands out what weighs logins by the newest settings and facts. It is put together anew when one of both is another one,
/// or when a login in it has ended, and not for each request.
final class EvaluatorSource: Sendable {
    private struct Question: Hashable {
        let provider: ProviderID
        let agent: AgentID
    }

    private struct Kept {
        let state: LoadedStateSource.Edition
        let prepared: PreparedAuthSource.Edition?
        let evaluator: ProviderEvaluator
        /// What was weighed so far, and when that changes by itself.
        var answers: [Question: (evaluation: ProviderEvaluation, changesAt: Timestamp?)] = [:]
    }

    /// Answers that are kept; there may be thousands of agents, and few that are asked.
    private static let maximumAnswers = 256

    let states: LoadedStateSource
    private let prepared: PreparedAuthSource
    private let kept = Mutex<Kept?>(nil)

    init(states: LoadedStateSource, prepared: PreparedAuthSource) {
        self.states = states
        self.prepared = prepared
    }

    /// Weighs by what is known at `now`. Without facts nothing but the settings counts.
    func evaluator(at now: Timestamp) -> ProviderEvaluator { current(at: now).evaluator }

    /// What `provider` can be asked through by `agent` at `now`.
    func evaluation(of provider: ProviderID, for agent: AgentID, at now: Timestamp) -> ProviderEvaluation {
        let (kept, evaluator) = current(at: now)
        let question = Question(provider: provider, agent: agent)
        if let answer = kept.answers[question], answer.changesAt.map({ now < $0 }) ?? true { return answer.evaluation }
        let evaluation = evaluator.evaluate(provider, for: agent)
        let changesAt = evaluation.candidates.compactMap(\.availability.changesAt).min()
        self.kept.withLock { current in
            // What was weighed by other facts belongs to nobody any more.
            guard current?.state === kept.state, current?.prepared === kept.prepared else { return }
            if current?.answers.count ?? 0 >= Self.maximumAnswers { current?.answers = [:] }
            current?.answers[question] = (evaluation, changesAt)
        }
        return evaluation
    }

    private func current(at now: Timestamp) -> (kept: Kept, evaluator: ProviderEvaluator) {
        let (state, answer) = (states.edition, prepared.edition)
        if let kept = kept.withLock({ $0 }), kept.state === state, kept.prepared === answer,
            let evaluator = kept.evaluator.moved(to: now)
        {
            return (kept, evaluator)
        }
        let evaluator = ProviderEvaluator(
            context: state.state.context, facts: answer?.prepared.facts ?? AuthFacts(), now: now)
        let made = Kept(state: state, prepared: answer, evaluator: evaluator)
        kept.withLock { $0 = made }
        return (made, evaluator)
    }
}
