import AlulaPrimitives
import AlulaTestSupport
import Synchronization
import Testing

@testable import AlulaAuth

struct WarmSchedulerTests {
    // upstream: 10.1 5, 10.1 14, 10.5 1
    @Test func publishesAWholeSnapshotAndServesItFromMemory() async throws {
        let bench = Bench()
        await bench.scheduler.update(bench.inputs, trigger: .start)
        try await bench.answer([.store(bench.main, .found(bench.store("openai"), version: .one))])
        let prepared = try #require(await bench.nextPublished())
        #expect(prepared.answer("openai", for: .main)?.isAvailable == true)
        #expect(prepared.answer("groq", for: .main) == .unavailable(.noLogin, until: nil))
        #expect(bench.source.current?.generation == prepared.generation)
        #expect(bench.gatherer.calls == 1)
    }

    // upstream: 10.1 12
    @Test(.bug(id: "B02")) func readersKeepTheLastAnswerWhileANewerOneIsMade() async throws {
        let bench = Bench()
        await bench.scheduler.update(bench.inputs, trigger: .start)
        try await bench.answer([.store(bench.main, .found(bench.store("openai"), version: .one))])
        _ = await bench.nextPublished()
        await bench.scheduler.request(.logout, dirt: .source(.store(bench.main)))
        await bench.gatherer.waitForCall(2)
        #expect(bench.source.current?.answer("openai", for: .main)?.isAvailable == true)
        try await bench.answer([.store(bench.main, .absent)])
        let after = try #require(await bench.nextPublished())
        #expect(after.answer("openai", for: .main) == .unavailable(.noLogin, until: nil))
    }

    // upstream: 10.1 13, 10.1 17, 10.1 18
    @Test(.bug(id: "B02")) func aReloadStopsTheRunningWarmWhichNeverPublishes() async throws {
        let bench = Bench()
        await bench.scheduler.update(bench.inputs, trigger: .start)
        await bench.gatherer.waitForCall(1)
        var changed = bench.inputs
        changed.context.providerIDs = ["openai"]
        await bench.scheduler.update(changed, trigger: .reload)
        await bench.gatherer.waitForCancellation()
        try await bench.answer([.store(bench.main, .found(bench.store("openai"), version: .one))])
        let published = try #require(await bench.nextPublished())
        #expect(published.generation == 3)
        #expect(published.agents[.main]?.providers == ["openai"])
    }

    @Test func aFailureLeavesTheAnswerAndIsTriedAgain() async throws {
        let bench = Bench()
        await bench.scheduler.update(bench.inputs, trigger: .start)
        try await bench.answer([.store(bench.main, .found(bench.store("openai"), version: .one))])
        _ = await bench.nextPublished()
        await bench.scheduler.request(.fileChange, dirt: .source(.store(bench.main)))
        await bench.gatherer.waitForCall(2)
        bench.gatherer.fail(GatherError(.exited, "The worker ended with code 1."))
        let result = try #require(await bench.nextEnded { $0.outcome == .failed })
        #expect(result.errorCode == "worker_exited")
        #expect(bench.source.current?.answer("openai", for: .main)?.isAvailable == true)
        #expect(await bench.scheduler.status.failedAttempts == 1)
        await bench.clock.sleepers(atLeast: 1)
        bench.advance(by: .seconds(1))
        await bench.gatherer.waitForCall(3)
        #expect(await bench.scheduler.status.runningTrigger == .retry)
    }

