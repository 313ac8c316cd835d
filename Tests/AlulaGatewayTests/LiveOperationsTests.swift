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
}
