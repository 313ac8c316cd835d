import AlulaAuth
import AlulaConfiguration
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaServer
import AlulaState
import AlulaSystem
import AlulaTestSupport
import Synchronization
import Testing

@testable import AlulaGateway

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

struct StateKeeperTests {
    @Test(.timeLimit(.minutes(1))) func theFirstWarmReadsEverySource() async throws {
        let bench = try KeeperBench("{}")
        await bench.keeper.start()
        let plan = try #require(await bench.nextPlan())
        #expect(plan.items == bench.keeper.source.current.inputs(knowing: nil).items)
        #expect(await bench.nextEnded()?.outcome == .ok)
    }

    @Test(.timeLimit(.minutes(1)), .bug(id: "117411")) func heartbeatsStartNoWarm() async throws {
        let bench = try KeeperBench("{agents: {defaults: {heartbeat: {every: '1m'}}}}")
        await bench.keeper.start()
        _ = await bench.nextEnded()
        try bench.scene.write("{agents: {defaults: {heartbeat: {every: '5m'}}}}", to: "state/openclaw.json")
        await bench.keeper.reload(.reload)
        let status = await bench.scheduler.status
        #expect(status.runningSince == nil)
        #expect(status.generation == 1)
    }

    @Test(.timeLimit(.minutes(1))) func tellsOfChangedFilesOfDevices() async throws {
        let heard = AsyncStream<Void>.makeStream()
        let bench = try KeeperBench("{}", devicesChanged: { heard.continuation.yield() })
        await bench.keeper.start()
        try await bench.watching {
            try bench.scene.write("{}", to: "state/devices/paired.json")
            for await _ in heard.stream { break }
        }
    }

    // upstream: 10.6 1: a reload warms with the new settings, and the newest ones win
    @Test(.timeLimit(.minutes(1))) func theNewestSettingsWin() async throws {
        let bench = try KeeperBench("{}")
        await bench.keeper.start()
        _ = await bench.nextEnded()
        try bench.scene.write("{agents: {list: [{id: 'main'}, {id: 'one'}]}}", to: "state/openclaw.json")
        await bench.keeper.reload(.reload)
        try bench.scene.write("{agents: {list: [{id: 'main'}, {id: 'two'}]}}", to: "state/openclaw.json")
        await bench.keeper.reload(.reload)
        let newest = bench.keeper.source.current.context
        #expect(newest.agents.map(\.id) == ["main", "two"])
        while bench.prepared.current?.context != newest { _ = await bench.nextEnded() }
        #expect(bench.prepared.current?.answer("groq", for: "two") != nil)
        #expect(bench.prepared.current?.answer("groq", for: "one") == nil)
    }

    // upstream: 10.9 reload: an invalid file is handled
    @Test(.timeLimit(.minutes(1))) func anUnreadableConfigurationChangesNoAnswer() async throws {
        let bench = try KeeperBench("{agents: {list: [{id: 'main'}, {id: 'one'}]}}")
        await bench.keeper.start()
        _ = await bench.nextEnded()
        try bench.scene.write("{agents: ", to: "state/openclaw.json")
        await bench.keeper.reload(.reload)
        #expect(bench.keeper.source.current.isUnreadable)
        #expect(bench.keeper.source.current.context.agents.map(\.id) == ["main", "one"])
        #expect(await bench.scheduler.status.generation == 1)
    }

