import AlulaPrimitives
import Testing

@testable import AlulaAuth

struct WarmStateMachineTests {
    private let storeA = FactSource.store(StoreID("/agents/a"))
    private let storeB = FactSource.store(StoreID("/agents/b"))
    private let start = Timestamp(milliseconds: 1_780_000_000_000)

    private func result(_ outcome: WarmStatus.Outcome = .ok) -> WarmStatus.Result {
        WarmStatus.Result(
            outcome: outcome, trigger: .start, endedAt: start, durationMilliseconds: 5, gathering: .worker)
    }

    private func after(_ duration: Duration) -> Timestamp { start.advanced(by: duration) }

    @Test func startsAtOnceWhenIdle() {
        var machine = WarmStateMachine(generation: 41)
        let action = machine.requested(.start, dirt: .everything, supersedes: false, at: start)
        #expect(action == .start(.init(generation: 42, trigger: .start, dirt: .everything)))
        #expect(machine.status.runningSince == start)
    }

    // upstream: 10.5 5 (two hooks, one re-warm)
    @Test func runsOnceForAllThatArrivesMeanwhile() {
        var machine = WarmStateMachine()
        _ = machine.requested(.start, dirt: .everything, supersedes: false, at: start)
        #expect(machine.requested(.fileChange, dirt: .source(storeA), supersedes: false, at: start) == nil)
        #expect(machine.requested(.profileFailure, dirt: .source(storeB), supersedes: false, at: start) == nil)
        let next = machine.succeeded(
            generation: 1, result: result(), timedOut: [], windowEndsAt: nil, jitter: 0, at: after(.milliseconds(9)))
        #expect(
            next == .start(.init(generation: 2, trigger: .fileChange, dirt: WarmDirt(sources: [storeA, storeB]))))
    }

    // upstream: 10.1 11, 10.1 18 (a newer warm wins)
    @Test(.bug(id: "B02")) func aSupersededWarmMayNotPublishAndItsWorkIsDoneAgain() {
        var machine = WarmStateMachine()
        _ = machine.requested(.fileChange, dirt: .source(storeA), supersedes: false, at: start)
        #expect(machine.mayPublish(1))
        let action = machine.requested(.reload, dirt: .source(storeB), supersedes: true, at: start)
        #expect(action == .cancel(generation: 1))
        #expect(!machine.mayPublish(1))
        let late = machine.succeeded(
            generation: 1, result: result(), timedOut: [], windowEndsAt: nil, jitter: 0, at: start)
        #expect(late == nil)
        let next = machine.cancelled(generation: 1, at: start)
        #expect(
            next == .start(.init(generation: 3, trigger: .reload, dirt: WarmDirt(sources: [storeA, storeB]))))
    }

    /// Somebody writes the configuration again and again, faster than a warm of many agents ends.
    @Test func aStormOfReloadsPutsAnAnswerOffForALimitedTime() {
        var machine = WarmStateMachine()
        _ = machine.requested(.fileChange, dirt: .source(storeA), supersedes: false, at: start)
        var cancelled: [Int64] = []
        for pause in stride(from: Int64(0), through: 1000, by: 50) {
            let now = after(.milliseconds(pause))
            let action = machine.requested(.reload, dirt: .evaluationOnly, supersedes: true, at: now)
            guard case .cancel(let generation) = action else { continue }
            cancelled.append(pause)
            _ = machine.cancelled(generation: generation, at: now)
        }
        #expect(cancelled == [0, 50, 100, 150, 200])

        // The one that was let be publishes, and what came meanwhile runs after it, with everything that it was about.
        let generation = machine.status.generation
        #expect(machine.mayPublish(generation))
        let next = machine.succeeded(
            generation: generation, result: result(), timedOut: [], windowEndsAt: nil, jitter: 0, at: after(.seconds(2))
        )
        #expect(
            next == .start(.init(generation: generation + 1, trigger: .reload, dirt: WarmDirt(sources: [storeA]))))
        // From then on a change counts at once again.
        let again = machine.requested(.reload, dirt: .evaluationOnly, supersedes: true, at: after(.seconds(3)))
        #expect(again == .cancel(generation: generation + 1))
    }

    @Test func aClockThatIsSetBackDoesNotHoldUpTheNextAttempt() {
        var machine = WarmStateMachine()
        _ = machine.requested(.start, dirt: .source(storeA), supersedes: false, at: start)
        _ = machine.failed(generation: 1, result: result(.failed), jitter: 0, at: start)
        // Not yet, by a clock that goes as it should.
        #expect(machine.timePassed(at: after(.milliseconds(500))) == nil)
        let retry = machine.timePassed(at: after(.seconds(-172_800)))
        #expect(retry == .start(.init(generation: 2, trigger: .retry, dirt: .source(storeA))))
    }

    @Test func nothingStartsBesideAWarmThatIsStillEnding() {
        var machine = WarmStateMachine()
        _ = machine.requested(.start, dirt: .everything, supersedes: false, at: start)
        _ = machine.requested(.reload, dirt: .evaluationOnly, supersedes: true, at: start)
        #expect(machine.requested(.login, dirt: .source(storeA), supersedes: false, at: start) == nil)
        #expect(machine.cancelled(generation: 1, at: start) != nil)
    }

    @Test(arguments: [(0, 1000), (1, 5000), (2, 30_000), (3, 30_000), (9, 30_000)])
    func waitsLongerAfterEachFailure(_ failuresBefore: Int, _ expectedMilliseconds: Int64) throws {
        var machine = WarmStateMachine()
        var now = start
        _ = machine.requested(.start, dirt: .everything, supersedes: false, at: now)
        for _ in 0...failuresBefore {
            let running = machine.status.generation
            _ = machine.failed(generation: running, result: result(.failed), jitter: 0, at: now)
            guard machine.status.failedAttempts <= failuresBefore else { break }
            now = try #require(machine.status.nextRetryAt)
            #expect(machine.timePassed(at: now) != nil)
        }
        let retry = try #require(machine.status.nextRetryAt)
        #expect(retry.duration(since: now).milliseconds == expectedMilliseconds)
    }

    @Test func aFailedWarmIsTriedAgainWithAllThatItWasAbout() {
        var machine = WarmStateMachine()
        _ = machine.requested(.fileChange, dirt: .source(storeA), supersedes: false, at: start)
        _ = machine.failed(generation: 1, result: result(.failed), jitter: 0.5, at: start)
        #expect(machine.timePassed(at: after(.milliseconds(1099))) == nil)
        #expect(
            machine.timePassed(at: after(.milliseconds(1100)))
                == .start(.init(generation: 2, trigger: .retry, dirt: .source(storeA))))
    }

    @Test func aRequestDuringTheRetryPauseTakesTheFailedSourcesAlong() {
        var machine = WarmStateMachine()
        _ = machine.requested(.fileChange, dirt: .source(storeA), supersedes: false, at: start)
        _ = machine.failed(generation: 1, result: result(.failed), jitter: 0, at: start)
        let next = machine.requested(
            .fileChange, dirt: .source(storeB), supersedes: false, at: after(.milliseconds(150)))
        #expect(
            next == .start(.init(generation: 2, trigger: .fileChange, dirt: WarmDirt(sources: [storeA, storeB]))))
        #expect(machine.status.nextRetryAt == nil)
    }

    private func machineAfterAFileChange() -> WarmStateMachine {
        var machine = WarmStateMachine()
        _ = machine.requested(.fileChange, dirt: .source(storeA), supersedes: false, at: start)
        _ = machine.succeeded(
            generation: 1, result: result(), timedOut: [], windowEndsAt: nil, jitter: 0, at: after(.milliseconds(9)))
        return machine
    }

    @Test func warmsForChangedFilesKeepTheirDistance() {
        var machine = machineAfterAFileChange()
        for (source, pause) in [(storeA, 10), (storeB, 149)] {
            let early = machine.requested(
                .fileChange, dirt: .source(source), supersedes: false, at: after(.milliseconds(pause)))
            #expect(early == nil)
        }
        #expect(machine.nextWake == after(.milliseconds(150)))
        #expect(machine.coveringGeneration == 2)
        #expect(
            machine.timePassed(at: after(.milliseconds(150)))
                == .start(.init(generation: 2, trigger: .fileChange, dirt: WarmDirt(sources: [storeA, storeB]))))
        #expect(machine.nextWake == nil)
    }

    @Test func aChangedFileWaitsForItsDistanceWhenAWarmEndsToo() {
        var machine = WarmStateMachine()
        _ = machine.requested(.fileChange, dirt: .source(storeA), supersedes: false, at: start)
        _ = machine.requested(.fileChange, dirt: .source(storeB), supersedes: false, at: after(.milliseconds(5)))
        #expect(machine.nextWake == nil)
        let atTheEnd = machine.succeeded(
            generation: 1, result: result(), timedOut: [], windowEndsAt: nil, jitter: 0, at: after(.milliseconds(9)))
        #expect(atTheEnd == nil)
        #expect(machine.nextWake == after(.milliseconds(150)))
        #expect(machine.timePassed(at: after(.milliseconds(150))) != nil)
    }

    @Test func whoeverAsksEndsTheWaitOfChangedFiles() {
        var machine = machineAfterAFileChange()
        _ = machine.requested(.fileChange, dirt: .source(storeA), supersedes: false, at: after(.milliseconds(10)))
        #expect(
            machine.requested(.request, dirt: .source(storeB), supersedes: false, at: after(.milliseconds(11)))
                == .start(.init(generation: 2, trigger: .fileChange, dirt: WarmDirt(sources: [storeA, storeB]))))
    }

    @Test func aClockThatWentBackHoldsNoChangedFileUp() {
        var machine = machineAfterAFileChange()
        #expect(
            machine.requested(.fileChange, dirt: .source(storeA), supersedes: false, at: after(.seconds(-3600)))
                != nil)
        #expect(machine.nextWake == nil)
    }

    @Test func weighsAgainWhenAWindowEnds() {
        var machine = WarmStateMachine()
        _ = machine.requested(.start, dirt: .everything, supersedes: false, at: start)
        _ = machine.succeeded(
            generation: 1, result: result(), timedOut: [], windowEndsAt: after(.seconds(30)), jitter: 0, at: start)
        #expect(machine.nextWake == after(.seconds(30)))
        #expect(
            machine.timePassed(at: after(.seconds(30)))
                == .start(.init(generation: 2, trigger: .windowEnd, dirt: .evaluationOnly)))
        #expect(machine.nextWake == nil)
    }

    @Test(.bug(id: "B03")) func aSlowSourceIsReadAgainLaterAndNeverDelaysAnother() {
        var machine = WarmStateMachine()
        _ = machine.requested(.start, dirt: .everything, supersedes: false, at: start)
        _ = machine.succeeded(
            generation: 1, result: result(), timedOut: [storeA], windowEndsAt: nil, jitter: 0, at: start)
        let retry = machine.timePassed(at: after(.seconds(1)))
        #expect(retry == .start(.init(generation: 2, trigger: .retry, dirt: .source(storeA))))
        // While only the slow source is being read, a change elsewhere goes first.
        let urgent = machine.requested(.fileChange, dirt: .source(storeB), supersedes: false, at: after(.seconds(1)))
        #expect(urgent == .cancel(generation: 2))
    }

    @Test func staleLastsUntilTheFirstSuccessAndComesBackWithAFailure() {
        var machine = WarmStateMachine()
        #expect(machine.status.isServingStale)
        _ = machine.requested(.start, dirt: .everything, supersedes: false, at: start)
        _ = machine.succeeded(
            generation: 1, result: result(), timedOut: [], windowEndsAt: nil, jitter: 0, at: start)
        #expect(!machine.status.isServingStale)
        _ = machine.requested(.fileChange, dirt: .source(storeA), supersedes: false, at: start)
        _ = machine.failed(generation: 2, result: result(.failed), jitter: 0, at: start)
        #expect(machine.status.isServingStale)
        #expect(machine.status.failedAttempts == 1)
    }

    @Test func anOldResultChangesNothing() {
        var machine = WarmStateMachine()
        _ = machine.requested(.start, dirt: .everything, supersedes: false, at: start)
        #expect(
            machine.succeeded(
                generation: 7, result: result(), timedOut: [], windowEndsAt: nil, jitter: 0, at: start) == nil)
        #expect(machine.mayPublish(1))
    }
}
