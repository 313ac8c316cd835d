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

/// The built program on a real state directory: agents, profiles of every kind, cooldowns, other tools' logins, local
/// servers; files are edited under it and the changed answers are read through the WebSocket, HTTP and the command line.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct GatewayEndToEndTests {
    @Test func somebodyWithNothingButAKeyInTheEnvironmentIsServed() async throws {
        let installation = try Installation(variables: ["OPENAI_API_KEY": "sk-fake-e2e"])
        let gateway = try await installation.startGateway()
        #expect(try await gateway.http("/healthz").contains("\"status\":\"live\""))
        let client = try await gateway.connect()
        let rows = try await gateway.models(client)
        #expect(rows["openai"]?["available"] == true)
        #expect(rows["openai"]?["evidence"] == "env: OPENAI_API_KEY")
        await client.close()

        let status = try await installation.alula("models", "status")
        #expect(status.status == 0)
        #expect(status.output.contains("openai"))
        #expect(status.output.contains("env: OPENAI_API_KEY"))
        #expect(try await gateway.stop() == .exited(0))
        // Starting wrote no configuration.
        #expect(access("\(installation.state)/openclaw.json", F_OK) != 0)
    }

    @Test func theWholeStateOfAnInstallationIsToldAlikeEverywhere() async throws {
        let installation = try Installation(variables: ["GROQ_API_KEY": "gsk-fake-e2e"])
        try installation.write("openclaw.json", Fixtures.configuration)
        try installation.write("agents/main/agent/auth-profiles.json", Fixtures.mainStore)
        try installation.write("agents/main/agent/auth-state.json", Fixtures.mainState())
        try installation.write("agents/work/agent/auth-profiles.json", Fixtures.workStore)
        try installation.write("\(installation.home)/.codex/auth.json", Fixtures.codexLogin(expiresIn: 7200))
        let gateway = try await installation.startGateway()
        let client = try await gateway.connect()
        let main = try await gateway.models(client)
        #expect(main["anthropic"]?["available"] == true)
        #expect(main["mistral"]?["available"] == false)
        #expect(main["mistral"]?["unavailableReason"] == "billing_disabled")
        #expect(main["my-box"]?["evidence"] == "custom-local")
        #expect(main["groq"]?["available"] == true)
        let work = try await gateway.models(client, agent: "work")
        #expect(work["deepseek"]?["available"] == true)
        #expect(main["deepseek"]?["available"] != true)

        // The gateway and the same code without it give the same answer.
        let asked = try await installation.alula("models", "status", "--json")
        #expect(asked.status == 0)
        #expect(try await gateway.stop() == .exited(0))
        let computed = try await installation.alula("models", "status", "--json")
        #expect(
            try Fixtures.comparable(asked.output) == Fixtures.comparable(computed.output))
        await client.close()
    }

    @Test func anEditByAnotherProgramReachesTheAnswer() async throws {
        let installation = try Installation()
        try installation.write("openclaw.json", "{}")
        let gateway = try await installation.startGateway()
        try await gateway.waitUntilReady()
        let client = try await gateway.connect()
        let events = client.events
        #expect(try await gateway.models(client)["anthropic"]?["available"] != true)
        try installation.write("agents/main/agent/auth-profiles.json", Fixtures.mainStore)
        #expect(await gateway.waitForChange(events, provider: "anthropic", available: true))
        try installation.write("agents/main/agent/auth-profiles.json", "{\"version\":1,\"profiles\":{}}")
        #expect(await gateway.waitForChange(events, provider: "anthropic", available: false))
        try installation.write("\(installation.home)/.codex/auth.json", Fixtures.codexLogin(expiresIn: 7200))
        #expect(await gateway.waitForChange(events, provider: "openai", available: true))
        try installation.write(
            "openclaw.json",
            "{models:{providers:{groq:{baseUrl:'https://api.groq.com/openai/v1',apiKey:'gsk-fake',models:[]}}}}")
        #expect(await gateway.waitForChange(events, provider: "groq", available: true))
        await client.close()
        #expect(try await gateway.stop() == .exited(0))
    }

    @Test(.bug(id: "B74")) func aHalfWrittenConfigurationKeepsTheRunningOne() async throws {
        let installation = try Installation()
        try installation.write(
            "openclaw.json", "{models:{providers:{groq:{baseUrl:'https://x.example/v1',apiKey:'gsk-fake',models:[]}}}}")
        let gateway = try await installation.startGateway()
        try await gateway.waitUntilReady()
        let client = try await gateway.connect()
        let events = client.events
        #expect(try await gateway.models(client)["groq"]?["available"] == true)
        try installation.write("openclaw.json", "{models:{providers:{groq:{baseUrl:")
        try installation.write("agents/main/agent/auth-profiles.json", Fixtures.mainStore)
        #expect(await gateway.waitForChange(events, provider: "anthropic", available: true))
        #expect(try await gateway.models(client)["groq"]?["available"] == true)
        #expect(gateway.logText.contains("openclaw.json"))
        await client.close()
        #expect(try await gateway.stop() == .exited(0))
    }

    @Test func aSecondGatewayNamesTheFirst() async throws {
        let installation = try Installation()
        let gateway = try await installation.startGateway()
        let second = try await installation.alula("gateway", "run", "--port", "1")
        #expect(second.status != 0)
        #expect(second.errors.contains("gateway already running (pid \(gateway.pid))"))
        // The lock dies with its holder.
        _ = try await gateway.stop(SIGKILL)
        let third = try await installation.startGateway()
        #expect(try await third.stop() == .exited(0))
    }

    @Test func logoutRemovesTheLoginAndTellsEverybody() async throws {
        let installation = try Installation()
        try installation.write("agents/main/agent/auth-profiles.json", Fixtures.mainStore)
        let gateway = try await installation.startGateway()
        // Before the first answer there is nothing that could change.
        try await gateway.waitUntilReady()
        let client = try await gateway.connect()
        let events = client.events
        let answer = try await client.call(
            "models.authLogout", ["provider": "Anthropic"], deadline: .after(.seconds(60)))
        #expect(answer["removedProfiles"] == ["anthropic:default"])
        #expect(answer["abortedRunIds"] == [])
        #expect(await gateway.waitForChange(events, provider: "anthropic", available: false))
        #expect(!installation.read("agents/main/agent/auth-profiles.json").contains("anthropic"))
        #expect(installation.read("agents/main/agent/auth-profiles.json").contains("mistral"))
        await client.close()
        #expect(try await gateway.stop() == .exited(0))
    }

    @Test(arguments: ["fifo", "directory", "dangling", "loop", "truncated", "garbage", "deep", "empty"])
    func aBrokenStoreDisturbsNothingElse(_ kind: String) async throws {
        let installation = try Installation(variables: ["GROQ_API_KEY": "gsk-fake-e2e"])
        try installation.write("openclaw.json", Fixtures.configuration)
        let path = "\(installation.state)/agents/work/agent/auth-profiles.json"
        try installation.write("agents/work/agent/placeholder", "")
        switch kind {
        case "fifo": mkfifo(path, 0o600)
        case "directory": mkdir(path, 0o700)
        case "dangling": symlink("/nonexistent/x", path)
        case "loop": symlink(path, path)
        case "truncated": try installation.write(path, "{\"version\":1,\"profiles\":{\"a:b\":{\"type\":\"api_key\"")
        case "garbage": try installation.write(path, "\u{FFFD}\u{1}not json at all")
        case "deep": try installation.write(path, String(repeating: "[", count: 200_000))
        default: try installation.write(path, "")
        }
        let gateway = try await installation.startGateway()
        let client = try await gateway.connect()
        try await gateway.waitUntilReady()
        #expect(try await gateway.models(client)["groq"]?["available"] == true)
        #expect(try await gateway.models(client, agent: "work")["groq"]?["available"] == true)
        await client.close()
        #expect(try await gateway.stop() == .exited(0))
    }

    @Test func aHelperThatNeverReturnsHoldsUpNobody() async throws {
        let installation = try Installation(variables: ["GROQ_API_KEY": "gsk-fake-e2e"])
        try installation.write("helper.sh", "#!/bin/sh\nsleep 600 &\nwhile :; do sleep 600; done\n", mode: 0o700)
        try installation.write(
            "openclaw.json",
            """
            {secrets:{providers:{vault:{source:'exec',command:'\(installation.state)/helper.sh',timeoutMs:60000}}},
             models:{providers:{mistral:{baseUrl:'https://api.mistral.ai/v1',models:[],
               apiKey:{source:'exec',provider:'vault',id:'mistral/key'}}}}}
            """)
        let gateway = try await installation.startGateway()
        let client = try await gateway.connect()
        let rows = try await gateway.models(client)
        #expect(rows["groq"]?["available"] == true)
        #expect(rows["mistral"]?["available"] == false)
        #expect(rows["mistral"]?["unavailableReason"] == "helper_pending")
        await client.close()
        // Stopping ends the helper with everything that it started.
        #expect(try await gateway.stop() == .exited(0))
    }

    @Test func theAPIShowsModelsThatCanAnswer() async throws {
        let installation = try Installation(variables: ["OPENAI_API_KEY": "sk-fake-e2e"])
        let gateway = try await installation.startGateway()
        #expect(try await gateway.http("/v1/models").contains("401"))
        let client = try await gateway.connect()
        await client.close()
        let models = try await gateway.httpBody("/v1/models", bearer: gateway.token.exposed)
        let ids = models["data"]?.array?.compactMap { $0["id"]?.string } ?? []
        #expect(ids.contains("alula/echo"))
        #expect(ids.contains { $0.hasPrefix("openai/") })
        #expect(!ids.contains { $0.hasPrefix("anthropic/") })
        try await gateway.waitUntilReady()
        let metrics = try await gateway.http("/metrics")
        #expect(metrics.contains("alula_providers_available{provider=\"openai\"} 1"))
        #expect(metrics.contains("alula_warms_gathered{by=\"worker\"} 1"))
        #expect(try await gateway.stop() == .exited(0))
    }

    // upstream: 10.9 readiness: ready when a snapshot is served
    @Test func aRestartServesTheLastSnapshotAtOnce() async throws {
        let installation = try Installation()
        try installation.write("agents/main/agent/auth-profiles.json", Fixtures.mainStore)
        let first = try await installation.startGateway()
        let client = try await first.connect()
        try await first.waitUntilReady()
        #expect(try await first.models(client)["anthropic"]?["available"] == true)
        await client.close()
        // A gateway that stops saves what it has, but the snapshot may be served a moment before it is handed on.
        while !installation.read("alula/prepared-auth.json").contains("anthropic") { await Task.yield() }
        #expect(try await first.stop() == .exited(0))
        let second = try await installation.startGateway()
        #expect(try await second.http("/readyz").contains("200"))
        #expect(try await second.stop() == .exited(0))
    }

    @Test func listeningElsewhereWithoutAuthenticationIsRefused() async throws {
        let installation = try Installation()
        let refused = try await installation.alula("gateway", "run", "--bind", "lan", "--auth", "none", "--port", "1")
        #expect(refused.status == 78)
        #expect(refused.errors.contains("auth"))
    }

    @Test func anUnreadableConfigurationIsToldWithItsPlace() async throws {
        let installation = try Installation()
        try installation.write("openclaw.json", "{\n  gateway: { port: 18789,\n  models: [\n")
        let refused = try await installation.alula("gateway", "run", "--port", "1")
        #expect(refused.status == 78)
        #expect(refused.errors.contains("openclaw.json:"))
        let validated = try await installation.alula("config", "validate", "--json")
        #expect(validated.status == 1)
        #expect(try JSONValue.parse(validated.output)["valid"] == false)
    }
}
