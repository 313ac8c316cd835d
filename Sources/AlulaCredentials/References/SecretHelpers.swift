package import AlulaPrimitives
package import AlulaSystem

/// Runs helper programs: one at a time for each alias, a few at a time in all, and not at once again after a failure.
///
/// Whoever asks while a helper runs waits for that run, or for the next one with everybody else who came meanwhile.
/// So however often somebody asks, processes do not pile up.
package actor SecretHelpers {
    /// What a helper said, or why it said nothing.
    package typealias Outcome = Result<[String: Result<Secret, SecretResolutionError>], SecretResolutionError>

    private struct Run {
        let ids: Set<String>
        let task: Task<Outcome, Never>
    }

    private struct Failure {
        var count: Int
        var error: SecretResolutionError
        var retryAt: ContinuousClock.Instant
    }

    /// How long a helper rests after its first, second, … failure in a row.
    private static let rests: [Duration] = [.seconds(1), .seconds(5), .seconds(30), .seconds(60)]
    /// What the pool adds to a helper's own deadline, for ending the process.
    private static let slack = Duration.seconds(5)

    private let pool: BlockingPool
    private let limits: SecretResolutionLimits
    private let now: @Sendable () -> ContinuousClock.Instant

    private var running: [String: Run] = [:]
    /// What those want who wait for a run to end, by alias.
    private var wanted: [String: Set<String>] = [:]
    /// How many callers a running helper keeps waiting.
    private(set) var waitingCallers = 0
    private var failures: [String: Failure] = [:]
    private var freeSlots: Int
    /// At most one for each alias.
    private var slotQueue: [CheckedContinuation<Void, Never>] = []

    /// Makes a runner whose helpers run on `pool`; `now` is monotonic.
    package init(
        pool: BlockingPool, limits: SecretResolutionLimits = .init(),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        self.pool = pool
        self.limits = limits
        self.now = now
        freeSlots = limits.maximumConcurrency
    }

    /// Asks the helper behind `alias`.
    ///
    /// - Parameters:
    ///   - variables: The environment from which the command's own is taken.
    ///   - retriesNow: Whether the rest after a failure is cut short, because a person asked or the settings changed.
    package func ask(
        _ alias: String, command: SecretHelperCommand, ids: Set<String>, variables: [String: Secret],
        retriesNow: Bool = false
    ) async -> Outcome {
        guard !ids.isEmpty else { return .success([:]) }
        guard ids.count <= limits.maximumReferencesPerProvider else {
            return .failure(
                SecretResolutionError(
                    .limitExceeded,
                    "\"\(alias)\" is asked for more secrets than secrets.resolution.maxRefsPerProvider allows."))
        }
        while let run = running[alias] {
            if ids.isSubset(of: run.ids) { return await answer(of: run).limited(to: ids) }
            wanted[alias, default: []].formUnion(ids)
            _ = await answer(of: run)
        }
        if let failure = failures[alias], !retriesNow, now() < failure.retryAt {
            wanted[alias] = nil
            return .failure(failure.error)
        }

        var batch = ids.union(wanted.removeValue(forKey: alias) ?? [])
        if batch.count > limits.maximumReferencesPerProvider { batch = ids }
        let helper = SecretHelperRun(
            alias: alias, command: command, ids: batch.sorted(), maximumBatch: limits.maximumBatch, variables: variables
        )
        // Claimed before the first `await`, so that the next caller finds it. The run is shared: no caller's
        // cancellation ends it, the deadline inside does.
        let task = Task { await self.perform(helper) }
        let run = Run(ids: batch, task: task)
        running[alias] = run
        return await answer(of: run).limited(to: ids)
    }

    /// Forgets earlier failures, because the settings changed.
    package func forgetFailures() { failures = [:] }

    /// Aliases whose helper runs, or waits to.
    package var busyAliases: Set<String> { Set(running.keys) }

    private func answer(of run: Run) async -> Outcome {
        waitingCallers += 1
        defer { waitingCallers -= 1 }
        return await run.task.value
    }

    private func perform(_ helper: SecretHelperRun) async -> Outcome {
        await takeSlot()
        let outcome: Outcome
        do {
            let answer = try await pool.run("secret helper", deadline: .after(helper.timeout + Self.slack)) {
                try helper.perform()
            }
            outcome = .success(answer)
        } catch let error as SecretResolutionError {
            outcome = .failure(error)
        } catch let error as SystemError {
            outcome = .failure(
                SecretResolutionError(
                    error.code == .deadlineExceeded ? .timedOut : .helperFailed,
                    "The helper of \"\(helper.alias)\" could not be run. \(error.message)"))
        } catch {
            outcome = .failure(
                SecretResolutionError(.helperFailed, "The helper of \"\(helper.alias)\" was not waited for."))
        }
        releaseSlot()
        record(outcome, of: helper.alias)
        running[helper.alias] = nil
        return outcome
    }

    private func record(_ outcome: Outcome, of alias: String) {
        guard case .failure(let error) = outcome else {
            failures[alias] = nil
            return
        }
        let count = (failures[alias]?.count ?? 0) + 1
        let rest = Self.rests[min(count, Self.rests.count) - 1]
        failures[alias] = Failure(count: count, error: error, retryAt: now().advanced(by: rest))
    }

    private func takeSlot() async {
        guard freeSlots == 0 else {
            freeSlots -= 1
            return
        }
        // Whoever gives a slot back hands it over, so the count stays as it is.
        await withCheckedContinuation { slotQueue.append($0) }
    }

    private func releaseSlot() {
        guard slotQueue.isEmpty else {
            slotQueue.removeFirst().resume()
            return
        }
        freeSlots += 1
    }
}

extension SecretHelpers.Outcome {
    /// The part that one of several callers asked for.
    fileprivate func limited(to ids: Set<String>) -> SecretHelpers.Outcome {
        map { answer in answer.filter { ids.contains($0.key) } }
    }
}
