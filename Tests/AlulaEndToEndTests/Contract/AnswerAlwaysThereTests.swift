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

/// What readers find while answers are replaced, while there is only an old one, and while making one fails.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct AnswerAlwaysThereTests {
    private static let store = "agents/main/agent/auth-profiles.json"

    private static func profiles(_ providers: String...) -> String {
        let rows = providers.map { #""\#($0):a":{"type":"api_key","provider":"\#($0)","key":"sk-fake"}"# }
        return #"{"version":1,"profiles":{\#(rows.joined(separator: ","))}}"#
    }

    private func health(_ client: GatewayClient) async throws -> JSONValue {
        try await client.call("health", deadline: .after(.seconds(60)))["providerAuth"] ?? .null
    }

    // contract: 2.1, 2.2
    @Test func anAnswerIsAlwaysThereAndWholeWhileOthersReplaceIt() async throws {
        let installation = try Installation()
        try installation.write("openclaw.json", "{}")
        try installation.write(Self.store, Self.profiles())
        let gateway = try await installation.startGateway()
        try await gateway.waitUntilReady()
        let client = try await gateway.connect()
        var newest: Int64 = 0
        for round in 0..<40 {
            let isThere = round % 2 == 0
            try installation.write(Self.store, isThere ? Self.profiles("groq", "mistral") : Self.profiles())
            while true {
                let rows = try await gateway.models(client)
                #expect(!rows.isEmpty)
                // Two logins come and go together, so an answer in between would be half of each.
                let answers = ["groq", "mistral"].map { rows[$0]?["available"] == true }
                #expect(answers[0] == answers[1])
                // The same where nothing is computed for the caller alone.
                let prepared = try await health(client)
                let generation = try #require(prepared["generation"]?.integer)
                #expect(prepared["preparedAt"] != nil && generation >= newest)
                newest = generation
                let names = prepared["availableProviders"]?.array ?? []
                #expect(names.contains("groq") == names.contains("mistral"))
                if answers == [isThere, isThere] { break }
            }
        }
        await client.close()
        #expect(try await gateway.stop() == .exited(0))
    }

    // contract: 2.3
    @Test func anAnswerIsAlwaysThereMarkedStaleUntilTheFirstWarmEnds() async throws {
        let installation = try Installation()
        try installation.write("openclaw.json", "{}")
        try installation.write(Self.store, Self.profiles("groq"))
        let first = try await installation.startGateway()
        try await first.waitUntilReady()
        while !installation.read("alula/prepared-auth.json").contains("groq") { await Task.yield() }
        #expect(try await first.stop() == .exited(0))

        let watch = Watch(installation, hanging: "\(installation.state)/\(Self.store)")
        watch.hang()
        try installation.write(Self.store, Self.profiles("groq", "mistral"))
        let second = try await installation.startGateway(more: try watch.variables())
        #expect(try await second.http("/readyz").hasPrefix("HTTP/1.1 200"))
        let client = try await second.connect()
        _ = try await watch.waitUntilSomebodyHangs()
        let old = try await health(client)
        #expect(old["stale"] == true)
        #expect(old["availableProviders"]?.array?.contains("groq") == true)
        #expect(old["availableProviders"]?.array?.contains("mistral") == false)

        watch.release()
        while try await health(client)["stale"] != false {}
        while try await gateway(second, client, answers: "mistral") != true {}
        await client.close()
        #expect(try await second.stop() == .exited(0))
    }

    private func gateway(_ gateway: GatewayUnderTest, _ client: GatewayClient, answers provider: String) async throws
        -> Bool
    {
        try await gateway.models(client)[provider]?["available"] == true
    }

    // contract: 2.1, 2.4, 2.5
    @Test func anAnswerIsAlwaysThereThoughTheWorkerIsKilledAndItIsTriedAgain() async throws {
        let installation = try Installation()
        try installation.write("openclaw.json", "{}")
        try installation.write(Self.store, Self.profiles("groq"))
        let watch = Watch(installation, hanging: "\(installation.state)/\(Self.store)")
        let gateway = try await installation.startGateway(more: try watch.variables())
        try await gateway.waitUntilReady()
        let client = try await gateway.connect()
        #expect(try await health(client)["failedAttempts"] == 0)

        watch.hang()
        try installation.write(Self.store, Self.profiles("groq", "mistral"))
        // The gateway itself looks at the file's name too; the worker is whoever else waits.
        var worker: Int32?
        while worker == nil {
            worker = try watch.trace().last { $0.name == .hang && $0.process != gateway.pid }?.process
        }
        kill(try #require(worker), SIGKILL)
        var seen = try await health(client)
        while seen["failedAttempts"] == 0 {
            #expect(try await self.gateway(gateway, client, answers: "groq"))
            seen = try await health(client)
        }
        #expect(seen["lastResult"]?["outcome"] == "failed")
        #expect(seen["lastResult"]?["errorCode"]?.string?.hasPrefix("worker_") == true)
        #expect(seen["nextRetryAt"] != nil || seen["state"] == "running")
        #expect(try await self.gateway(gateway, client, answers: "groq"))

        watch.release()
        while try await !self.gateway(gateway, client, answers: "mistral") {}
        while try await health(client)["failedAttempts"] != 0 {}
        await client.close()
        #expect(try await gateway.stop() == .exited(0))
    }
}
