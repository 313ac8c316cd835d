import AlulaAuth
import AlulaInference
import AlulaModels
import AlulaPrimitives
import AlulaTestSupport
import Logging
import Synchronization

@testable import AlulaGateway

/// Answers questions about quotas as a test wants, and keeps what it was asked.
final class ScriptedQuotaEndpoint: QuotaEndpoint {
    private struct State {
        var asked: [QuotaQuestion] = []
        var answers: [ProviderID: Result<ProviderQuota, AttemptFailure>] = [:]
        var isHeld = false
        var held: [CheckedContinuation<Void, Never>] = []
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    /// What was asked, in whatever order.
    var asked: [QuotaQuestion] { state.withLock { $0.asked } }

    func answer(_ provider: ProviderID, _ result: Result<ProviderQuota, AttemptFailure>) {
        state.withLock { $0.answers[provider] = result }
    }

    /// Answers nothing until ``release()``.
    func hold() { state.withLock { $0.isHeld = true } }

    func release() {
        let held = state.withLock { state in
            state.isHeld = false
            defer { state.held = [] }
            return state.held
        }
        held.forEach { $0.resume() }
    }

    /// Returns once so many questions were asked.
    func asked(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.asked.count < count { state.watchers.append((count, continuation)) }
                return state.asked.count >= count
            }
            if isThere { continuation.resume() }
        }
    }

    func quota(_ question: QuotaQuestion, until deadline: Deadline) async throws -> ProviderQuota {
        let woken = state.withLock { state in
            state.asked.append(question)
            let woken = state.watchers.filter { $0.count <= state.asked.count }
            state.watchers.removeAll { $0.count <= state.asked.count }
            return woken
        }
        woken.forEach { $0.continuation.resume() }
        await withCheckedContinuation { continuation in
            let isHeld = state.withLock { state in
                if state.isHeld { state.held.append(continuation) }
                return state.isHeld
            }
            if !isHeld { continuation.resume() }
        }
        let answer = state.withLock { $0.answers[question.provider] }
        return try answer?.get() ?? ProviderQuota(plan: "fake")
    }
}

extension KeeperBench {
    /// - Parameter policy: What may take how long, on the bench's clock but for patience.
    func quotas(_ endpoint: any QuotaEndpoint, policy: QuotaDesk.Policy = .init()) -> QuotaDesk {
        let (start, clock, now) = (ContinuousClock.now, clock, now)
        return QuotaDesk(
            QuotaDesk.Parts(
                states: keeper.source, evaluators: EvaluatorSource(states: keeper.source, prepared: prepared),
                table: .builtIn, endpoint: endpoint, now: { now.advanced(by: clock.now.offset) },
                instant: { start.advanced(by: clock.now.offset) },
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }),
            policy: policy)
    }
}
