import AlulaClient
import AlulaJSON
import AlulaPrimitives
import AlulaProtocol
import AlulaSystem
import Testing

/// The configuration of a running gateway is edited, and its parts follow one by one.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct ReloadEndToEndTests {
    private static func client(_ gateway: GatewayUnderTest, token: String) async throws -> GatewayClient {
        try await GatewayClient.connect(
            to: GatewayAddress(host: "127.0.0.1", port: gateway.port),
            as: GatewayClient.Introduction(version: "test", token: Secret(token)), deadline: .after(.seconds(60)))
    }

    /// What `health` says about reloading, once `isWanted` holds for it.
    private static func reload(
        _ client: GatewayClient, until isWanted: (JSONValue) -> Bool
    ) async throws -> JSONValue {
        while true {
            let health = try await client.call("health", deadline: .after(.seconds(60)))
            if let reload = health["configReload"], isWanted(reload) { return reload }
        }
    }

    @Test func aNewTokenCountsAtOnceAndAMistakenOneNever() async throws {
        let installation = try Installation()
        try installation.write("openclaw.json", "{gateway: {auth: {token: 'fake-token-one'}}}")
        let gateway = try await installation.startGateway()
        let first = try await Self.client(gateway, token: "fake-token-one")
        try installation.write("openclaw.json", "{gateway: {auth: {token: 'fake-token-two'}}}")
        // The connection ends, and with it its events.
        for await _ in first.events {}
        await #expect(throws: ClientError.self) { try await Self.client(gateway, token: "fake-token-one") }
        let second = try await Self.client(gateway, token: "fake-token-two")

        // A secret that can't be found opens nothing and closes nothing.
        try installation.write(
            "openclaw.json",
            "{gateway: {auth: {token: {source: 'env', provider: 'default', id: 'FAKE_UNSET'}}}, logging: {level: 'debug'}}"
        )
        let stale = try await Self.reload(second) { $0["staleParts"] != nil }
        #expect(stale["staleParts"] == ["access"])
        #expect(stale["hotReloadStatus"] == "degraded")
        _ = try await Self.client(gateway, token: "fake-token-two")

        // Mended by any later edit.
        try installation.write("openclaw.json", "{gateway: {auth: {token: 'fake-token-two'}}}")
        #expect(try await Self.reload(second) { $0["staleParts"] == nil }["hotReloadStatus"] == "ok")
        await second.close()
        #expect(try await gateway.stop() == .exited(0))
        #expect(!gateway.logText.contains("fake-token"))
    }

    @Test func whatNeedsARestartIsSaidAndTheGatewayStaysWhereItIs() async throws {
        let installation = try Installation()
        try installation.write("openclaw.json", "{gateway: {auth: {token: 'fake-token'}}}")
        let gateway = try await installation.startGateway()
        let client = try await Self.client(gateway, token: "fake-token")
        let text = "{gateway: {port: 1, bind: 'lan', tls: {enabled: true}, auth: {token: 'fake-token'}}}"
        try installation.write("openclaw.json", text)
        while !gateway.logText.contains("A change takes effect after a restart") { await Task.yield() }
        #expect(gateway.logText.contains("paths=gateway.bind,gateway.port,gateway.tls.enabled"))
        #expect(try await client.call("health", deadline: .after(.seconds(60)))["ok"] == true)
        await client.close()
        #expect(try await gateway.stop() == .exited(0))
        // Nobody wrote to the user's file.
        #expect(installation.read("openclaw.json") == text)
    }
}
