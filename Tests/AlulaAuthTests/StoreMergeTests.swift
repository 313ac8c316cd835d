import AlulaModels
import AlulaPrimitives
import Testing

@testable import AlulaAuth

struct StoreMergeTests {
    private func merge(_ main: StoreFact?, _ agent: StoreFact?) -> EffectiveStore {
        .merging(main: main, agent: agent, now: noon)
    }

    // upstream: 10.10 ensureauthprofilestore: merge and override
    @Test func laysTheAgentsEntriesOverTheMainStores() {
        let merged = merge(
            StoreFact(
                profiles: ["openai:a": .key("openai"), "groq:a": .key("groq")],
                order: ["openai": ["openai:a"], "groq": ["groq:a"]], lastGood: ["openai": "openai:a"],
                usage: ["openai:a": ProfileUsage(errorCount: 1), "groq:a": ProfileUsage(errorCount: 2)]),
            StoreFact(
                profiles: ["openai:a": .token("openai"), "openai:b": .key("openai")], order: ["openai": ["openai:b"]],
                lastGood: ["openai": "openai:b"], usage: ["openai:a": ProfileUsage(errorCount: 9)]))
        #expect(merged.profiles["openai:a"] == .init(fact: .token("openai"), owner: .agent))
        #expect(merged.profiles["openai:b"]?.owner == .agent)
        #expect(merged.profiles["groq:a"]?.owner == .main)
        #expect(merged.order == ["openai": ["openai:b"], "groq": ["groq:a"]])
        #expect(merged.lastGood == ["openai": "openai:b"])
        #expect(merged.usage["openai:a"]?.errorCount == 9)
        #expect(merged.usage["groq:a"]?.errorCount == 2)
    }

    // upstream: 2.6 merge rule 1
    @Test func keepsTheMainStoreUnderAnEmptyOne() {
        let main = StoreFact(profiles: ["openai:a": .key("openai")], lastGood: ["x": "x:gone"])
        #expect(merge(main, StoreFact()) == merge(main, nil))
        #expect(merge(nil, nil).profiles.isEmpty)
    }

    // upstream: 2.6 merge rule 2
    @Test func dropsWhatRefersToNothing() {
        let merged = merge(
            StoreFact(profiles: ["groq:a": .key("groq")]),
            StoreFact(
                profiles: ["openai:a": .key("openai")], lastGood: ["groq": "groq:gone", "openai": "openai:a"],
                usage: ["groq:gone": ProfileUsage(errorCount: 1), "openai:default": ProfileUsage(errorCount: 3)]))
        #expect(merged.lastGood == ["openai": "openai:a"])
        #expect(merged.usage["groq:gone"] == nil)
        // The Codex program's login may come in under this id, and its cooldown must still be known then.
        #expect(merged.usage["openai:default"]?.errorCount == 3)
    }

    // upstream: 2.9 rule 1; 10.10 oauth-identity: adoption; 10.10 oauth-shared: fallback to main
    @Test(
        arguments: [
            (Duration.hours(-1), "acct", Duration.hours(1), "acct", EffectiveStore.Owner.main, true),
            (.hours(1), "acct", .hours(2), "acct", .main, true),
            (.hours(2), "acct", .hours(1), "acct", .agent, false),
            (.hours(-1), "acct", .hours(1), "other", .agent, false),
            (.hours(-1), nil, .hours(1), "acct", .main, true),
            (.hours(-2), "acct", .hours(-1), "acct", .main, false),
            (.hours(-1), "acct", .hours(1), nil, .agent, false),
        ] as [(Duration, String?, Duration, String?, EffectiveStore.Owner, Bool)])
    func usesTheMainStoresFresherCopyOfALogin(
        own: Duration, account: String?, base: Duration, mainAccount: String?, owner: EffectiveStore.Owner,
        usesMain: Bool
    ) {
        let mine = ProfileFact.login("openai", left: own, account: account, digest: 10)
        let theirs = ProfileFact.login("openai", left: base, account: mainAccount, digest: 20)
        let merged = merge(StoreFact(profiles: ["openai:a": theirs]), StoreFact(profiles: ["openai:a": mine]))
        #expect(merged.profiles["openai:a"] == .init(fact: usesMain ? theirs : mine, owner: owner))
    }