    @Test func anAnswerChangesByItselfWhenItsWindowEnds() async throws {
        let bench = Bench()
        var store = bench.store("openai")
        store.usage["openai:default"] = ProfileUsage(
            cooldownUntil: bench.now.advanced(by: .seconds(30)), cooldownReason: .rateLimit, errorCount: 1)
        await bench.scheduler.update(bench.inputs, trigger: .start)
        try await bench.answer([.store(bench.main, .found(store, version: .one))])
        let cooling = try #require(await bench.nextPublished())
        #expect(
            cooling.answer("openai", for: .main)
                == .unavailable(.coolingDown, until: bench.now.advanced(by: .seconds(30))))
        await bench.clock.sleepers(atLeast: 1)
        bench.advance(by: .seconds(30))
        let warm = try #require(await bench.nextPublished())
        #expect(warm.answer("openai", for: .main)?.isAvailable == true)
        // Nothing was read for it.
        #expect(bench.gatherer.calls == 1)
    }

    @Test func aWindowThatAClockSetForwardEndsIsNoticedWithinASecond() async throws {
        let bench = Bench()
        var store = bench.store("openai")
        store.usage["openai:default"] = ProfileUsage(
            cooldownUntil: bench.now.advanced(by: .seconds(3600)), cooldownReason: .rateLimit, errorCount: 1)
        await bench.scheduler.update(bench.inputs, trigger: .start)
        try await bench.answer([.store(bench.main, .found(store, version: .one))])
        let cooling = try #require(await bench.nextPublished())
        #expect(cooling.answer("openai", for: .main)?.isAvailable == false)
        await bench.clock.sleepers(atLeast: 1)
        bench.setWallClock(aheadBy: .seconds(3600))
        bench.advance(by: .seconds(1))
        let warm = try #require(await bench.nextPublished())
        #expect(warm.answer("openai", for: .main)?.isAvailable == true)
    }

    @Test func aClockSetBackBeforeAWindowEndsLetsItGoOn() async throws {
        let bench = Bench()
        var store = bench.store("openai")
        let end = bench.now.advanced(by: .seconds(1))
        store.usage["openai:default"] = ProfileUsage(
            cooldownUntil: end, cooldownReason: .rateLimit, errorCount: 1)
        await bench.scheduler.update(bench.inputs, trigger: .start)
        try await bench.answer([.store(bench.main, .found(store, version: .one))])
        _ = try #require(await bench.nextPublished())
        await bench.clock.sleepers(atLeast: 1)
        bench.setWallClock(aheadBy: .seconds(-1))
        bench.advance(by: .seconds(1))
        // It sleeps again instead of weighing what has not changed.
        await bench.clock.sleepers(atLeast: 1)
        #expect(await bench.scheduler.status.generation == 1)
        bench.advance(by: .seconds(1))
        let warm = try #require(await bench.nextPublished())
        #expect(warm.answer("openai", for: .main)?.isAvailable == true)
    }

    @Test(.bug(id: "B74")) func aSourceThatSeemsBrokenIsLookedAtTwice() async throws {
        let bench = Bench()
        await bench.scheduler.update(bench.inputs, trigger: .start)
        try await bench.answer([.store(bench.main, .found(bench.store("openai"), version: .one))])
        _ = await bench.nextPublished()
        await bench.scheduler.request(.fileChange, dirt: .source(.store(bench.main)))
        let problem = SourceProblem(.malformed, "Half of it.", remedy: "Wait.")
        try await bench.answer([.store(bench.main, .failed(problem))], call: 2)
        await bench.clock.sleepers(atLeast: 1)
        bench.advance(by: WarmScheduler.confirmationPause)
        try await bench.answer([.store(bench.main, .found(bench.store("groq"), version: .two))], call: 3)
        let published = try #require(await bench.nextPublished())
        #expect(published.answer("groq", for: .main)?.isAvailable == true)
    }

    @Test func aHelpersAnswerIsWeighedWithoutReadingAnything() async throws {
        let bench = Bench()
        var inputs = bench.inputs
        let reference = SecretReference(source: .helper, provider: "vault", id: "groq/key")
        inputs.context.secretProviders["vault"] = .init(source: .helper)
        inputs.context.providers["groq"] = .init(id: "groq", key: .reference(reference))
        await bench.scheduler.update(inputs, trigger: .start)
        try await bench.answer([.store(bench.main, .absent)])
        let before = try #require(await bench.nextPublished())
        #expect(before.answer("groq", for: .main) == .unknown(.helperPending))
        await bench.scheduler.helperAnswered(
            alias: "vault", .found(SecretSourceFact(ids: ["groq/key": .present]), version: .one), trigger: .secrets)
        let after = try #require(await bench.nextPublished())
        #expect(after.answer("groq", for: .main)?.isAvailable == true)
        #expect(bench.gatherer.calls == 1)
    }

    // upstream: 10.5 4
    @Test func startsNothingAfterItWasStopped() async throws {
        let bench = Bench()
        await bench.scheduler.update(bench.inputs, trigger: .start)
        await bench.gatherer.waitForCall(1)
        await bench.scheduler.stop()
        await bench.gatherer.waitForCancellation()
        await bench.scheduler.request(.profileFailure, dirt: .everything)
        #expect(bench.gatherer.calls == 1)
        #expect(bench.source.current == nil)
    }

    @Test func servesTheRestoredSnapshotUntilTheFirstWarmEnds() async throws {
        let facts = AuthFacts()
        let bench = Bench(
            restored: PreparedAuth(
                generation: 17, preparedAt: Timestamp(milliseconds: 1), gathering: .persisted, isStale: true,
                context: Bench.context, facts: facts,
                agents: [.main: AgentAnswers(shared: ["openai": .unavailable(.expired, until: nil)])],
                nextChange: nil))
        #expect(bench.source.current?.answer("openai", for: .main) == .unavailable(.expired, until: nil))
        #expect(await bench.scheduler.status.isServingStale)
        await bench.scheduler.update(bench.inputs, trigger: .start)
        try await bench.answer([.store(bench.main, .absent)])
        let published = try #require(await bench.nextPublished())
        #expect(published.generation == 18)
        #expect(!published.isStale)
    }

    // upstream: 10.7 3
    @Test func aRefreshReturnsWhenWhatItAskedForWasRead() async throws {
        let bench = Bench()
        await bench.scheduler.update(bench.inputs, trigger: .start)
        await bench.gatherer.waitForCall(1)
        let scheduler = bench.scheduler
        async let refreshed: Void = scheduler.refresh(.request, dirt: .everything)
        while await !scheduler.machineCoversMore { await Task.yield() }
        try await bench.answer([.store(bench.main, .absent)], call: 1)
        _ = await bench.nextPublished()
        try await bench.answer([.store(bench.main, .found(bench.store("groq"), version: .one))], call: 2)
        await refreshed
        #expect(bench.source.current?.answer("groq", for: .main)?.isAvailable == true)
    }

    @Test(.timeLimit(.minutes(1)), .bug(id: "5", "A logout waited for two warms of a worker that was stopped"))
    func aRefreshWaitsForAHangingWarmNoLongerThanItWants() async throws {
        let bench = Bench()
        await bench.scheduler.update(bench.inputs, trigger: .start)
        await bench.gatherer.waitForCall(1)
        let scheduler = bench.scheduler
        async let refreshed: Void = scheduler.refresh(.logout, dirt: .everything, waitingAtMost: .seconds(3))
        while await !scheduler.machineCoversMore { await Task.yield() }
        await bench.clock.sleepers(atLeast: 1)
        bench.advance(by: .seconds(3))
        await refreshed
        #expect(bench.gatherer.calls == 1)
        #expect(bench.source.current == nil)
        // What was asked for is read all the same.
        try await bench.answer([.store(bench.main, .absent)], call: 1)
        _ = await bench.nextPublished()
        try await bench.answer([.store(bench.main, .found(bench.store("groq"), version: .one))], call: 2)
        _ = await bench.nextPublished()
        #expect(bench.source.current?.answer("groq", for: .main)?.isAvailable == true)
    }

    @Test func sameSettingsAgainDoNothing() async throws {
        let bench = Bench()
        await bench.scheduler.update(bench.inputs, trigger: .start)
        try await bench.answer([.store(bench.main, .absent)])
        _ = await bench.nextPublished()
        await bench.scheduler.update(bench.inputs, trigger: .reload)
        #expect(await bench.scheduler.status.runningSince == nil)
        #expect(await bench.scheduler.status.generation == 1)
    }
}

