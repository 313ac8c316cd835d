import AlulaAuth
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaServer
import AlulaSystem
import Testing

@testable import AlulaGateway

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A store whose lock another program holds: who wants to change it waits, and nobody else does.
struct HeldStoreTests {
    private let caller = Caller(
        connectionID: "c", client: nil, role: .operator, scopes: [.admin], isDirectLocal: true, version: .four)

    @Test(.bug(id: "B26"), .bug(id: "B07"), .timeLimit(.minutes(1)))
    func readersAreAnsweredWhileASignOutWaits() async throws {
        let bench = try KeeperBench("{}")
        try bench.scene.store(#""groq:a":{"type":"api_key","provider":"groq","key":"sk-fake"}"#)
        await bench.keeper.start()
        _ = await bench.nextEnded()
        let operations = bench.operations()
        let lock = try bench.scene.write(
            "{\"pid\":\(getpid()),\"createdAt\":\"\(WallClock.now().iso8601)\"}",
            to: "state/agents/main/agent/auth-profiles.json.lock")
        async let signedOut = operations.authLogout(AuthLogoutQuery(caller: caller, provider: "groq"))
        for view in ModelsListQuery.View.allCases {
            let answer = try await operations.modelsList(ModelsListQuery(caller: caller, view: view))
            #expect(answer["models"]?.array != nil)
        }
        #expect(bench.prepared.current?.answer("groq", for: .main)?.isAvailable == true)
        unlink(lock)
        #expect(try await signedOut["removedProfiles"] == ["groq:a"])
        #expect(bench.prepared.current?.answer("groq", for: .main)?.isAvailable == false)
    }
}
