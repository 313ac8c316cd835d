import AlulaModels
import AlulaPrimitives
import Testing

@testable import AlulaAuth

struct ProfileOrderTests {
    private func resolve(
        _ store: StoreFact, for provider: ProviderID = "openai", context: AuthContext = .sample(),
        model: ModelID? = nil, preferred: ProfileID? = nil
    ) -> ProfileOrder {
        ProfileOrder.resolve(
            provider, in: .merging(main: store, agent: nil, now: noon), context: context, now: noon, model: model,
            preferred: preferred)
    }

    private func ids(_ order: ProfileOrder) -> [String] { order.eligible.map(\.id.rawValue) }

    private let three = StoreFact(profiles: [
        "openai:a": .key("openai"), "openai:b": .key("openai"), "openai:c": .key("openai"), "groq:a": .key("groq"),
    ])

    // upstream: 10.10 order: oauth first; OAuth before keys; configured, stored, preferred; lastUsed order
    @Test func triesLoginsBeforeTokensBeforeKeysAndTheLongestWaitingFirst() {
        let store = StoreFact(
            profiles: [
                "openai:key": .key("openai"), "openai:fresh": .key("openai"), "openai:never": .key("openai"),
                "openai:token": .token("openai"), "openai:login": .login("openai", left: .hours(1)),
                "openai:ended": .login("openai", left: .hours(-1)),
            ],
            usage: [
                "openai:key": ProfileUsage(lastUsed: .noon(plus: .hours(-2))),
                "openai:fresh": ProfileUsage(lastUsed: .noon(plus: .hours(-1))),
                "openai:login": ProfileUsage(lastUsed: noon),
            ])
        let order = resolve(store)
        #expect(
            ids(order) == [
                "openai:login", "openai:ended", "openai:token", "openai:never", "openai:key", "openai:fresh",
            ])
        #expect(order.origin == .stored)
    }

    // upstream: 10.10 order: stored order before configured order; keeps sequence
    @Test func obeysTheStoredOrderBeforeTheConfiguredOne() {
        var store = three
        let context = AuthContext.sample(order: ["openai": ["openai:a", "openai:b"]])
        #expect(ids(resolve(store, context: context)) == ["openai:a", "openai:b"])
        store.order = ["openai": ["openai:c", "openai:a", "openai:c"]]
        let order = resolve(store, context: context)
        #expect(ids(order) == ["openai:c", "openai:a"])
        #expect(order.origin == .storedOrder)
    }

    // upstream: 10.10 order: empty order disables
    @Test func switchesAProviderOffByAnEmptyOrder() {
        var store = three
        let context = AuthContext.sample(order: ["openai": []])
        #expect(resolve(store, context: context).isSwitchedOff)
        #expect(resolve(store, context: context, preferred: "openai:a").ranked.isEmpty)
        store.order = ["openai": []]
        #expect(resolve(store).isSwitchedOff)
        #expect(!resolve(store, for: "groq").isSwitchedOff)
    }

    // upstream: 10.10 order: alias credentials and orders
    @Test func sharesLoginsAndOrdersWithAliases() {
        var store = StoreFact(profiles: ["byteplus:a": .key("byteplus"), "byteplus-plan:b": .key("byteplus-plan")])
        #expect(ids(resolve(store, for: "byteplus-plan")) == ["byteplus-plan:b", "byteplus:a"])
        store.order = ["byteplus-plan": ["byteplus-plan:b"]]
        #expect(ids(resolve(store, for: "byteplus-plan")) == ["byteplus-plan:b"])
        store.order["byteplus"] = ["byteplus:a"]
        #expect(ids(resolve(store, for: "byteplus-plan")) == ["byteplus:a"])
    }

    // upstream: 10.10 order: friendly OpenAI order
    @Test func followsAnOrderOfTheFormerNameWithPresentLogins() {
        var store = three
        store.order = ["openai-codex": ["openai:c"]]
        #expect(ids(resolve(store)) == ["openai:c", "openai:a", "openai:b"])
    }

    // upstream: 10.10 order: casing
    @Test func ignoresTheCaseOfProviders() {
        let store = StoreFact(
            profiles: ["openai:a": .key(ProviderID("OpenAI"))], order: [ProviderID(" OPENAI "): ["openai:a"]])
        #expect(ids(resolve(store, for: ProviderID("openAI"))) == ["openai:a"])
    }

    // upstream: 10.10 order: no id-variant matching
    @Test func takesProfileIdsLiterally() {
        var store = three
        store.order = ["openai": ["OpenAI:A", "openai:b"]]
        let order = resolve(store)
        #expect(ids(order) == ["openai:b"])
        #expect(order.ranked.last?.eligibility == .profileMissing)
    }

    // upstream: 10.10 order: lastGood ignored
    @Test func paysNoHeedToWhatWorkedLast() {
        var store = three
        store.lastGood = ["openai": "openai:c"]
        #expect(ids(resolve(store)) == ["openai:a", "openai:b", "openai:c"])
    }

    // upstream: 10.10 order: stored-order repair; config order never bypassed
    @Test func fallsBackToStoredProfilesUnlessTheConfigurationOrders() {
        var store = three
        store.order = ["openai": ["openai:gone"]]
        #expect(ids(resolve(store)) == ["openai:a", "openai:b", "openai:c"])
        store.order = [:]
        let configured = AuthContext.sample(profiles: ["openai:gone": .init(provider: "openai", mode: "api_key")])
        #expect(ids(resolve(store, context: configured)) == ["openai:a", "openai:b", "openai:c"])
        let ordered = resolve(store, context: .sample(order: ["openai": ["openai:gone"]]))
        #expect(ids(ordered).isEmpty)
        #expect(ordered.ranked.map(\.eligibility) == [.profileMissing])
        #expect(!ordered.isSwitchedOff)
    }

    @Test func doesNotFallBackWhileAListedProfileIsStored() {
        var store = three
        store.profiles["openai:spent"] = .token("openai", expiry: .at(.noon(plus: .seconds(-1))))
        store.order = ["openai": ["openai:spent", "openai:gone"]]
        let order = resolve(store)
        #expect(ids(order).isEmpty)
        #expect(order.ranked.map(\.eligibility) == [.expired, .profileMissing])
    }

    // upstream: 10.10 order: configured profiles; foreign or missing ids dropped
    @Test func triesOnlyConfiguredProfilesOfTheProvider() {
        let context = AuthContext.sample(profiles: [
            "openai:b": .init(provider: "openai", mode: "api_key"),
            "openai:gone": .init(provider: "openai", mode: "token"),
            "groq:a": .init(provider: "groq", mode: "api_key"),
        ])
        let order = resolve(three, context: context)
        #expect(ids(order) == ["openai:b"])
        #expect(order.origin == .configuredProfiles)
        #expect(order.ranked.map(\.id) == ["openai:b", "openai:gone"])
        let foreign = resolve(three, context: .sample(order: ["openai": ["groq:a", "openai:a"]]))
        #expect(ids(foreign) == ["openai:a"])
        #expect(foreign.ranked.last?.eligibility == .providerMismatch)
    }

    // upstream: 10.10 order: mode compatibility
    @Test(arguments: [
        ("api_key", ProfileFact.key("openai"), ProfileEligibility.ok), ("token", .token("openai"), .ok),
        ("oauth", .login("openai", left: .hours(1)), .ok), ("oauth", .token("openai"), .ok),
        ("token", .login("openai", left: .hours(1)), .modeMismatch), ("api_key", .token("openai"), .modeMismatch),
        ("oauth", .key("openai"), .modeMismatch), ("nonsense", .key("openai"), .modeMismatch),
    ])
    func holdsAProfileToItsConfiguredMode(mode: String, fact: ProfileFact, eligibility: ProfileEligibility) {
        let order = resolve(
            StoreFact(profiles: ["openai:a": fact]),
            context: .sample(profiles: ["openai:a": .init(provider: "openai", mode: mode)]))
        #expect(order.ranked.map(\.eligibility) == [eligibility])
    }

    // upstream: 10.10 order: provider mismatch of a configured profile
    @Test func refusesAProfileThatIsConfiguredForAnotherProvider() {
        let context = AuthContext.sample(
            profiles: ["openai:a": .init(provider: "groq", mode: "api_key")], order: ["openai": ["openai:a"]])
        #expect(resolve(three, context: context).ranked.map(\.eligibility) == [.providerMismatch])
    }

    // upstream: 10.10 order: config-only aws-sdk kept or rejected
    @Test func keepsProfilesThatTheAWSChainServes() {
        let context = AuthContext.sample(profiles: [
            "amazon-bedrock:sso": .init(provider: "amazon-bedrock", mode: "aws-sdk")
        ])
        #expect(ids(resolve(StoreFact(), for: "amazon-bedrock", context: context)) == ["amazon-bedrock:sso"])
        let foreign = AuthContext.sample(
            profiles: ["amazon-bedrock:sso": .init(provider: "amazon-bedrock", mode: "aws-sdk")],
            order: ["openai": ["amazon-bedrock:sso"]])
        #expect(resolve(StoreFact(), context: foreign).ranked.map(\.eligibility) == [.providerMismatch])
    }

    // upstream: 10.10 order: cooldown and disabled last with any explicit order (store, config)
    @Test(arguments: [true, false]) func movesRestingProfilesToTheEndBySoonestRecovery(isStored: Bool) {
        var store = three
        store.profiles["openai:d"] = .key("openai")
        store.usage = [
            "openai:a": ProfileUsage(disabledUntil: .noon(plus: .hours(5)), disabledReason: .billing),
            "openai:b": ProfileUsage(cooldownUntil: .noon(plus: .seconds(30)), cooldownReason: .overloaded),
            "openai:d": ProfileUsage(cooldownUntil: .noon(plus: .seconds(-1))),
        ]
        let list: [ProfileID] = ["openai:a", "openai:b", "openai:d", "openai:c"]
        if isStored { store.order = ["openai": list] }
        let context = isStored ? AuthContext.sample() : .sample(order: ["openai": list])
        let order = resolve(store, context: context)
        #expect(ids(order) == ["openai:d", "openai:c", "openai:b", "openai:a"])
        #expect(order.ranked.map { $0.window?.kind } == [nil, nil, .cooldown, .disabled])
    }

    // upstream: 10.10 order: cooldown last; 10.10 cooldown-auto-expiry: round robin, explicit order
    @Test func movesRestingProfilesToTheEndWithoutAnOrder() {
        var store = three
        store.usage = [
            "openai:a": ProfileUsage(cooldownUntil: .noon(plus: .minutes(2))),
            "openai:b": ProfileUsage(lastUsed: .noon(plus: .hours(-1)), cooldownUntil: noon),
        ]
        #expect(ids(resolve(store)) == ["openai:c", "openai:b", "openai:a"])
    }

    // upstream: 10.10 order: OpenRouter order kept
    @Test func neverMovesARoutersProfiles() {
        let store = StoreFact(
            profiles: ["openrouter:a": .key("openrouter"), "openrouter:b": .key("openrouter")],
            order: ["openrouter": ["openrouter:a", "openrouter:b"]],
            usage: ["openrouter:a": ProfileUsage(cooldownUntil: .noon(plus: .hours(1)))])
        #expect(ids(resolve(store, for: "openrouter")) == ["openrouter:a", "openrouter:b"])
    }

    @Test func leavesOtherModelsCooldownsOut() {
        var store = three
        store.usage = [
            "openai:a": ProfileUsage(
                cooldownUntil: .noon(plus: .minutes(1)), cooldownReason: .rateLimit, cooldownModel: "gpt-5.5")
        ]
        #expect(ids(resolve(store, model: "gpt-5.4")).first == "openai:a")
        #expect(ids(resolve(store, model: "gpt-5.5")).last == "openai:a")
        #expect(ids(resolve(store)).last == "openai:a")
    }

    // upstream: 10.10 order: preferred
    @Test func triesThePinnedProfileFirst() {
        var store = three
        store.usage = ["openai:c": ProfileUsage(cooldownUntil: .noon(plus: .minutes(1)))]
        #expect(ids(resolve(store, preferred: "openai:c")) == ["openai:c", "openai:a", "openai:b"])
        store.order = ["openai": ["openai:a"]]
        #expect(ids(resolve(store, preferred: "openai:b")) == ["openai:b", "openai:a"])
        #expect(ids(resolve(store, preferred: "groq:a")) == ["openai:a"])
        #expect(ids(resolve(store, preferred: "openai:gone")) == ["openai:a"])
    }

    // upstream: 10.10 order: drift repair
    @Test func ordersTheFresherLoginInPlaceOfAnAgentsOldCopy() {
        let main = StoreFact(profiles: ["openai:me@example.com": .login("openai", left: .hours(5), account: "acct")])
        let agent = StoreFact(
            profiles: ["openai:default": .login("openai", left: .hours(-5), account: "acct")],
            order: ["openai": ["openai:default"]])
        let store = EffectiveStore.merging(main: main, agent: agent, now: noon)
        let order = ProfileOrder.resolve("openai", in: store, context: .sample(), now: noon)
        #expect(order.eligible.map(\.id) == ["openai:me@example.com"])
    }

    @Test func keepsTheClaudeToolsLoginApartFromAnthropicKeys() {
        let store = StoreFact(profiles: [
            "anthropic:claude-cli": .login("claude-cli", left: .hours(1)), "anthropic:work": .key("anthropic"),
        ])
        #expect(ids(resolve(store, for: "anthropic")) == ["anthropic:work"])
        #expect(ids(resolve(store, for: "claude-cli")) == ["anthropic:claude-cli"])
    }
}