    // upstream: 10.5 3: a stopped side part does not stop the warm; a recorded failure warms again
    @Test(.timeLimit(.minutes(1))) func aRecordedFailureWarmsAgainAlthoughNoHelperAnswers() async throws {
        // Nothing runs the helpers' service here: the one that is wanted never answers.
        let bench = try KeeperBench(
            """
            {secrets: {providers: {vault: {source: 'exec', command: '/bin/true'}}},
             models: {providers: {mine: {baseUrl: 'http://127.0.0.1:1/v1', models: [],
                      apiKey: {source: 'exec', provider: 'vault', id: 'a'}}}}}
            """)
        try bench.scene.store(#""groq:a":{"type":"api_key","provider":"groq","key":"sk-fake"}"#)
        await bench.keeper.start()
        _ = await bench.nextPlan()
        #expect(await bench.nextEnded()?.outcome == .ok)
        #expect(bench.prepared.current?.answer("groq", for: .main)?.isAvailable == true)
        #expect(bench.prepared.current?.answer("mine", for: .main)?.isAvailable == false)

        let until = bench.now.advanced(by: .seconds(60)).milliseconds
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await bench.keeper.run() }
            try bench.scene.write(
                #"{"version":1,"usageStats":{"groq:a":{"cooldownUntil":\#(until),"cooldownReason":"overloaded","errorCount":1}}}"#,
                to: "state/agents/main/agent/auth-state.json")
            while bench.prepared.current?.answer("groq", for: .main)?.isAvailable == true {
                try #require(await bench.nextEnded() != nil)
            }
            bench.watcher.stop()
            group.cancelAll()
        }
        #expect(bench.prepared.current?.answer("mine", for: .main)?.isAvailable == false)
    }

    // MARK: Reloading

    private func agents(_ ids: String..., mode: String? = nil) -> String {
        let list = (["main"] + ids).map { "{id: '\($0)'}" }.joined(separator: ", ")
        let reload = mode.map { ", gateway: {reload: {mode: '\($0)'}}" } ?? ""
        return "{agents: {list: [\(list)]}\(reload)}"
    }

    @Test(.timeLimit(.minutes(1)), arguments: [("off", false), ("hot", true), ("hybrid", true), ("restart", true)])
    func aChangedFileIsReadUnlessReloadingIsOff(mode: String, isRead: Bool) async throws {
        let bench = try KeeperBench(agents("one", mode: mode))
        await bench.keeper.start()
        _ = await bench.nextEnded()
        try await bench.watching {
            try bench.scene.write(agents("two", mode: mode), to: "state/openclaw.json")
            // Stores are followed in every mode. Changes are told in their order, so that after the second of these
            // the change of the configuration has been dealt with.
            for key in ["groq", "mistral"] {
                try bench.scene.store(#""\#(key):a":{"type":"api_key","provider":"\#(key)","key":"sk-fake"}"#)
                try await bench.warms { $0?.answer(ProviderID(key), for: .main)?.isAvailable == true }
            }
        }
        let ids = bench.keeper.source.current.context.agents.map(\.id)
        #expect(ids == (isRead ? ["main", "two"] : ["main", "one"]))
    }

    @Test(.timeLimit(.minutes(1))) func othersLearnWhatTheConfigurationSaysNowAndWhatThatTouches() async throws {
        let heard = Mutex<[(level: LoggingSettings.Level, effects: Set<ReloadPlan.Effect>)]>([])
        let bench = try KeeperBench("{logging: {level: 'info'}}") { state, effects in
            heard.withLock { $0.append((state.configuration.logging.level, effects)) }
        }
        try bench.scene.write("{logging: {level: 'debug'}}", to: "state/openclaw.json")
        await bench.keeper.reload(.reload)
        _ = await bench.keeper.reloadSecrets()
        // What can't be read changes nothing that others go by.
        try bench.scene.write("{logging: {level: 'error'", to: "state/openclaw.json")
        await bench.keeper.reload(.reload)
        let (levels, effects) = heard.withLock { ($0.map(\.level), $0.map(\.effects)) }
        #expect(levels == [.debug, .debug, .debug])
        #expect(effects == [[.logging], [.secrets], []])
    }

    @Test(.timeLimit(.minutes(1))) func whoeverAsksIsServedThoughReloadingIsOff() async throws {
        let bench = try KeeperBench(agents("one", mode: "off"))
        await bench.keeper.start()
        _ = await bench.nextEnded()
        try bench.scene.write(agents("two", mode: "off"), to: "state/openclaw.json")
        _ = await bench.keeper.reloadSecrets()
        #expect(bench.keeper.source.current.context.agents.map(\.id) == ["main", "two"])
    }

    @Test(.timeLimit(.minutes(1))) func aBlankFileIsBelievedAtTheSecondLook() async throws {
        let bench = try KeeperBench(agents("one"))
        await bench.keeper.start()
        _ = await bench.nextEnded()
        try await bench.watching {
            try bench.scene.write("", to: "state/openclaw.json")
            await bench.clock.sleeper(for: StateKeeper.retryPause)
            #expect(bench.keeper.source.current.context.agents.map(\.id) == ["main", "one"])
            #expect(bench.keeper.source.current.isUnreadable)
            bench.clock.advance(by: StateKeeper.retryPause)
            try await bench.warms { $0?.context.agents.map(\.id) == ["main"] }
        }
        #expect(!bench.keeper.source.current.isUnreadable)
    }

    @Test(.timeLimit(.minutes(1))) func aHalfWrittenFileIsReadAgainThoughNobodyTellsOfTheRest() async throws {
        let bench = try KeeperBench(agents("one"))
        await bench.keeper.start()
        _ = await bench.nextEnded()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await bench.keeper.run() }
            try bench.scene.write("{agents: {list: [{id: 'main'}, {id: 't", to: "state/openclaw.json")
            await bench.clock.sleeper(for: StateKeeper.retryPause)
            #expect(bench.keeper.source.current.isUnreadable)
            // From here on no change is told.
            bench.watcher.stop()
            try bench.scene.write(agents("two"), to: "state/openclaw.json")
            bench.clock.advance(by: StateKeeper.retryPause - .milliseconds(1))
            #expect(bench.keeper.source.current.isUnreadable)
            bench.clock.advance(by: .milliseconds(1))
            // The keeper ends with the watcher, after its second look.
            try await group.waitForAll()
        }
        #expect(bench.keeper.source.current.context.agents.map(\.id) == ["main", "two"])
    }

    /// Of two looks at a file that is written again and again both may meet a moment in which it is not whole.
    @Test(.timeLimit(.minutes(1))) func aFileThatIsEmptyAtTheSecondLookAloneIsNotBelieved() async throws {
        let bench = try KeeperBench(agents("one"))
        await bench.keeper.start()
        _ = await bench.nextEnded()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await bench.keeper.run() }
            try bench.scene.write("{agents: {list: [{id: 'main'}, {id: 't", to: "state/openclaw.json")
            await bench.clock.sleeper(for: StateKeeper.retryPause)
            // From here on no change is told.
            bench.watcher.stop()
            try bench.scene.write("", to: "state/openclaw.json")
            bench.clock.advance(by: StateKeeper.retryPause)
            await bench.clock.sleeper(for: StateKeeper.retryPause)
            #expect(bench.keeper.source.current.context.agents.map(\.id) == ["main", "one"])
            try bench.scene.write(agents("two"), to: "state/openclaw.json")
            bench.clock.advance(by: StateKeeper.retryPause)
            try await group.waitForAll()
        }
        #expect(bench.keeper.source.current.context.agents.map(\.id) == ["main", "two"])
    }

    @Test(.timeLimit(.minutes(1))) func whoeverAsksInTheMomentInWhichTheFileIsEmptyEmptiesNothing() async throws {
        let bench = try KeeperBench(agents("one"))
        await bench.keeper.start()
        _ = await bench.nextEnded()
        try bench.scene.write("", to: "state/openclaw.json")
        await bench.keeper.reload(.secrets)
        #expect(bench.keeper.source.current.context.agents.map(\.id) == ["main", "one"])
    }

    // MARK: Pointers

    @Test(.timeLimit(.minutes(1))) func pointersThatAStoreHoldsAreFollowedOnceTheyAreKnown() async throws {
        let bench = try KeeperBench("{secrets: {providers: {files: {source: 'file', path: '~/secrets.json'}}}}")
        try bench.scene.write(#"{"groq":"sk-fake"}"#, to: "secrets.json")
        try bench.scene.store(
            #"""
            "groq:a":{"type":"api_key","provider":"groq","keyRef":{"source":"file","provider":"files","id":"/groq"}},
            "xai:a":{"type":"api_key","provider":"xai","keyRef":{"source":"file","provider":"files","id":"/none"}}
            """#)
        await bench.keeper.start()
        func wanted(_ plan: GatherPlan?) -> [String]? {
            plan?.items.lazy.compactMap { if case .secretFile(_, _, _, _, let ids) = $0 { ids } else { nil } }.first
        }
        #expect(wanted(await bench.nextPlan()) == [])
        #expect(wanted(await bench.nextPlan()) == ["/groq", "/none"])
        try await bench.warms { $0?.answer("groq", for: .main)?.isAvailable == true }
        #expect(
            bench.prepared.current?.answer("xai", for: .main) == .unavailable(.unresolvedReference, until: nil))
    }

    // MARK: Helpers

    @Test(.timeLimit(.minutes(1))) func aHelperThatHangsIsTheReasonInTheAnswer() async throws {
        let scene = try Installation()
        let gate = scene.path("gate")
        try #require(mkfifo(gate, 0o600) == 0)
        let helper = try scene.write("#!/bin/sh\nread line <'\(gate)'\n", to: "helper", mode: 0o700)
        let bench = try KeeperBench(
            """
            {secrets: {providers: {vault: {source: 'exec', command: '\(helper)', allowInsecurePath: true, timeoutMs: 1}}},
             models: {providers: {mine: {baseUrl: 'http://127.0.0.1:1/v1', models: [],
                      apiKey: {source: 'exec', provider: 'vault', id: 'a'}}}}}
            """)
        await bench.keeper.start()
        _ = await bench.nextEnded()
        #expect(bench.prepared.current?.answer("mine", for: .main) == .unknown(.helperPending))
        try await bench.askingHelpers {
            try await bench.warms { $0?.answer("mine", for: .main) == .unknown(.helperTimedOut) }
        }
        let caller = Caller(
            connectionID: "c", client: nil, role: .operator, scopes: [.admin], isDirectLocal: true, version: .four)
        let answer = try await bench.operations().modelsStatus(ModelsStatusQuery(caller: caller))
        #expect(String(decoding: answer.serialized(.compact), as: UTF8.self).contains("helper_timed_out"))
    }
}
