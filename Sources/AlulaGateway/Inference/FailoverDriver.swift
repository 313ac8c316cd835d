import AlulaAuth
import AlulaConfiguration
import AlulaInference
import AlulaJSON
import AlulaModels
import AlulaPrimitives
import AlulaProtocol
import AlulaServer
import Logging
import Synchronization

/// Carries out what the failover decides: makes the attempts, notes what they say about their logins before the next
/// decision, and hands on the first answer that begins.
struct FailoverDriver: Sendable {
    let providers: [APIKind: any ModelProvider]
    let evaluators: EvaluatorSource
    let recorder: any ProfileUsageRecording
    let book: UsageBook
    let probes: SharedProbes
    let pins: SessionPins
    let now: @Sendable () -> Timestamp
    /// How often this machine has stood still since the start.
    let stalls: @Sendable () -> UInt64
    let logger: Logger
    var policy = FailoverPolicy.standard

    /// - Throws: `AnswerError` when nobody answers, `CancellationError` when nobody waits any more.
    func answer(
        _ request: InferenceRequest, _ plan: FailoverPlan, for agent: AgentID, until deadline: Deadline
    ) async throws -> BegunAnswer {
        let meter = RequestMeter(
            RequestMeter.Caller(
                operation: .answer(request.dialect), agent: agent, apiKey: request.caller.keyName,
                model: plan.candidates.first?.model), in: book)
        return try await carryOut(plan, for: agent, until: deadline, meter) { attempt in
            let call = call(request, through: attempt.route, for: agent, until: deadline)
            let (outcome, stream) = try await make(call, meter)
            if case .answered = outcome { pin(request, to: attempt.route, for: agent) }
            return (
                outcome,
                stream.map { BegunAnswer(model: attempt.route.model, attempts: attempt.number, stream: $0) }
            )
        }
    }

    /// Makes the attempts that the failover decides on, until one of them gives something.
    ///
    /// - Parameter make: Makes one; it returns something if and only if the outcome is `answered`.
    /// - Throws: `AnswerError` when none does, `CancellationError` when nobody waits any more.
    func carryOut<Value: Sendable>(
        _ plan: FailoverPlan, for agent: AgentID, until deadline: Deadline, _ meter: RequestMeter,
        _ make: (FailoverStateMachine.Attempt) async throws -> (AttemptOutcome, Value?)
    ) async throws -> Value {
        for candidate in plan.candidates where !candidate.lacks.isEmpty {
            logger.debug(
                "A model does not take the request",
                metadata: [
                    LogKey.model: "\(candidate.model)",
                    LogKey.reason: "\(candidate.lacks.map(\.capability.rawValue).joined(separator: " "))",
                ])
        }
        var machine = FailoverStateMachine(plan: plan, policy: policy)
        var action = machine.start(in: await surroundings(of: agent, deadline))
        var given: Value?
        while true {
            switch action {
            case .attempt(let attempt):
                meter.asks(attempt.route)
                let (outcome, value) = try await make(attempt)
                given = value
                await note(outcome, attempt.route, agent)
                action = machine.attemptEnded(outcome, in: await surroundings(of: agent, deadline))
            case .answer:
                guard let given else { preconditionFailure("Something is handed on that was never given.") }
                return given
            case .giveUp(let failure):
                let error = AnswerError(
                    failure, retryAfter: failure.soonestRecovery.map { $0.duration(since: now()) })
                meter.failed(ServerEvents.outcome(error.kind))
                throw error
            }
        }
    }

    /// The conversation's next turn goes to who answered this one.
    private func pin(_ request: InferenceRequest, to route: FailoverRoute, for agent: AgentID) {
        guard let session = request.conversation, case .profile(let profile) = route.login else { return }
        pins.note(profile, for: .init(agent: agent, session: session, provider: route.model.provider))
    }

    /// One call with what is known of its model.
    private func call(
        _ request: InferenceRequest, through route: FailoverRoute, for agent: AgentID, until deadline: Deadline
    ) -> ModelCall {
        let state = evaluators.states.edition.state
        let parameters = state.configuration.parameters(of: route.model, for: agent)
        let target = target(
            route, in: state, for: agent, adding: parameters.members(for: route.model.provider), until: deadline)
        guard let api = state.catalog.api(of: route.model) else { return ModelCall(request, to: target) }
        let filled = request.filled(
            with: parameters.defaults, for: route.model, api: api, thinks: target.model?.isReasoning == true)
        // Copilot can't read them later.
        let isForgetful = state.catalog.isCopilot(route.model.provider)
        return ModelCall(isForgetful ? filled.withoutEarlierThoughts() : filled, to: target)
    }

    func target(
        _ route: FailoverRoute, in state: LoadedState, for agent: AgentID, adding members: JSONObject = JSONObject(),
        until deadline: Deadline
    ) -> CallTarget {
        let catalog = state.catalog
        return CallTarget(
            route, to: catalog[route.model], for: agent, at: catalog.endpoint(of: route.model.provider)?.baseURL,
            adding: members, within: state.configuration.models[route.model.provider]?.timeout, until: deadline)
    }