struct ProfileEligibilityTests {
    // upstream: 10.10 credential-state: expiry states, eligibility of refs, invalid tokens, empty OAuth. order: validity
    // table; key and token refs kept; invalid expires dropped; refreshable OAuth kept
    @Test(arguments: [
        (ProfileFact.key("openai"), ProfileEligibility.ok),
        (ProfileFact(provider: "openai", kind: .apiKey), .missingCredential),
        (ProfileFact(provider: "openai", kind: .apiKey, marker: "OPENAI_API_KEY"), .ok),
        (
            ProfileFact(
                provider: "openai", kind: .apiKey,
                reference: SecretReference(source: .environment, provider: "default", id: "X")), .ok
        ),
        (
            ProfileFact(
                provider: "openai", kind: .token,
                reference: SecretReference(source: .file, provider: "vault", id: "/x")), .ok
        ),
        (ProfileFact(provider: "openai", kind: .token), .missingCredential),
        (ProfileFact(provider: "openai", kind: .token, expiry: .invalid), .missingCredential),
        (.token("openai"), .ok),
        (.token("openai", expiry: .at(.noon(plus: .milliseconds(1)))), .ok),
        (.token("openai", expiry: .at(noon)), .expired),
        (.token("openai", expiry: .at(.noon(plus: .seconds(-1)))), .expired),
        (.token("openai", expiry: .invalid), .invalidExpiry),
        (.login("openai", left: .hours(1)), .ok),
        (.login("openai", left: .hours(-1)), .ok),
        (.login("openai", left: nil), .ok),
        (ProfileFact(provider: "openai", kind: .oauth, refreshDigest: 4), .ok),
        (ProfileFact(provider: "openai", kind: .oauth), .missingCredential),
    ])
    func judgesTheCredential(fact: ProfileFact, eligibility: ProfileEligibility) {
        #expect(fact.eligibility(at: noon) == eligibility)
    }