extension FactVersion {
    fileprivate static let one = FactVersion(rawValue: 1)
    fileprivate static let two = FactVersion(rawValue: 2)
}

/// What people call the time: it goes with a manual clock, and can be set.
private final class WallClock: Sendable {
    let offset = Mutex(Duration.zero)
    private let clock: ManualClock

    init(clock: ManualClock) { self.clock = clock }

    var now: Timestamp {
        Timestamp(milliseconds: 1_780_000_000_000).advanced(by: clock.now.offset + offset.withLock { $0 })
    }
}

/// A scheduler on a manual clock whose sources answer when the test says so.
private final class Bench: Sendable {
    static let mainStore = StoreID("/state/agents/main/agent")
    static let context = AuthContext(
        agents: [.init(id: .main, store: mainStore, workspace: "/work")], defaultAgent: .main, mainStore: mainStore,
        providerIDs: ["openai", "groq"])

    let clock: ManualClock
    let source = PreparedAuthSource()
    let gatherer = ScriptedGatherer()
    let main = Bench.mainStore
    let inputs = WarmInputs(
        context: Bench.context, environment: EnvironmentFact(),
        items: [.store(Bench.mainStore, legacyOAuthPath: nil, sharedDatabasePath: nil)])
    let scheduler: WarmScheduler
    private let observer = RecordingObserver()
    private let wallClock: WallClock

