import AlulaModels
import AlulaPrimitives
import Testing

@testable import AlulaAuth

struct StoreLoginsTests {
    private let all: [LoginTool: Reading<LoginFact>] = [
        .codex: LoginFact.sample(.codex, account: "acct"), .claudeCode: LoginFact.sample(.claudeCode),
        .minimax: LoginFact.sample(.minimax), .geminiCLI: LoginFact.sample(.geminiCLI),
        .githubCLI: LoginFact.sample(.githubCLI, kind: .token, left: nil),
    ]

    private func overlaid(
        _ profiles: [ProfileID: ProfileFact] = [:], logins: [LoginTool: Reading<LoginFact>],
        scope: LoginScope = .all
    ) -> EffectiveStore {
        EffectiveStore.merging(main: StoreFact(profiles: profiles), agent: nil, now: noon)
            .overlaying(logins: logins, scope: scope, now: noon)
    }

    // upstream: 10.10 external-cli-sync: Claude mapped; MiniMax overlay; Codex default bootstrapped in scope
    @Test(arguments: [
        (LoginTool.codex, "openai:default", "openai"), (.claudeCode, "anthropic:claude-cli", "claude-cli"),
        (.minimax, "minimax-portal:minimax-cli", "minimax-portal"),
        (.geminiCLI, "google-gemini-cli:gemini-cli", "google-gemini-cli"),
        (.githubCLI, "github-copilot:github-cli", "github-copilot"),
    ])
    func mapsEachToolToItsProfile(tool: LoginTool, id: String, provider: String) throws {
        let profile = try #require(overlaid(logins: all).profiles[ProfileID(id)])
        #expect(profile.fact.provider.rawValue == provider)
        #expect(profile.fact.provenance == .login(tool))
        #expect(profile.owner == .tool(tool))
    }

    // upstream: 10.10 external-cli-sync: Claude token ignored
    @Test func leavesALoginOfAnotherKindAlone() {
        #expect(overlaid(logins: [.claudeCode: LoginFact.sample(.claudeCode, kind: .token)]).profiles.isEmpty)
    }

    // upstream: 10.10 external-cli-sync: bootstrap only when unusable; existing Codex kept; Codex not a run-time source
    @Test(arguments: [Duration.hours(1), .hours(-1)]) func neverReplacesAStoredOpenAILogin(left: Duration) {
        let stored = ProfileFact.login("openai", left: left, account: "acct")
        let store = overlaid(["openai:default": stored], logins: all)
        #expect(store.profiles["openai:default"]?.fact == stored)
    }

    @Test func standsInForAStoredLoginWithoutTokens() {
        let shell = ProfileFact(provider: "openai", kind: .oauth, identity: .init(accountID: "acct"))
        let store = overlaid(["openai:work": shell], logins: all)
        #expect(store.profiles["openai:work"]?.owner == .tool(.codex))
        #expect(store.profiles["openai:default"] == nil)
    }

    // upstream: 10.10 external-cli-sync: replace rules; 10.10 effective-oauth: stored newer wins; usable local wins
    @Test(arguments: [
        (Duration.hours(1), Duration.hours(2), false), (.minutes(6), .hours(2), false), (.minutes(4), .hours(2), true),
        (.hours(-1), .hours(2), true), (.hours(-1), .minutes(4), false), (.hours(-1), .hours(-2), false),
    ])
    func renewsOnlyWhatHasEndedByWhatLasts(stored: Duration, tool: Duration, isTaken: Bool) {
        let id: ProfileID = "minimax-portal:minimax-cli"
        let store = overlaid(
            [id: .login("minimax-portal", left: stored)], logins: [.minimax: LoginFact.sample(.minimax, left: tool)])
        #expect(store.profiles[id]?.owner == (isTaken ? .tool(.minimax) : .main))
    }

    // upstream: 10.10 external-cli-sync: identity refusal
    @Test(
        arguments: [("acct", "acct", true), ("acct", "other", false), ("acct", nil, false), (nil, "acct", true)]
            as [(String?, String?, Bool)])
    func refusesSomebodyElsesLogin(stored: String?, tool: String?, isTaken: Bool) {
        let id: ProfileID = "minimax-portal:minimax-cli"
        let store = overlaid(
            [id: .login("minimax-portal", left: .hours(-1), account: stored)],
            logins: [.minimax: LoginFact.sample(.minimax, account: tool)])
        #expect((store.profiles[id]?.owner == .tool(.minimax)) == isTaken)
        #expect(store.refusedLogins == (isTaken ? [:] : [.minimax: id]))
    }

    // upstream: 10.10 external-cli-sync: mapping mismatch
    @Test(arguments: [ProfileFact.key("minimax-portal"), .login("other", left: .hours(-1))])
    func keepsAnythingElseOfThatName(stored: ProfileFact) {
        let id: ProfileID = "minimax-portal:minimax-cli"
        #expect(overlaid([id: stored], logins: all).profiles[id]?.fact == stored)
    }

