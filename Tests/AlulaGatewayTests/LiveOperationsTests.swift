import AlulaAuth
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaServer
import Testing

@testable import AlulaGateway

struct LiveOperationsTests {
    private let caller = Caller(
        connectionID: "c", client: nil, role: .operator, scopes: [.admin], isDirectLocal: true, version: .four)
    private let key = #""groq:a":{"type":"api_key","provider":"groq","key":"sk-fake"}"#
    private let store = "state/agents/main/agent/auth-profiles.json"

    @Test(.timeLimit(.minutes(1))) func signingOutRemovesTheLoginAndWarms() async throws {
        let bench = try KeeperBench("{}")
        try bench.scene.store(key)
        await bench.keeper.start()
        _ = await bench.nextEnded()
        #expect(bench.prepared.current?.answer("groq", for: .main)?.isAvailable == true)
        let answer = try await bench.operations().authLogout(AuthLogoutQuery(caller: caller, provider: "groq"))
        #expect(answer["removedProfiles"] == ["groq:a"])
        #expect(answer["abortedRunIds"] == [])
        #expect(bench.prepared.current?.answer("groq", for: .main)?.isAvailable == false)
    }

    // upstream: 10.7 22: a failed removal aborts nothing
    @Test(.timeLimit(.minutes(1))) func aRefusedSignOutIsUnavailableAndChangesNothing() async throws {
        let bench = try KeeperBench("{}")
        try bench.scene.store(key)
        await bench.keeper.start()
        _ = await bench.nextEnded()
        let operations = bench.operations(isReadOnly: true)
        let error = await #expect(throws: GatewayError.self) {
            try await operations.authLogout(AuthLogoutQuery(caller: caller, provider: "groq"))
        }
        #expect(error?.code == .unavailable)
        #expect(try bench.scene.read(store).contains("groq:a"))
        #expect(bench.prepared.current?.answer("groq", for: .main)?.isAvailable == true)
        #expect(await bench.scheduler.status.generation == 1)
    }

    // upstream: 10.7 23: a failed reload aborts nothing
    @Test(.timeLimit(.minutes(1))) func aFailedWarmAfterASignOutFailsNotTheSignOut() async throws {
        let bench = try KeeperBench("{}")
        try bench.scene.store(key)
        await bench.keeper.start()
        _ = await bench.nextEnded()
        bench.gatherer.fail()
        let answer = try await bench.operations().authLogout(AuthLogoutQuery(caller: caller, provider: "groq"))
        #expect(answer["removedProfiles"] == ["groq:a"])
        #expect(answer["abortedRunIds"] == [])
        #expect(await bench.nextEnded()?.outcome == .failed)
        #expect(try !bench.scene.read(store).contains("groq:a"))
    }

    // upstream: 10.9 models: nothing slow stands between the question and the answer
    @Test(.timeLimit(.minutes(1))) func listingModelsReadsNoSource() async throws {
        let bench = try KeeperBench("{}")
        await bench.keeper.start()
        _ = await bench.nextEnded()
        // Whatever would be read from here on fails.
        bench.gatherer.fail()
        let operations = bench.operations()
        for view in ModelsListQuery.View.allCases {
            let answer = try await operations.modelsList(ModelsListQuery(caller: caller, view: view))
            #expect(answer["models"]?.array != nil)
        }
        #expect(await bench.scheduler.status.scopeMisses.isEmpty)
    }

    @Test(.timeLimit(.minutes(1))) func anUnknownAgentIsSaidToBeSo() async throws {
        let bench = try KeeperBench("{}")
        await bench.keeper.start()
        _ = await bench.nextEnded()
        let operations = bench.operations()
        let error = await #expect(throws: GatewayError.self) {
            try await operations.modelsList(ModelsListQuery(caller: caller, agentID: "none"))
        }
        #expect(error?.code == .invalidRequest)
    }

    // MARK: Readiness

    @Test(.timeLimit(.minutes(1)), arguments: [nil, ["degraded": true, "reasons": ["cpu"]], []] as [JSONValue?])
    func readinessDependsOnTheAnswerAloneAndNotOnHowThreadsKeepTime(figures: JSONValue?) async throws {
        let bench = try KeeperBench("{}")
        let operations = bench.operations(responsiveness: { figures })
        #expect(!operations.readiness().isReady)
        #expect(operations.readiness().failing == ["startup-sidecars"])
        await bench.keeper.start()
        _ = await bench.nextEnded()
        let readiness = operations.readiness()
        #expect(readiness.isReady)
        #expect(readiness.failing.isEmpty)
        #expect(readiness.eventLoop == figures)
    }

    // MARK: Callers whom nothing was prepared for

    /// A bench whose settings have changed since its warm, and whose warms fail from then on.
    private func benchBehindItsSettings() async throws -> KeeperBench {
        let bench = try KeeperBench("{agents: {list: [{id: 'main'}, {id: 'one'}]}}")
        try bench.scene.store(key)
        await bench.keeper.start()
        _ = await bench.nextEnded()
        bench.gatherer.failWarms()
        try bench.scene.write(
            "{agents: {list: [{id: 'main'}, {id: 'two'}]}, auth: {order: {groq: []}}}", to: "state/openclaw.json")
        await bench.keeper.reload(.reload)
        _ = await bench.nextEnded()
        return bench
    }

    private func provider(_ id: String, in answer: JSONValue) -> JSONValue? {
        answer["auth"]?["providers"]?.array?.first { $0["provider"]?.string == id }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [("main", "config_fingerprint"), ("two", "agent_id")])
    func aMissIsComputedUnderThePresentSettingsAndCountedByField(agent: String, field: String) async throws {
        let bench = try await benchBehindItsSettings()
        let operations = bench.operations()
        let query = ModelsListQuery(caller: caller, view: .all, agentID: AgentID(agent))
        let answer = try await operations.modelsList(query)
        let rows = try #require(answer["models"]?.array).filter { $0["provider"]?.string == "groq" }
        #expect(!rows.isEmpty)
        // Prepared was yes; the settings of now switch it off.
        #expect(rows.allSatisfy { $0["available"]?.bool == false })
        #expect(bench.prepared.current?.answer("groq", for: .main)?.isAvailable == true)
        #expect(await bench.scheduler.status.scopeMisses == [field: 1])
        _ = try await operations.modelsList(query)
        #expect(await bench.scheduler.status.scopeMisses == [field: 2])
    }

    @Test(.timeLimit(.minutes(1))) func aMissReadsTwoStoresAtMostAndHasADeadline() async throws {
        let bench = try await benchBehindItsSettings()
        let before = Deadline.after(LiveOperations.fallbackDeadline)
        _ = try await bench.operations().modelsList(ModelsListQuery(caller: caller, agentID: "two"))
        let after = Deadline.after(LiveOperations.fallbackDeadline)
        let asked = try #require(bench.gatherer.lastAsked)
        #expect(asked.deadline >= before && asked.deadline <= after)
        let state = bench.keeper.source.current.context
        #expect(Set(asked.plan.items.map(\.source)) == Set(state.agents.map { .store($0.store) }))
    }

    @Test(.timeLimit(.minutes(1))) func whenNothingCanBeReadInTimeTheLastAnswerServes() async throws {
        let bench = try await benchBehindItsSettings()
        bench.gatherer.fail()
        let answer = try await bench.operations().modelsList(ModelsListQuery(caller: caller, view: .all))
        let rows = try #require(answer["models"]?.array).filter { $0["provider"]?.string == "groq" }
        #expect(rows.contains { $0["available"]?.bool == true })
    }

    @Test(.timeLimit(.minutes(1))) func beforeTheFirstAnswerTheCallerIsToldToComeBack() async throws {
        let bench = try KeeperBench("{}")
        bench.gatherer.fail()
        let operations = bench.operations()
        let error = await #expect(throws: GatewayError.self) {
            try await operations.modelsList(ModelsListQuery(caller: caller))
        }
        #expect(error?.code == .unavailable)
        #expect(error?.isRetryable == true)
    }
}
