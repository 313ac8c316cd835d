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

/// One part is broken: it is reported with its place and its remedy, and everything else runs.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct BrokenPartTests {
    enum Part: String, CaseIterable {
        case providerEntry, store, unknownKey, otherToolsLogin, devices

        /// What a person reads about it: what it is, where, and what to do.
        var words: [String] {
            switch self {
            case .providerEntry: ["models.providers.broken.baseUrl", "openclaw.json:2:", "The provider is off"]
            case .store:
                ["credential store stops in the middle", "agents/work/agent/auth-profiles.json:1:", "Restore the file"]
            case .unknownKey: ["modles", "openclaw.json:2:", "Did you mean \"models\"?"]
            case .otherToolsLogin: [".codex/auth.json", "codex"]
            case .devices: ["paired", "devices"]
            }
        }
    }

    // contract: 6.1, 6.2, 6.3
    @Test(arguments: Part.allCases) func oneBrokenPartBreaksNothingElse(_ part: Part) async throws {
        let installation = try Installation(variables: ["GROQ_API_KEY": "gsk-fake-e2e"])
        try installation.write("agents/main/agent/auth-profiles.json", Fixtures.mainStore)
        let entry = part == .providerEntry ? "broken: {baseUrl: 5, models: []}," : ""
        let extra = part == .unknownKey ? "modles: {}," : ""
        try installation.write(
            "openclaw.json",
            """
            {
            \(extra) models: {providers: {\(entry) far: {baseUrl: 'https://far.example/v1', apiKey: 'fake', models: []}}},
            agents: {list: [{id: 'main'}, {id: 'work'}]},
            }

            """)
        switch part {
        case .providerEntry, .unknownKey: break
        case .store: try installation.write("agents/work/agent/auth-profiles.json", #"{"version":1,"profiles":{"a:"#)
        case .otherToolsLogin: try installation.write("\(installation.home)/.codex/auth.json", "{\"tokens\":")
        case .devices: try installation.write("devices/paired.json", "{\"aa\":")
        }
        let gateway = try await installation.startGateway()
        try await gateway.waitUntilReady()
        let client = try await gateway.connect()
        let rows = try await gateway.models(client)
        for provider in ["groq", "anthropic", "far"] { #expect(rows[provider]?["available"] == true, "\(provider)") }
        #expect(try await client.call("health", deadline: .after(.seconds(60)))["ok"] == true)
        await client.close()

        let doctor = try await installation.alula("doctor", "--all")
        let status = try await installation.alula("devices", "list")
        let told = doctor.output + doctor.errors + (part == .devices ? status.output + status.errors : "")
        for words in part.words { #expect(told.contains(words), "\(words) is not in \(told)") }
        #expect(try await gateway.stop() == .exited(0))
    }
}