    // upstream: 10.10 external-oauth: overlays, provenance
    @Test func namesAnEndedLoginWhereNothingIsStored() throws {
        let store = overlaid(logins: [.claudeCode: LoginFact.sample(.claudeCode, left: .hours(-1))])
        let fact = try #require(store.profiles["anthropic:claude-cli"]?.fact)
        #expect(fact.provenance == .login(.claudeCode))
        #expect(!fact.isUsable(at: noon))
        #expect(fact.eligibility(at: noon) == .ok)
    }

    @Test(arguments: [
        Reading<LoginFact>.pending, .absent, .timedOut(afterMilliseconds: 2000),
        .failed(SourceProblem(.malformed, "No JSON.", remedy: "Log in again.")),
    ])
    func takesNothingFromASourceThatSaysNothing(reading: Reading<LoginFact>) {
        #expect(overlaid(logins: [.claudeCode: reading]).profiles.isEmpty)
    }

    // upstream: 10.10 external-cli-scope: none; single provider; all signals; only when it is asked for
    @Test(
        arguments: [
            (LoginScope.none, []),
            (.existing, []),
            (.provider("openai"), ["openai:default"]),
            (.provider("codex-app-server"), ["openai:default"]),
            (.provider("anthropic"), []),
            (.provider("claude-cli"), ["anthropic:claude-cli"]),
            (
                .named(providers: ["minimax", "gemini-cli"], profiles: []),
                [
                    "google-gemini-cli:gemini-cli", "minimax-portal:minimax-cli",
                ]
            ),
            (
                .named(providers: [], profiles: ["github-copilot:github-cli", "openai:elsewhere"]),
                ["github-copilot:github-cli"]
            ),
        ] as [(LoginScope, [String])])
    func looksOnlyWhereItIsAsked(scope: LoginScope, ids: [String]) {
        #expect(overlaid(logins: all, scope: scope).profiles.keys.map(\.rawValue).sorted() == ids)
    }

    // upstream: 10.10 external-cli-sync: stored profile refreshed unscoped; missing profiles not scanned unscoped
    @Test func renewsExistingProfilesInTheNarrowScope() {
        let store = overlaid(
            ["minimax-portal:minimax-cli": .login("minimax-portal", left: .hours(-1))], logins: all, scope: .existing)
        #expect(store.profiles.map(\.value.owner) == [.tool(.minimax)])
    }
}

struct StoreSavingTests {
    // upstream: 2.6 saving; 10.10 ensureauthprofilestore: no cloning to agents; 10.10 store-cache: runtime-only
    // upstream: 10.10 external-oauth: persistence marks; 10.10 oauth-shared: an equal copy is inherited
    @Test func savesWhatIsTheAgentsOwn() {
        let inherited = ProfileFact.login("openai", left: .hours(1), account: "acct", digest: 9)
        let main = StoreFact(profiles: [
            "openai:same": inherited, "openai:fresher": .login("openai", left: .hours(5), account: "acct"),
            "openai:older": .login("openai", left: .hours(-5), account: "acct"),
            "openai:other": .login("openai", left: .hours(5), account: "other"), "groq:key": .key("groq"),
        ])
        var borrowed = ProfileFact.login("claude-cli", left: .hours(1))
        borrowed.provenance = .login(.claudeCode)
        let agent = StoreFact(
            profiles: [
                "openai:same": inherited,
                "openai:fresher": .login("openai", left: .hours(1), account: "acct", digest: 8),
                "openai:older": .login("openai", left: .hours(1), account: "acct", digest: 8),
                "openai:other": .login("openai", left: .hours(1), account: "acct", digest: 8),
                "groq:key": .key("groq"), "anthropic:claude-cli": borrowed,
            ],
            usage: ["openai:same": ProfileUsage(errorCount: 1), "openai:gone": ProfileUsage(errorCount: 1)])
        let pruned = StoreSaving.pruned(agent: agent, main: main)
        #expect(pruned.inherited == ["openai:same", "openai:fresher"])
        #expect(pruned.borrowed == ["anthropic:claude-cli"])
        #expect(Set(pruned.store.profiles.keys) == ["openai:older", "openai:other", "groq:key"])
        #expect(pruned.store.usage.keys.map(\.rawValue) == ["openai:same"])
    }

    // upstream: 10.10 persisted-boundary: config-only order kept; authoritative removal
    @Test func prunesReferencesButNotWhatWasOnDisk() {
        let onDisk = StoreFact(order: ["openai": ["openai:gone", "openai:a"]])
        let agent = StoreFact(
            profiles: ["openai:a": .key("openai")],
            order: [
                "openai": ["openai:gone", "openai:never", "openai:a"], "groq": ["groq:gone"], "mistral": [],
            ],
            lastGood: ["openai": "openai:a", "groq": "groq:gone"])
        let pruned = StoreSaving.pruned(agent: agent, main: nil, onDisk: onDisk).store
        #expect(pruned.order == ["openai": ["openai:gone", "openai:a"], "mistral": []])
        #expect(pruned.lastGood == ["openai": "openai:a"])
    }

    @Test func leavesTheMainStoreWhole() {
        let main = StoreFact(
            profiles: ["openai:a": .login("openai", left: .hours(1))], lastGood: ["openai": "openai:a"])
        #expect(StoreSaving.pruned(agent: main, main: nil).store == main)
    }
}
