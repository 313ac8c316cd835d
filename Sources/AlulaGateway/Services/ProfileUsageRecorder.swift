import AlulaAuth
import AlulaConfiguration
import AlulaCredentials
import AlulaPrimitives
import AlulaSystem
import Logging

/// Records how calls with stored logins end: answers go by it at once, the files follow.
///
/// What a file says is changed and not replaced, so that what other programs record meanwhile stays. Until a warm has
/// read the change back, the scheduler holds it over the store. A disk that refuses is tried again; what is known
/// stays in force as long as the gateway runs.
actor ProfileUsageRecorder: ProfileUsageRecording {
    /// When a profile was last used is written together with the next change that matters, or after this.
    static let quietPause = Duration.seconds(5)
    /// Pauses before a store that refused is tried again.
    static let retryPauses: [Duration] = [.seconds(1), .seconds(5), .seconds(30)]
    /// Stores that are written at once.
    private static let maximumWrites = 8
    /// Calls that wait for a disk, for each profile; more would not change what is recorded in the end.
    private static let maximumCalls = 64

    /// What is known about a profile beyond what its store says.
    private struct Entry {
        var calls: [NotedCall] = []
        var usage: ProfileUsage
        var revision: UInt64 = 0
        var isHeld = false
    }

    private let editor: StoreEditor
    private let scheduler: WarmScheduler
    private let prepared: PreparedAuthSource
    private let states: LoadedStateSource
    private let evaluators: EvaluatorSource
    private let clock: any Clock<Duration>
    private let logger: Logger
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    private var entries: [StoreID: [ProfileID: Entry]] = [:]
    private var revision: UInt64 = 0
    /// Stores that have to be written, in order.
    private var due: [StoreID] = []
    private var writing: Set<StoreID> = []
    /// Stores that are written after a pause.
    private var resting: Set<StoreID> = []
    /// Stores in which only a time of use changed.
    private var quiet: Set<StoreID> = []
    private var failures: [StoreID: Int] = [:]
    /// Stores whose writing nobody waits for any more; it goes on by itself.
    private var abandoned: Set<StoreID> = []

    init(
        editor: StoreEditor, scheduler: WarmScheduler, prepared: PreparedAuthSource, states: LoadedStateSource,
        clock: any Clock<Duration>, logger: Logger
    ) {
        self.editor = editor
        self.scheduler = scheduler
        self.prepared = prepared
        self.states = states
        evaluators = EvaluatorSource(states: states, prepared: prepared)
        self.clock = clock
        self.logger = logger
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func record(_ call: ProfileCall) async {
        guard let facts = prepared.edition?.prepared.facts, let place = place(of: call, facts) else { return }
        let policy = CooldownPolicy(states.edition.state.configuration.auth.cooldowns)
        var news: [(store: StoreID, usage: ProfileUsage, revision: UInt64)] = []
        var isDue = false
        for store in place.stores {
            let known = facts.stores[store]?.fact?.usage[call.profile] ?? ProfileUsage()
            var entry = entries[store]?[call.profile] ?? Entry(usage: known)
            let before = entry.usage
            let isNews = entry.usage.record(call, provider: place.provider, policy: policy)
            guard entry.usage != before else { continue }
            revision += 1
            entry.revision = revision
            entry.calls.append(
                NotedCall(
                    call: call, provider: place.provider, policy: policy, isBorrowed: place.isBorrowed,
                    revision: revision))
            entry.calls.removeFirst(max(0, entry.calls.count - Self.maximumCalls))
            entry.isHeld = entry.isHeld || isNews
            entries[store, default: [:]][call.profile] = entry
            if isNews {
                news.append((store, entry.usage, revision))
                want(store)
                isDue = true
            } else if !resting.contains(store) {
                // One that rests is written at the end of its rest, with this in it.
                quiet.insert(store)
                isDue = true
            }
        }
        if isDue { signal.yield() }
        let trigger: WarmStatus.Trigger = call.outcome == .success ? .profileRecovery : .profileFailure
        for (store, usage, revision) in news {
            await scheduler.hold(usage, of: call.profile, in: store, revision: revision, trigger: trigger)
        }
    }

    func recentUsage(for agent: AgentID) -> [ProfileID: ProfileUsage] {
        let context = states.edition.state.context
        let own = context.agents.first { $0.id == agent }?.store ?? context.mainStore
        var usage = (entries[context.mainStore] ?? [:]).mapValues(\.usage)
        if own != context.mainStore {
            usage.merge((entries[own] ?? [:]).mapValues(\.usage)) { _, own in own }
        }
        return usage
    }

    /// Writes until the surrounding task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await _ in signals {
                while writing.count < Self.maximumWrites, let index = due.firstIndex(where: { !writing.contains($0) }) {
                    let store = due.remove(at: index)
                    writing.insert(store)
                    quiet.remove(store)
                    group.addTask { await self.write(store) }
                }
                for store in quiet where resting.insert(store).inserted {
                    group.addTask { await self.rest(store, for: Self.quietPause) }
                }
                quiet = []
            }
        }
    }

    /// Writes once what still waits, for a gateway that stops.
    func drain() async {
        await withDiscardingTaskGroup { group in
            for (store, profiles) in entries where profiles.values.contains(where: { !$0.calls.isEmpty }) {
                guard failures[store] == nil, !abandoned.contains(store) else { continue }
                group.addTask { await self.writeOnce(store) }
            }
        }
    }

    // MARK: Writing

    /// Has `store` written; one that rests after a failure is left alone until then.
    private func want(_ store: StoreID) {
        guard failures[store] == nil, !due.contains(store) else { return }
        due.append(store)
    }

    private func rest(_ store: StoreID, for pause: Duration) async {
        do { try await clock.sleep(for: pause) } catch { return }
        resting.remove(store)
        if !due.contains(store) { due.append(store) }
        signal.yield()
    }

    private func write(_ store: StoreID) async {
        let written = await writeOnce(store)
        writing.remove(store)
        signal.yield()
        if let failed = failures[store] {
            await rest(store, for: Self.retryPauses[min(failed, Self.retryPauses.count) - 1])
        } else if !written.isEmpty {
            await settle(written, in: store)
        }
    }

    /// - Returns: The revisions that are in the file now.
    @discardableResult
    private func writeOnce(_ store: StoreID) async -> [ProfileID: UInt64] {
        let batch = (entries[store] ?? [:]).filter { !$0.value.calls.isEmpty }
        guard !batch.isEmpty else {
            failures[store] = nil
            return [:]
        }
        do {
            try await editor.record(batch.mapValues(\.calls), in: store)
        } catch is CancellationError {
            abandoned.insert(store)
            return [:]
        } catch let error as CredentialError where error.code == .storeReadOnly {
            // It stays in memory, which is all that the owner wants.
            for id in batch.keys { entries[store]?[id]?.calls = [] }
            return [:]
        } catch {
            let count = (failures[store] ?? 0) + 1
            failures[store] = count
            if count == 1 {
                logger.warning(
                    "What became of calls could not be recorded; it stays in force and is tried again",
                    metadata: [LogKey.errorCause: "\(StoreEditor.reason(error))"])
            }
            return [:]
        }
        failures[store] = nil
        var written: [ProfileID: UInt64] = [:]
        for (id, entry) in batch {
            entries[store]?[id]?.calls.removeAll { $0.revision <= entry.revision }
            written[id] = entry.revision
        }
        return written
    }

    /// Lets the scheduler believe the file again, once it has been read with the change in it.
    private func settle(_ written: [ProfileID: UInt64], in store: StoreID) async {
        let held = written.filter { entries[store]?[$0.key]?.isHeld == true }
        var attempt = 0
        while !held.isEmpty {
            await scheduler.refresh(.fileChange, dirt: .source(.store(store)))
            if await scheduler.status.failedAttempts == 0 { break }
            do {
                try await clock.sleep(for: Self.retryPauses[min(attempt, Self.retryPauses.count - 1)])
            } catch { return }
            attempt += 1
        }
        for (id, revision) in written {
            if held[id] != nil { await scheduler.letGo(of: id, in: store, revision: revision) }
            // Something newer has its own turn.
            guard entries[store]?[id]?.revision == revision else { continue }
            entries[store]?[id] = nil
            if entries[store]?.isEmpty == true { entries[store] = nil }
        }
    }

    // MARK: Places

    /// Where a profile's usage is recorded.
    private struct Place {
        var provider: ProviderID
        var stores: [StoreID]
        var isBorrowed: Bool
    }

    /// The store that owns the login: an inherited one rests for all agents, because the account does. An agent's own
    /// record of an inherited login hides the main store's, so it is kept up as well.
    private func place(of call: ProfileCall, _ facts: AuthFacts) -> Place? {
        let evaluator = evaluators.evaluator(at: call.endedAt)
        let main = evaluator.context.mainStore
        let own = evaluator.context.agents.first { $0.id == call.agent }?.store ?? main
        let ownFact = own == main ? nil : facts.stores[own]?.fact
        guard let profile = evaluator.effectiveStore(for: call.agent).profiles[call.profile] else { return nil }
        let owner = profile.owner == .agent ? own : main
        let isBorrowed = if case .tool = profile.owner { true } else { false }
        let isHidden = owner != own && ownFact?.usage[call.profile] != nil
        return Place(
            provider: profile.fact.provider, stores: isHidden ? [owner, own] : [owner], isBorrowed: isBorrowed)
    }
}
