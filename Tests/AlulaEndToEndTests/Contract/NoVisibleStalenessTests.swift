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

/// Other programs change something, nobody asks the gateway anything, and its answer changes.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct NoVisibleStalenessTests {
    enum Change: String, CaseIterable {
        case configurationEdit, storeEdit, storeLogout, otherToolsLogin, otherToolsLogout, variablesFile
        case loginByCommand, logoutByCommand
    }

    private static let store = "agents/main/agent/auth-profiles.json"

    // contract: 3.1, 3.2, 3.3, 3.4
    @Test(arguments: Change.allCases)
    func anAnswerIsNeverWrongByStalenessWeCouldHaveSeen(_ change: Change) async throws {
        let installation = try Installation()
        let codex = "\(installation.home)/.codex/auth.json"
        try installation.write("openclaw.json", "{}")
        try installation.write(Self.store, Fixtures.mainStore)
        if change == .otherToolsLogout { try installation.write(codex, Fixtures.codexLogin(expiresIn: 7200)) }
        let gateway = try await installation.startGateway()
        try await gateway.waitUntilReady()
        let client = try await gateway.connect()
        let events = client.events

        let expected: (provider: String, available: Bool)
        switch change {
        case .configurationEdit:
            try installation.write(
                "openclaw.json", "{models:{providers:{groq:{baseUrl:'https://x.example/v1',apiKey:'fake',models:[]}}}}")
            expected = ("groq", true)
        case .storeEdit:
            try installation.write(
                Self.store, #"{"version":1,"profiles":{"groq:a":{"type":"api_key","provider":"groq","key":"sk-fake"}}}"#
            )
            expected = ("groq", true)
        case .storeLogout:
            try installation.write(Self.store, #"{"version":1,"profiles":{}}"#)
            expected = ("anthropic", false)
        case .otherToolsLogin:
            try installation.write(codex, Fixtures.codexLogin(expiresIn: 7200))
            expected = ("openai", true)
        case .otherToolsLogout:
            #expect(unlink(codex) == 0)
            expected = ("openai", false)
        case .variablesFile:
            try installation.write(".env", "XAI_API_KEY=fake-e2e\n")
            expected = ("xai", true)
        case .loginByCommand:
            let login = try await installation.alula(
                "models", "auth", "paste-api-key", "--provider", "groq", input: "sk-fake\n")
            #expect(login.status == 0, "\(login.errors)")
            expected = ("groq", true)
        case .logoutByCommand:
            let logout = try await installation.alula("models", "auth", "logout", "--provider", "anthropic")
            #expect(logout.status == 0, "\(logout.errors)")
            expected = ("anthropic", false)
        }
        // Only listening, until it says so.
        #expect(await gateway.waitForChange(events, provider: expected.provider, available: expected.available))
        let rows = try await gateway.models(client)
        #expect((rows[expected.provider]?["available"] == true) == expected.available)
        await client.close()
        #expect(try await gateway.stop() == .exited(0))
    }
}
