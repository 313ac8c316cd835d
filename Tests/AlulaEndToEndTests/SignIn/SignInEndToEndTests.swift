import AlulaJSON
import AlulaPrimitives
import AlulaSystem
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Signing in with the built program, a provider on this machine, and this test in the place of a browser.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct SignInEndToEndTests {
    private static let store = "agents/main/agent/auth-profiles.json"
    private static let login = ["models", "auth", "login", "--provider", "openai-codex"]

    /// Secrets of the provider's, and what is worth as much.
    private static let canaries = [
        "CANARY-code", "CANARY-access", "CANARY-refresh", "CANARY-id", "CANARY-why", "CANARY-denied",
        "CANARY-device", "CANARY-verifier",
    ]

    private static func isClean(_ text: String) -> Bool { !canaries.contains { text.contains($0) } }

    @Test func signsIn() async throws {
        let installation = try Installation()
        let provider = try SignInProvider()
        let program = try provider.login(installation, Self.login + ["--json"])
        let page = try await provider.browse(to: try await program.address())
        #expect(page.hasPrefix("HTTP/1.1 200 OK"))
        let end = try await program.end()
        #expect(end.status == .exited(0))
        let document = try JSONValue.parse(end.output)
        #expect(document["profileId"] == "openai-codex:me@example.com")
        #expect(document["email"] == "me@example.com")
        #expect(document["storePath"]?.string?.hasSuffix(Self.store) == true)
        let entry = try JSONValue.parse(installation.read(Self.store))["profiles"]?["openai-codex:me@example.com"]
        #expect(entry?["type"] == "oauth")
        #expect(entry?["provider"] == "openai-codex")
        #expect(entry?["access"] == "CANARY-access")
        #expect(entry?["refresh"] == "CANARY-refresh")
        #expect(entry?["accountId"] == "acct_1")
        #expect(entry?["chatgptPlanType"] == "plus")
        #expect(Self.isClean(end.output + end.errors + page))
        // What is there is used at once, and never shown.
        let list = try await installation.alula("models", "auth", "list", "--json")
        #expect(list.output.contains("openai-codex:me@example.com"))
        let status = try await installation.alula("models", "list", "--provider", "openai-codex", "--all", "--json")
        #expect(Self.isClean(list.output + list.errors + status.output + status.errors))
    }

    /// A provider that knows applications: the login says which one it belongs to, or nobody could renew it.
    @Test func signsInInTheNameOfAnOwnApplication() async throws {
        let installation = try Installation(variables: ["CHUTES_CLIENT_ID": "cid_fake"])
        let provider = try SignInProvider()
        let program = try provider.login(installation, ["models", "auth", "login", "--provider", "chutes"])
        let address = try await program.address()
        #expect(address.contains("/idp/authorize?response_type=code&client_id=cid_fake&"))
        _ = try await provider.browse(to: address)
        let end = try await program.end()
        #expect(end.status == .exited(0), "\(end.errors)")
        let entry = try JSONValue.parse(installation.read(Self.store))["profiles"]?["chutes:me@example.com"]
        #expect(entry?["clientId"] == "cid_fake")
        #expect(entry?["refresh"] == "CANARY-refresh")
    }

    /// Beside what is there, and in another agent's store.
    @Test func keepsWhatOthersStored() async throws {
        let installation = try Installation()
        try installation.write("openclaw.json", #"{ agents: { list: [ { id: "main" }, { id: "work" } ] } }"#)
        let others = """
            {"version":7,"later":[1.50],"profiles":{"odd":{"type":"future"},
             "groq:a":{"type":"api_key","provider":"groq","key":"sk-fake"}}}
            """
        try installation.write("agents/work/agent/auth-profiles.json", others)
        let provider = try SignInProvider()
        let program = try provider.login(
            installation, Self.login + ["--agent", "work", "--profile-id", "openai-codex:mine"])
        _ = try await provider.browse(to: try await program.address())
        #expect(try await program.end().status == .exited(0))
        let document = try JSONValue.parse(installation.read("agents/work/agent/auth-profiles.json"))
        #expect(document["version"]?.text() == "7")
        #expect(document["later"]?.text() == "[1.50]")
        #expect(document["profiles"]?["odd"]?["type"] == "future")
        #expect(document["profiles"]?["groq:a"]?["key"] == "sk-fake")
        #expect(document["profiles"]?["openai-codex:mine"]?["access"] == "CANARY-access")
        #expect(!installation.has(Self.store))
    }

    /// As on a machine without a browser: the address that another one's browser ended at comes on standard input.
    @Test(arguments: [false, true])
    func takesWhatIsPasted(bare: Bool) async throws {
        let installation = try Installation()
        let provider = try SignInProvider()
        let program = try provider.login(installation, Self.login)
        let end = try await provider.destination(of: try await program.address())
        let code = String(end.range(after: "code=").prefix { $0 != "&" })
        try await program.paste("nonsense\n\n" + (bare ? code : "  \(end)") + "\n")
        let ended = try await program.end()
        #expect(ended.status == .exited(0), "\(ended.errors)")
        #expect(installation.read(Self.store).contains("CANARY-refresh"))
        #expect(Self.isClean(ended.output + ended.errors))
    }

    @Test func aPersonPastesAtATerminal() async throws {
        let provider = try SignInProvider()
        let installation = try Installation(variables: provider.variables)
        let program = try ProgramAtTerminal(installation, Self.login, columns: 250)
        try await program.wait { $0.contains("paste the address that the browser ends at") }
        let before = try program.settings()
        let address = SignInProvider.address(in: program.text)
        program.type(Array("\(try await provider.destination(of: address))\n".utf8))
        #expect(try await program.end() == .exited(0))
        #expect(program.text.contains("Stored openai-codex:me@example.com in"))
        #expect(try program.settings() == before)
        #expect(installation.read(Self.store).contains("CANARY-refresh"))
    }

    @Test func signsInOnAnotherDevice() async throws {
        let installation = try Installation()
        let provider = try SignInProvider()
        let program = try provider.login(installation, Self.login + ["--device-code", "--json"])
        let said = try await program.said { $0.contains("FAKE-1000") }
        let page = SignInProvider.address(in: said)
        #expect(page.hasSuffix("/codex/device"))
        #expect(try await provider.get("\(page)?FAKE-1000").hasSuffix("typed"))
        let end = try await program.end()
        #expect(end.status == .exited(0), "\(end.errors)")
        #expect(try JSONValue.parse(end.output)["profileId"] == "openai-codex:me@example.com")
        #expect(installation.read(Self.store).contains("CANARY-refresh"))
        #expect(Self.isClean(end.output + end.errors))
    }

    @Test func aRefusalStoresNothing() async throws {
        let installation = try Installation()
        let provider = try SignInProvider()
        let program = try provider.login(installation, Self.login)
        let page = try await provider.browse(to: try await program.address() + "&deny=1")
        #expect(page.contains("Not signed in"))
        let end = try await program.end()
        #expect(end.status == .exited(77))
        #expect(end.errors.contains("refused (access_denied)"))
        #expect(!installation.has(Self.store))
        #expect(Self.isClean(end.output + end.errors + page))
    }

    /// Strangers can't end the wait, bring a code of their own, or learn anything.
    @Test func strangersAreNoAnswer() async throws {
        let installation = try Installation()
        let provider = try SignInProvider()
        let program = try provider.login(installation, Self.login)
        let address = try await program.address()
        let right = try await provider.destination(of: address)
        let base = String(right.prefix { $0 != "?" })
        for (query, status) in [
            ("?code=theirs&state=guess", "400"), ("?error=access_denied", "400"), ("", "400"), ("x?\(right)", "404"),
        ] { #expect(try await provider.get(base + query).hasPrefix("HTTP/1.1 \(status)")) }
        #expect(try await provider.get(right).hasPrefix("HTTP/1.1 200"))
        #expect(try await program.end().status == .exited(0))
        #expect(installation.read(Self.store).contains("CANARY-access"))
    }

    /// A code that the provider does not take any more.
    @Test func aUsedCodeStoresNothing() async throws {
        let installation = try Installation()
        let provider = try SignInProvider()
        let first = try provider.login(installation, Self.login)
        let code = String(
            try await provider.destination(of: try await first.address()).range(after: "code=").prefix { $0 != "&" })
        // Another attempt has another verifier, so its code is worth nothing here, and is gone then.
        let second = try provider.login(installation, Self.login)
        _ = try await second.address()
        for program in [second, first] {
            try await program.paste(code + "\n")
            let end = try await program.end()
            #expect(end.status == .exited(77))
            #expect(end.errors.contains("the provider refused the code (invalid_grant)"))
            #expect(Self.isClean(end.output + end.errors))
        }
        #expect(!installation.has(Self.store))
    }

    @Test func endsWithItsInterrupt() async throws {
        let installation = try Installation()
        let provider = try SignInProvider()
        let program = try provider.login(installation, Self.login)
        let address = try await program.address()
        let back = try await provider.destination(of: address)
        program.signal(SIGINT)
        let end = try await program.end()
        #expect(end.status == .signalled(SIGINT) || end.status == .exited(130) || end.status == .exited(75))
        #expect(!installation.has(Self.store))
        await #expect(throws: (any Error).self) { _ = try await provider.get(back) }
    }

    @Test func noSettingSendsPeopleElsewhere() async throws {
        let installation = try Installation(variables: ["ALULA_LOGIN_SERVER": "https://sign.example"])
        let result = try await installation.alulaList(Self.login)
        #expect(result.status == 64)
        #expect(result.errors.contains("takes a server on this machine only"))
        #expect(!result.errors.contains("sign.example"))
    }
}