    // MARK: Counting

    /// Asks the provider of the first model that takes a request how many tokens a request has.
    ///
    /// - Returns: `nil` when it can't be asked, or does not say: whoever asks goes by a guess then.
    /// - Throws: `CancellationError`.
    func countTokens(
        of request: InferenceRequest, _ plan: FailoverPlan, for agent: AgentID, until deadline: Deadline
    ) async throws -> Int? {
        guard let candidate = plan.candidates.first(where: \.lacks.isEmpty), let login = candidate.logins.first,
            let kind = catalog.api(of: candidate.model),
            let provider = providers[kind] as? any TokenCounting
        else { return nil }
        let route = FailoverRoute(model: candidate.model, login: login)
        do {
            return try await provider.countTokens(call(request, through: route, for: agent, until: deadline))
        } catch {
            if error is CancellationError || Task.isCancelled { throw CancellationError() }
            return nil
        }
    }

    var catalog: ModelCatalog { evaluators.states.edition.state.catalog }

    // MARK: Attempts

    /// - Throws: `CancellationError`.
    private func make(_ call: ModelCall, _ meter: RequestMeter) async throws -> (AttemptOutcome, (any AnswerStream)?) {
        guard let kind = catalog.api(of: call.route.model), let provider = providers[kind] else {
            return (.failed(Self.unspoken), nil)
        }
        let stallsBefore = stalls()
        do {
            let stream = try await provider.answer(call)
            // The request itself, which may be long, is not kept for as long as its answer takes.
            let (route, agent) = (call.route, call.agent)
            return (
                .answered, try await BegunStream.begin(stream, meter: meter) { await broke(route, agent, $0, meter) }
            )
        } catch {
            return (try outcome(of: error, stallsBefore: stallsBefore), nil)
        }
    }

    /// What an error of an attempt comes to.
    ///
    /// - Throws: `CancellationError`.
    func outcome(of error: any Error, stallsBefore: UInt64) throws -> AttemptOutcome {
        if let failure = error as? AttemptFailure {
            // What seems late to somebody who stood still may have been on time.
            let isOurs = failure.judgement == .failure(.timeout) && failure.status == nil && stalls() != stallsBefore
            return isOurs ? .stalledHere : .failed(failure)
        }
        if error is CancellationError || Task.isCancelled { throw CancellationError() }
        return .failed(Self.unexpected(error))
    }

    /// An answer broke off after its beginning was handed on.
    private func broke(
        _ route: FailoverRoute, _ agent: AgentID, _ failure: AttemptFailure, _ meter: RequestMeter
    ) async -> AnswerError {
        let error = AnswerError(FailoverFailure(cause: .brokenOff, segments: [.attempt(route, failure)]))
        meter.failed(ServerEvents.outcome(error.kind))
        await note(.failed(failure, hasOutput: true), route, agent)
        return error
    }

    /// Takes down what an attempt says about its login.
    func note(_ outcome: AttemptOutcome, _ route: FailoverRoute, _ agent: AgentID) async {
        if case .failed(let failure, let hasOutput) = outcome {
            logger.debug(
                "An attempt failed",
                metadata: [
                    LogKey.model: "\(route.model)", LogKey.reason: "\(failure.reasonText)",
                    "login": "\(route.login)", "begun": "\(hasOutput)",
                ])
        }
        guard let note = outcome.note, case .profile(let profile) = route.login else { return }
        await recorder.record(
            ProfileCall(
                agent: agent, profile: profile, model: route.model.model, outcome: note, endedAt: now()))
    }

    // MARK: Surroundings

    func surroundings(of agent: AgentID, _ deadline: Deadline) async -> FailoverStateMachine.Surroundings {
        let recent = await recorder.recentUsage(for: agent)
        let time = now()
        let windows = LoginWindows(
            evaluators.evaluator(at: time).effectiveStore(for: agent).overlaying(usage: recent), at: time)
        return FailoverStateMachine.Surroundings(
            now: time, isOutOfTime: deadline.hasPassed, window: { windows[$0] },
            claimProbe: { probes.claim($0, at: time, interval: policy.probeInterval) })
    }

    static let unspoken = AttemptFailure(
        judgement: .failure(.modelNotFound), message: "The model's API is not spoken any more.")

    private static func unexpected(_ error: any Error) -> AttemptFailure {
        AttemptFailure(judgement: .failure(.unclassified), message: "The call failed: \(type(of: error)).")
    }
}

/// Whose turn it was to ask a provider in spite of its rest, for all requests of a gateway.
final class SharedProbes: Sendable {
    private let ledger = Mutex(ProbeLedger())

    func claim(_ provider: ProviderID, at now: Timestamp, interval: Duration) -> Bool {
        ledger.withLock { $0.claim(provider, at: now, interval: interval) }
    }

    /// Whether the turn could be taken, without taking it.
    func isFree(_ provider: ProviderID, at now: Timestamp, interval: Duration) -> Bool {
        ledger.withLock { $0.isFree(provider, at: now, interval: interval) }
    }
}
