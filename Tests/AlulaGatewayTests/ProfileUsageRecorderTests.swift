import AlulaAuth
import AlulaConfiguration
import AlulaJSON
import AlulaPrimitives
import AlulaSystem
import AlulaTestSupport
import Logging
import Testing

@testable import AlulaGateway

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

@Suite(.timeLimit(.minutes(1))) struct ProfileUsageRecorderTests {
    private let stateFile = "state/agents/main/agent/auth-state.json"
    private let groq = #""groq:a":{"type":"api_key","provider":"groq","key":"sk-fake"}"#

    private func bench(_ configuration: String = "{}", store: String? = nil) async throws -> KeeperBench {
        let bench = try KeeperBench(configuration)
        try bench.scene.store(store ?? groq)
        await bench.keeper.start()
        _ = await bench.nextEnded()
        return bench
    }

    private func recorder(_ bench: KeeperBench, isReadOnly: Bool = false) -> ProfileUsageRecorder {
        ProfileUsageRecorder(
            editor: bench.editor(isReadOnly: isReadOnly), scheduler: bench.scheduler, prepared: bench.prepared,
            states: bench.keeper.source, clock: bench.clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func call(
        _ outcome: ProfileCall.Outcome, _ bench: KeeperBench, after: Duration = .zero, agent: AgentID = .main,
        profile: ProfileID = "groq:a", model: ModelID? = nil
    ) -> ProfileCall {
        ProfileCall(
            agent: agent, profile: profile, model: model, outcome: outcome, endedAt: bench.now.advanced(by: after))
    }

    private func usage(_ bench: KeeperBench, of profile: String = "groq:a") throws -> JSONValue? {
        try JSONValue.parse(bench.scene.read(stateFile))["usageStats"]?[profile]
    }

    /// Runs `recorder` while `body` does.
    private func running(_ recorder: ProfileUsageRecorder, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await recorder.run() }
            try await body()
            group.cancelAll()
        }
    }

    /// Returns when the answer for `provider` is `reason`, or available for `nil`.
    private func reaches(_ reason: UnavailableReason?, _ bench: KeeperBench, agent: AgentID = .main) async throws {
        try await bench.warms { prepared in
            switch prepared?.answer("groq", for: agent) {
            case .available: reason == nil
            case .unavailable(let found, _): found == reason
            case .unknown, nil: false
            }
        }
    }

    /// Returns when a warm has read a file that was written. Whoever writes asks for it.
    private func settles(_ bench: KeeperBench) async throws {
        while try #require(await bench.nextEnded()).trigger != .fileChange {}
    }

    @Test func aFailureIsInTheAnswerBeforeAnythingIsWritten() async throws {
        let bench = try await bench()
        // Nobody writes here.
        await recorder(bench).record(call(.failure(.overloaded), bench))
        try await reaches(.coolingDown, bench)
        #expect(
            bench.prepared.current?.answer("groq", for: .main)
                == .unavailable(.coolingDown, until: bench.now.advanced(by: .seconds(30))))
        #expect(bench.scheduler.statusSource.current.lastResult?.trigger == .profileFailure)
        #expect(try !bench.scene.fingerprint().keys.contains(stateFile))
    }

    @Test func theFileFollowsAndSuccessClearsBoth() async throws {
        let bench = try await bench()
        let recorder = recorder(bench)
        try await running(recorder) {
            await recorder.record(call(.failure(.overloaded), bench))
            try await settles(bench)
            let until = bench.now.advanced(by: .seconds(30))
            #expect(try usage(bench)?["cooldownUntil"] == .number(until.milliseconds))
            #expect(try usage(bench)?["cooldownReason"] == "overloaded")
            #expect(bench.prepared.current?.answer("groq", for: .main) == .unavailable(.coolingDown, until: until))

            await recorder.record(call(.success, bench, after: .seconds(1)))
            try await settles(bench)
            #expect(bench.prepared.current?.answer("groq", for: .main)?.isAvailable == true)
            #expect(try usage(bench)?["cooldownUntil"] == nil)
            #expect(try usage(bench)?["lastUsed"] == .number(bench.now.advanced(by: .seconds(1)).milliseconds))
            #expect(try JSONValue.parse(bench.scene.read(stateFile))["lastGood"]?["groq"] == "groq:a")
        }
    }

    @Test func aSecondFailureWithinAWindowMovesItNotAndOneAfterItIsTheFirstAgain() async throws {
        let bench = try await bench()
        let recorder = recorder(bench)
        await recorder.record(call(.failure(.overloaded), bench))
        await recorder.record(call(.failure(.overloaded), bench, after: .seconds(10)))
        try await reaches(.coolingDown, bench)
        await recorder.drain()
        #expect(try usage(bench)?["cooldownUntil"] == .number(bench.now.advanced(by: .seconds(30)).milliseconds))
        #expect(try usage(bench)?["errorCount"] == 2)
        await recorder.record(call(.failure(.overloaded), bench, after: .seconds(31)))
        await recorder.drain()
        #expect(try usage(bench)?["cooldownUntil"] == .number(bench.now.advanced(by: .seconds(61)).milliseconds))
        #expect(try usage(bench)?["errorCount"] == 1)
    }

    @Test func aRateLimitIsForOneModelUntilAnotherMeetsIt() async throws {
        let bench = try await bench()
        let recorder = recorder(bench)
        await recorder.record(call(.failure(.rateLimit), bench, model: "one"))
        await recorder.drain()
        #expect(try usage(bench)?["cooldownModel"] == "one")
        #expect(bench.prepared.current?.answer("groq", for: .main)?.isAvailable == true)
        await recorder.record(call(.failure(.rateLimit), bench, model: "two"))
        try await reaches(.coolingDown, bench)
    }

    @Test func theProvidersOwnWordCounts() async throws {
        let bench = try await bench()
        let until = bench.now.advanced(by: .seconds(7200))
        await recorder(bench).record(call(.allowanceUsedUp(until: until, source: "wham"), bench))
        try await reaches(.usageLimit, bench)
        #expect(bench.prepared.current?.answer("groq", for: .main) == .unavailable(.usageLimit, until: until))
    }

    @Test func whatOtherProgramsWroteMeanwhileSurvives() async throws {
        let bench = try await bench()
        let recorder = recorder(bench)
        await recorder.record(call(.failure(.overloaded), bench))
        try bench.scene.store(groq + #","xai:b":{"type":"api_key","provider":"xai","key":"sk-fake-new"}"#)
        try bench.scene.write(
            #"{"version":1,"order":{"groq":["groq:a"]},"usageStats":{"xai:b":{"errorCount":4},"groq:a":{"lastUsed":7,"mine":1}},"other":[1]}"#,
            to: stateFile)
        await recorder.drain()
        let document = try JSONValue.parse(bench.scene.read(stateFile))
        #expect(document["order"]?["groq"] == ["groq:a"])
        #expect(document["other"] == [1])
        #expect(document["usageStats"]?["xai:b"]?["errorCount"] == 4)
        #expect(document["usageStats"]?["groq:a"]?["mine"] == 1)
        #expect(document["usageStats"]?["groq:a"]?["errorCount"] == 1)
        #expect(try bench.scene.read("state/agents/main/agent/auth-profiles.json").contains("sk-fake-new"))
    }

    @Test func aProfileThatWasRemovedMeanwhileLeavesNothing() async throws {
        let bench = try await bench()
        let recorder = recorder(bench)
        await recorder.record(call(.failure(.overloaded), bench))
        try bench.scene.store("")
        await recorder.drain()
        #expect(try !bench.scene.fingerprint().keys.contains(stateFile))
        await recorder.record(call(.failure(.overloaded), bench, profile: "nobody:x"))
    }

    @Test func anInheritedLoginRestsForAllAgents() async throws {
        let bench = try await bench("{agents: {list: [{id: 'main'}, {id: 'one'}, {id: 'two'}]}}")
        let recorder = recorder(bench)
        await recorder.record(call(.failure(.billing), bench, agent: "one"))
        try await reaches(.billingDisabled, bench, agent: "two")
        #expect(bench.prepared.current?.answer("groq", for: "one")?.isAvailable == false)
        await recorder.drain()
        #expect(try usage(bench)?["disabledReason"] == "billing")
    }

    @Test(arguments: [("groq", 120), ("xai", 7200)])
    func theSettingsOfTheMomentCount(provider: String, minutes: Int64) async throws {
        let profile = ProfileID("\(provider):a")
        let bench = try await bench(
            store: groq + #","xai:a":{"type":"api_key","provider":"xai","key":"sk-fake"}"#)
        let recorder = recorder(bench)
        try bench.scene.write(
            "{auth: {cooldowns: {billingBackoffHours: 2, billingBackoffHoursByProvider: {xai: 120}, billingMaxHours: 200}}}",
            to: "state/openclaw.json")
        await bench.keeper.reload(.reload)
        await recorder.record(call(.failure(.billing), bench, profile: profile))
        await recorder.drain()
        let until = bench.now.advanced(by: .seconds(minutes * 60)).milliseconds
        #expect(try usage(bench, of: profile.rawValue)?["disabledUntil"] == .number(until))
    }

    @Test func everySettingIsHandedOver() throws {
        let scene = try Installation(
            """
            {auth: {cooldowns: {billingBackoffHours: 1, billingBackoffHoursByProvider: {xai: 2}, billingMaxHours: 3,
              authPermanentBackoffMinutes: 4, authPermanentMaxMinutes: 5, failureWindowHours: 6,
              overloadedProfileRotations: 7, overloadedBackoffMs: 8, rateLimitedProfileRotations: 9}}}
            """)
        let wanted = CooldownPolicy(
            billingBackoff: .seconds(3600), billingBackoffByProvider: ["xai": .seconds(7200)],
            billingMaximum: .seconds(3 * 3600), authPermanentBackoff: .seconds(240),
            authPermanentMaximum: .seconds(300), failureWindow: .seconds(6 * 3600), overloadedProfileRotations: 7,
            overloadedBackoff: .milliseconds(8), rateLimitedProfileRotations: 9)
        #expect(CooldownPolicy(scene.load().configuration.auth.cooldowns) == wanted)
        #expect(CooldownPolicy(CooldownSettings()) == .standard)
    }

    // MARK: Disks that refuse

    /// The state file's place is taken by a directory, so that nothing can be written there, not even by root.
    @Test func aDiskThatRefusesIsTriedAgainAndTheAnswerStays() async throws {
        let bench = try await bench()
        let path = bench.scene.path(stateFile)
        try #require(mkdir(path, 0o700) == 0)
        let recorder = recorder(bench)
        try await running(recorder) {
            await recorder.record(call(.failure(.overloaded), bench))
            try await reaches(.coolingDown, bench)
            // It rests after the first attempt.
            await bench.clock.sleepers(atLeast: 2)
            try #require(rmdir(path) == 0)
            bench.clock.advance(by: ProfileUsageRecorder.retryPauses[0])
            try await settles(bench)
            #expect(try usage(bench)?["errorCount"] == 1)
            #expect(bench.prepared.current?.answer("groq", for: .main)?.isAvailable == false)
        }
    }

    @Test func aReadOnlyStoreIsLeftAloneAndTheAnswerCountsAllTheSame() async throws {
        let bench = try await bench()
        let recorder = recorder(bench, isReadOnly: true)
        await recorder.record(call(.failure(.overloaded), bench))
        try await reaches(.coolingDown, bench)
        await recorder.drain()
        #expect(try !bench.scene.fingerprint().keys.contains(stateFile))
        #expect(bench.prepared.current?.answer("groq", for: .main)?.isAvailable == false)
    }

    // MARK: Quiet successes

    @Test func aTimeOfUseIsWrittenLaterAndWarmsNothing() async throws {
        let bench = try await bench()
        let recorder = recorder(bench)
        let generation = bench.prepared.current?.generation
        try await running(recorder) {
            await recorder.record(call(.success, bench))
            await bench.clock.sleepers(atLeast: 1)
            let written = try bench.scene.fingerprint()
            #expect(!written.keys.contains(stateFile))
            #expect(bench.prepared.current?.generation == generation)
        }
        await recorder.drain()
        #expect(try usage(bench)?["lastUsed"] == .number(bench.now.milliseconds))
    }
}