    // upstream: 10.10 credential-state: near expiry unusable. external-cli-sync: usable vs near expiry
    @Test(arguments: [
        (ProfileFact.login("openai", left: .minutes(5) + .milliseconds(1)), true),
        (.login("openai", left: .minutes(5)), false), (.login("openai", left: .seconds(-1)), false),
        (.login("openai", left: nil), false), (.token("openai"), false), (.key("openai"), false),
        (ProfileFact(provider: "openai", kind: .oauth, expiry: .at(.noon(plus: .hours(1)))), false),
    ])
    func tellsWhetherAnAccessTokenCanBeUsed(fact: ProfileFact, isUsable: Bool) {
        #expect(fact.isUsable(at: noon) == isUsable)
    }

    @Test func saysWhyForEveryCode() {
        let reasons = ProfileEligibility.allCases.map(\.unavailableReason)
        #expect(reasons.first == .noLogin)
        #expect(ProfileEligibility.expired.unavailableReason == .expired)
    }
}

struct ProfileIdentityTests {
    private typealias Identity = ProfileFact.Identity

    // upstream: 10.10 oauth-identity: account first, then mail, refuse what can't be compared
    @Test(arguments: [
        (ProfileFact.Identity(accountID: "1"), ProfileFact.Identity(accountID: "1"), true, true),
        (.init(accountID: "1"), .init(accountID: "2"), false, false),
        (.init(accountID: "1", email: "a@x"), .init(accountID: "2", email: "a@x"), false, false),
        (.init(accountID: "1", email: "a@x"), .init(accountID: "1", email: "b@x"), true, true),
        (.init(accountID: "1", email: "a@x"), .init(email: "a@x"), true, true),
        (.init(email: "a@x"), .init(email: "b@x"), false, false),
        (.init(accountID: "1"), .init(email: "a@x"), false, false),
        (.init(accountID: "1"), .init(), false, false),
        (.init(), .init(accountID: "1"), true, false),
        (.init(), .init(), true, false),
    ])
    func guardsLoginsByTheirOwner(
        existing: ProfileFact.Identity, incoming: ProfileFact.Identity, isAdoptable: Bool, isOverwritable: Bool
    ) {
        #expect(existing.allowsAdoption(of: incoming) == isAdoptable)
        #expect(existing.allowsOverwriting(by: incoming) == isOverwritable)
    }
}