    @Test func neverSwapsAKeyForTheMainStoresKey() {
        let merged = merge(
            StoreFact(profiles: ["openai:a": .key("openai")]), StoreFact(profiles: ["openai:a": .key("openai")]))
        #expect(merged.profiles["openai:a"]?.owner == .agent)
    }
}

struct StoreDriftTests {
    private func merge(
        _ main: [ProfileID: ProfileFact], _ copy: ProfileFact, mainUsage: [ProfileID: ProfileUsage] = [:]
    ) -> EffectiveStore {
        .merging(
            main: StoreFact(profiles: main, usage: mainUsage),
            agent: StoreFact(
                profiles: ["openai:default": copy, "openai:own": .key("openai")],
                order: ["openai": ["openai:own", "openai:default", "openai:new"]],
                lastGood: ["openai": "openai:default"], usage: ["openai:default": ProfileUsage(errorCount: 9)]),
            now: noon)
    }

    // upstream: 10.10 ensureauthprofilestore: drift repair, replaced and deleted
    @Test func replacesACopyByTheOwnersLaterLogin() {
        let store = merge(
            ["openai:new": .login("openai", left: .hours(9), account: "acct")],
            .login("openai", left: .hours(-1), account: "acct"))
        #expect(store.replacements == ["openai:default": "openai:new"])
        #expect(store.profiles["openai:default"] == nil)
        #expect(store.order["openai"] == ["openai:own", "openai:new"])
        #expect(store.lastGood == ["openai": "openai:new"])
        #expect(store.usage["openai:default"] == nil)
    }

    // upstream: 10.10 ensureauthprofilestore: drift repair, main's copy restored
    @Test func restoresTheMainStoresEntryOfThatName() {
        let base = ProfileFact.login("openai", left: .hours(-9), account: "acct", digest: 50)
        let store = merge(
            ["openai:new": .login("openai", left: .hours(9), account: "acct"), "openai:default": base],
            .login("openai", left: .hours(-1), account: "acct"),
            mainUsage: ["openai:default": ProfileUsage(errorCount: 2)])
        #expect(store.profiles["openai:default"] == .init(fact: base, owner: .main))
        #expect(store.usage["openai:default"]?.errorCount == 2)
    }

    // upstream: 10.10 ensureauthprofilestore: drift repair, ambiguous owner left alone
    @Test func leavesACopyWithoutOwnerAloneAmongSeveral() {
        let copy = ProfileFact.login("openai", left: .hours(-1))
        let store = merge(
            [
                "openai:new": .login("openai", left: .hours(9), account: "a"),
                "openai:newer": .login("openai", left: .hours(10), account: "b"),
            ], copy)
        #expect(store.replacements.isEmpty)
        #expect(store.profiles["openai:default"]?.fact == copy)
        let single = merge(["openai:new": .login("openai", left: .hours(9), account: "a")], copy)
        #expect(single.replacements == ["openai:default": "openai:new"])
    }

    // upstream: 10.10 ensureauthprofilestore: drift repair, only candidate without conflict
    @Test func takesTheOnlyUndisputedLoginForOneThatHasEnded() {
        let main: [ProfileID: ProfileFact] = [
            "openai:new": .login("openai", left: .hours(9), email: "a@example.com"),
            "openai:other": .login("openai", left: .hours(9), account: "other"),
        ]
        let ended = merge(main, .login("openai", left: .hours(-1), account: "acct"))
        #expect(ended.replacements == ["openai:default": "openai:new"])
        let live = merge(main, .login("openai", left: .hours(1), account: "acct"))
        #expect(live.replacements.isEmpty)
    }

    @Test func prefersTheLatestOfTheOwnersLogins() {
        let store = merge(
            [
                "openai:x": .login("openai", left: .hours(9), account: "acct"),
                "openai:b": .login("openai", left: .hours(10), account: "acct"),
                "openai:a": .login("openai", left: .hours(10), account: "acct"),
            ], .login("openai", left: .hours(-1), account: "acct"))
        #expect(store.replacements == ["openai:default": "openai:a"])
    }

    @Test(arguments: [
        ProfileFact.login("openai", left: .minutes(4), account: "acct"),
        .login("groq", left: .hours(9), account: "acct"),
        .login("openai", left: .hours(9), account: "other"), .key("openai"),
    ])
    func replacesByNothingElse(candidate: ProfileFact) {
        let store = merge(["openai:new": candidate], .login("openai", left: .minutes(-1), account: "acct"))
        #expect(store.replacements.isEmpty)
    }
}
