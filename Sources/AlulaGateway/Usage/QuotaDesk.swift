import AlulaAuth
import AlulaInference
import AlulaModels
import AlulaPrimitives
import AlulaProviders
import Logging

/// Asks providers how much of an account's allowance is used, when somebody wants to know: all at once, each once for all who
/// want to know meanwhile, and not again while an answer is new.
actor QuotaDesk {
    /// How long answers count, and how long they may take.
    struct Policy: Sendable {
        /// How long a provider may take, its login included.
        var patience = Duration.milliseconds(3500)
        /// How long an answer is new.
        var freshness = Duration.seconds(60)
        /// How long a failure is, unless the provider wants more.
        var rest = Duration.seconds(15)
        /// What a provider may want at most.
        var maximumRest = Duration.seconds(600)
    }

    /// What the desk asks with.
    struct Parts: Sendable {
        let states: LoadedStateSource
        let evaluators: EvaluatorSource
        let table: QuotaTable
        let endpoint: any QuotaEndpoint
        let now: @Sendable () -> Timestamp
        /// The clock that the age of an answer is measured by.
        var instant: @Sendable () -> ContinuousClock.Instant = { .now }
        let logger: Logger
    }

    private struct Kept {
        let question: QuotaQuestion
        let row: QuotaReport.Row
        let until: ContinuousClock.Instant
    }

    /// What came of asking.
    private struct Outcome: Sendable {
        let answer: QuotaReport.Answer
        /// How long it counts.
        let lifetime: Duration
    }

    private let parts: Parts
    private let policy: Policy
    private var kept: [ProviderID: Kept] = [:]
    /// Each ends within the policy's patience.
    private var asking: [QuotaQuestion: Task<QuotaReport.Row, Never>] = [:]

    init(_ parts: Parts, policy: Policy = Policy()) {
        self.parts = parts
        self.policy = policy
    }

    /// What all providers say that have an account with an allowance.
    func report() async -> QuotaReport {
        let items = items()
        let rows = await withTaskGroup(of: (Int, QuotaReport.Row).self) { group in
            for (place, item) in items.enumerated() { group.addTask { (place, await self.row(item)) } }
            var rows: [(Int, QuotaReport.Row)] = []
            for await row in group { rows.append(row) }
            return rows
        }
        return QuotaReport(rows.sorted { $0.0 < $1.0 }.map(\.1), now: parts.now())
    }

    /// What is known already and new. Nobody is asked.
    func known() -> [ProviderID: ProviderQuota] {
        guard !kept.isEmpty else { return [:] }
        var quotas: [ProviderID: ProviderQuota] = [:]
        for item in items() {
            if case .known(let quota)? = newRow(for: item.question)?.answer { quotas[item.question.provider] = quota }
        }
        return quotas
    }

    private func items() -> [QuotaPlanner.Item] {
        QuotaPlanner(
            state: parts.states.current, evaluators: parts.evaluators, table: parts.table, now: parts.now()
        ).items
    }

    private func newRow(for question: QuotaQuestion) -> QuotaReport.Row? {
        guard let kept = kept[question.provider], kept.question == question, parts.instant() < kept.until else {
            return nil
        }
        return kept.row
    }

    private func row(_ item: QuotaPlanner.Item) async -> QuotaReport.Row {
        if let row = newRow(for: item.question) { return row }
        if let task = asking[item.question] { return await task.value }
        // Claimed before the first wait. It is shared, so no caller's leaving ends it; its patience does.
        let task = Task { await self.ask(item) }
        asking[item.question] = task
        return await task.value
    }

    private func ask(_ item: QuotaPlanner.Item) async -> QuotaReport.Row {
        let question = item.question
        let outcome = await Self.outcome(of: question, parts, policy)
        let row = QuotaReport.Row(
            provider: question.provider, displayName: item.displayName, answer: outcome.answer, at: parts.now())
        kept[question.provider] = Kept(
            question: question, row: row, until: parts.instant().advanced(by: outcome.lifetime))
        asking[question] = nil
        return row
    }

    private static func outcome(of question: QuotaQuestion, _ parts: Parts, _ policy: Policy) async -> Outcome {
        let deadline = Deadline.after(policy.patience)
        let timely = await withTaskGroup(of: Outcome?.self) { group in
            // Whatever opens the login has bounds of its own, which may be later than ours.
            group.addTask {
                await Abandonable.value { await asked(question, parts, policy, until: deadline) }
            }
            group.addTask {
                // A cancelled wait is one that nobody needs any more.
                do { try await Task.sleep(until: deadline.instant, clock: .continuous) } catch {}
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        return timely ?? Outcome(answer: .failed("The provider did not say its quota in time."), lifetime: policy.rest)
    }

    private static func asked(
        _ question: QuotaQuestion, _ parts: Parts, _ policy: Policy, until deadline: Deadline
    ) async -> Outcome {
        do {
            return Outcome(
                answer: .known(try await parts.endpoint.quota(question, until: deadline)), lifetime: policy.freshness)
        } catch let failure as AttemptFailure {
            parts.logger.debug(
                "A quota could not be read",
                metadata: [LogKey.provider: "\(question.provider)", LogKey.reason: "\(failure.message)"])
            let rest = max(policy.rest, min(failure.retryAfter ?? .zero, policy.maximumRest))
            return Outcome(answer: .failed(failure.message), lifetime: rest)
        } catch {
            return Outcome(answer: .failed("The quota could not be asked for."), lifetime: policy.rest)
        }
    }
}

extension QuotaTable {
    /// The built-in providers, or those that a server on this machine plays.
    ///
    /// - Returns: `nil` for a server that may not.
    static func inForce(_ variable: (String) -> String?) -> QuotaTable? {
        guard let text = variable(LocalServer.variable)?.trimmed(), !text.isEmpty else { return .builtIn }
        return LocalServer(text).map { QuotaTable.builtIn.played(by: $0) }
    }
}