    init(restored: PreparedAuth? = nil) {
        clock = ManualClock()
        wallClock = WallClock(clock: clock)
        let wallClock = wallClock
        scheduler = WarmScheduler(
            source: source, gatherer: gatherer, observer: observer, offloading: Inline(), clock: clock,
            now: { wallClock.now }, jitter: { 0 }, restored: restored)
    }

    var now: Timestamp { wallClock.now }

    func setWallClock(aheadBy offset: Duration) { wallClock.offset.withLock { $0 = offset } }

    func advance(by duration: Duration) { clock.advance(by: duration) }

    func store(_ provider: ProviderID) -> StoreFact {
        StoreFact(
            origin: .profiles,
            profiles: [
                .standard(for: provider): ProfileFact(provider: provider, kind: .apiKey, inlineDigest: .one)
            ])
    }

    func answer(_ readings: [SourceReading], call: Int? = nil) async throws {
        await gatherer.waitForCall(call ?? gatherer.calls)
        await gatherer.answer(readings)
    }

    func nextPublished() async -> PreparedAuth? { await observer.nextPublished() }

    func nextEnded(where matches: (WarmStatus.Result) -> Bool) async -> WarmStatus.Result? {
        while let result = await observer.nextEnded() { if matches(result) { return result } }
        return nil
    }

    private struct Inline: ComputeOffloading {
        func compute<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async throws -> Value { work() }
    }
}

/// A gatherer that waits for the test.
private final class ScriptedGatherer: FactGathering {
    private struct State {
        var calls = 0
        var open: CheckedContinuation<GatheredFacts, any Error>?
        var cancellations = 0
    }

    private let state = Mutex(State())
    private let called = AsyncStream<Void>.makeStream()
    private let cancelled = AsyncStream<Void>.makeStream()

    var calls: Int { state.withLock { $0.calls } }

    func gather(_ plan: GatherPlan, deadline: Deadline) async throws -> GatheredFacts {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                state.withLock { state in
                    state.calls += 1
                    state.open = continuation
                }
                called.continuation.yield()
            }
        } onCancel: {
            take()?.resume(throwing: CancellationError())
            cancelled.continuation.yield()
        }
    }

    func waitForCall(_ number: Int) async {
        var signals = called.stream.makeAsyncIterator()
        while calls < number { _ = await signals.next() }
    }

    func waitForCancellation() async {
        var signals = cancelled.stream.makeAsyncIterator()
        _ = await signals.next()
    }

    /// Answers the gathering under way, waiting for one to begin.
    func answer(_ readings: [SourceReading]) async {
        var signals = called.stream.makeAsyncIterator()
        while true {
            if let open = take() {
                open.resume(returning: GatheredFacts(readings: readings, gathering: .worker))
                return
            }
            _ = await signals.next()
        }
    }

    func fail(_ error: GatherError) { take()?.resume(throwing: error) }

    private func take() -> CheckedContinuation<GatheredFacts, any Error>? {
        state.withLock { state in
            defer { state.open = nil }
            return state.open
        }
    }
}

/// Remembers what the scheduler reported, in order.
private final class RecordingObserver: WarmObserving {
    private let published = AsyncStream<PreparedAuth>.makeStream()
    private let ended = AsyncStream<WarmStatus.Result>.makeStream()

    func warmStarted(_ start: WarmStateMachine.Start) async {}
    func warmEnding(_ start: WarmStateMachine.Start) async -> Double? { nil }

    func warmEnded(_ result: WarmStatus.Result, generation: UInt64, status: WarmStatus) async {
        ended.continuation.yield(result)
    }

    func published(_ prepared: PreparedAuth, changes: [AuthChange]) async {
        published.continuation.yield(prepared)
    }

    func nextPublished() async -> PreparedAuth? {
        var iterator = published.stream.makeAsyncIterator()
        return await iterator.next()
    }

    func nextEnded() async -> WarmStatus.Result? {
        var iterator = ended.stream.makeAsyncIterator()
        return await iterator.next()
    }
}
