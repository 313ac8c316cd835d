import AlulaAuth
import AlulaConfiguration
import AlulaPrimitives
import AlulaState
import AlulaSystem
import Testing

@testable import AlulaGateway

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
}
