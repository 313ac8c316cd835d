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

/// What somebody was told is done is there after `kill -9`. What a kill in the middle of a write leaves is in `CrashTests`.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct NothingLostTests {
    // contract: 7.3
    @Test func nothingAcceptedIsLostWhenEverythingIsKilledRightAfterwards() async throws {
        let installation = try Installation()
        try installation.write("openclaw.json", "{}")
        let providers = ["groq", "mistral", "cerebras"]
        for (index, provider) in providers.enumerated() {
            let gateway = try await installation.startGateway()
            let client = try await gateway.connect()
            let login = try await installation.alula(
                "models", "auth", "paste-api-key", "--provider", provider, input: "sk-fake-\(provider)\n")
            #expect(login.status == 0, "\(login.errors)")
            let current = try await client.call("config.get", deadline: .after(.seconds(60)))
            _ = try await client.call(
                "config.patch", ["raw": .string("{ui: {round: \(index)}}"), "baseHash": current["hash"] ?? .null],
                deadline: .after(.seconds(60)))
            #expect(try await gateway.stop(SIGKILL) == .signalled(SIGKILL))

            let next = try await installation.startGateway()
            let other = try await next.connect()
            // What is served at first is from before the kill, and says so.
            while try await other.call("health", deadline: .after(.seconds(60)))["providerAuth"]?["stale"] != false {}
            let rows = try await next.models(other)
            for known in providers[...index] { #expect(rows[known]?["available"] == true, "\(known)") }
            #expect(installation.read("openclaw.json").contains("\"round\": \(index)"))
            await other.close()
            #expect(try await next.stop(SIGKILL) == .signalled(SIGKILL))
        }
    }

    // contract: 7.4
    @Test func nothingAcceptedIsLostOfACooldown() async throws {
        let installation = try Installation()
        try installation.write(
            "agents/main/agent/auth-profiles.json",
            #"{"version":1,"profiles":{"groq:a":{"type":"api_key","provider":"groq","key":"sk-fake"}}}"#)
        let gateway = try await installation.startGateway()
        try await gateway.waitUntilReady()
        let client = try await gateway.connect()
        let events = client.events
        #expect(try await gateway.models(client)["groq"]?["available"] == true)
        // What the gateway does when a call fails; no call is made yet, so another process does it.
        let driver = Installation.program + "-crash-driver"
        let recorded = try await installation.run(
            ChildCommand(
                executable: driver, arguments: ["record", installation.state, "groq:a"],
                environment: installation.variables), input: "")
        #expect(recorded.status == 0, "\(recorded.output)")
        #expect(await gateway.waitForChange(events, provider: "groq", available: false))
        #expect(try await gateway.stop(SIGKILL) == .signalled(SIGKILL))

        let next = try await installation.startGateway()
        let other = try await next.connect()
        // What is served at first may be from before the failure, and says so.
        while try await other.call("health", deadline: .after(.seconds(60)))["providerAuth"]?["stale"] != false {}
        let row = try await next.models(other)["groq"]
        #expect(row?["available"] == false)
        #expect(row?["unavailableReason"] == "cooldown")
        await other.close()
        #expect(try await next.stop() == .exited(0))
    }
}
