import AlulaClient
import AlulaJSON
import AlulaPrimitives
import AlulaSystem
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Something hangs or takes long, and while it still does everybody is served: calls, new clients, HTTP, and a timer that is
/// due. Nothing here measures a time; that is what `make bench` is for.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct NothingStallsTests {
    /// Everything that people and programs do, so many times over.
    private func everybodyIsServed(
        by gateway: GatewayUnderTest, _ client: GatewayClient, rounds: Int = 20
    ) async throws {
        for _ in 0..<rounds {
            #expect(try await client.call("health", deadline: .after(.seconds(60)))["ok"] == true)
            #expect(try await client.call("models.status", deadline: .after(.seconds(60)))["auth"] != nil)
            #expect(try await gateway.http("/healthz").hasPrefix("HTTP/1.1 200"))
            let another = try await gateway.connect()
            #expect(try await another.call("models.list", deadline: .after(.seconds(60)))["models"] != nil)
            await another.close()
        }
        // The gateway's own timer ends whoever does not introduce himself.
        let upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13"
        let silent = try await Installation.pool.run("say nothing", deadline: .after(.seconds(60))) {
            try RawSocket.exchange(
                "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\(upgrade)\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
                port: gateway.port)
        }
        #expect(silent.contains("handshake timeout"))
    }

    private func installation() throws -> Installation {
        try Installation(variables: ["GROQ_API_KEY": "gsk-fake-e2e", "OPENCLAW_HANDSHAKE_TIMEOUT_MS": "2000"])
    }

    // contract: 1.2, 1.7
    @Test func nothingStallsWhileTheDiskHangs() async throws {
        let installation = try installation()
        let watch = Watch(installation, hanging: installation.state)
        try installation.write("openclaw.json", "{}")
        let gateway = try await installation.startGateway(more: try watch.variables())
        try await gateway.waitUntilReady()
        let client = try await gateway.connect()
        let events = client.events

        watch.hang()
        try installation.write("agents/main/agent/auth-profiles.json", Fixtures.mainStore)
        try installation.write("openclaw.json", "{models: {providers: {}}}")
        _ = try await watch.waitUntilSomebodyHangs()
        try await everybodyIsServed(by: gateway, client)
        // It hung to the end: what was changed has not been read, and what was known stays.
        let rows = try await gateway.models(client)
        #expect(rows["anthropic"]?["available"] != true)
        #expect(rows["groq"]?["available"] == true)

        watch.release()
        #expect(await gateway.waitForChange(events, provider: "anthropic", available: true))
        await client.close()
        #expect(try await gateway.stop() == .exited(0))
    }

    // contract: 1.3, 1.7
    @Test func nothingStallsWhileAHelperProgramNeverReturns() async throws {
        let installation = try installation()
        try installation.write(
            "helper.sh",
            "#!/bin/sh\ntrap '' TERM\necho $$ > '\(installation.home)/started'\nwhile :; do sleep 600; done\n",
            mode: 0o700)
        try installation.write(
            "openclaw.json",
            """
            {secrets: {providers: {vault: {source: 'exec', command: '\(installation.state)/helper.sh', timeoutMs: 120000}}},
             models: {providers: {mistral: {baseUrl: 'https://api.mistral.ai/v1', models: [],
               apiKey: {source: 'exec', provider: 'vault', id: 'mistral/key'}}}}}
            """)
        let gateway = try await installation.startGateway()
        try await gateway.waitUntilReady()
        let client = try await gateway.connect()
        while !installation.read("\(installation.home)/started").hasSuffix("\n") { await Task.yield() }
        try await everybodyIsServed(by: gateway, client)
        #expect(try await gateway.models(client)["mistral"]?["unavailableReason"] == "helper_pending")
        let helper = try #require(Int32(installation.read("\(installation.home)/started").trimmed()))
        #expect(kill(helper, 0) == 0, "the helper has returned, so nothing was shown")
        await client.close()
        #expect(try await gateway.stop() == .exited(0))
    }

    // contract: 1.4, 1.7
    @Test func nothingStallsWithTenThousandAgents() async throws {
        let installation = try installation()
        // The last one's file answers only later, so that the first warm is going on all the time.
        let watch = Watch(installation, hanging: "\(installation.state)/agents/a9999/agent/auth-profiles.json")
        let agents = (0..<10_000).map { "{\"id\":\"a\($0)\"}" }.joined(separator: ",")
        try installation.write("openclaw.json", "{\"agents\":{\"list\":[\(agents)]}}")
        try installation.write("agents/a9999/agent/auth-profiles.json", Fixtures.mainStore)
        watch.hang()
        let gateway = try await installation.startGateway(more: try watch.variables())
        let client = try await gateway.connect()
        _ = try await watch.waitUntilSomebodyHangs()
        try await everybodyIsServed(by: gateway, client, rounds: 5)

        watch.release()
        while try await gateway.models(client, agent: "a9999")["anthropic"]?["available"] != true {}
        #expect(try await gateway.models(client, agent: "a5000")["anthropic"]?["available"] != true)
        await client.close()
        #expect(try await gateway.stop() == .exited(0))
    }

    // contract: 1.5, 1.7
    @Test func nothingStallsWhileAConfigurationOfFiftyMegabytesIsRead() async throws {
        let installation = try installation()
        try installation.write("openclaw.json", "{}")
        let gateway = try await installation.startGateway()
        try await gateway.waitUntilReady()
        let client = try await gateway.connect()
        let events = client.events
        let note = "\"\(String(repeating: "x", count: 998))\",\n"
        try installation.write("openclaw.json", "{ui: {notes: [\n\(String(repeating: note, count: 50_000))]}}")

        // The pool has begun with it, and has not ended when everybody was served.
        while try await !isLoading(gateway) {}
        for _ in 0..<20 {
            #expect(try await client.call("health", deadline: .after(.seconds(60)))["ok"] == true)
            #expect(try await gateway.models(client)["groq"]?["available"] == true)
        }
        let another = try await gateway.connect()
        await another.close()
        #expect(try await isLoading(gateway), "it was read before all were served, so nothing was shown")

        // Whatever came of it, the next text is followed.
        try installation.write(
            "openclaw.json",
            "{models: {providers: {mistral: {baseUrl: 'https://m.example/v1', apiKey: 'fake', models: []}}}}")
        #expect(await gateway.waitForChange(events, provider: "mistral", available: true))
        await client.close()
        #expect(try await gateway.stop() == .exited(0))
    }

    private func isLoading(_ gateway: GatewayUnderTest) async throws -> Bool {
        let metrics = try await gateway.http("/metrics")
        return !metrics.contains("\nalula_blocking_pool_busy 0\n")
    }
}
