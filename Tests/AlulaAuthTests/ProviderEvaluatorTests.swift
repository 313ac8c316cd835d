import AlulaPrimitives
import Testing

@testable import AlulaAuth

struct ProviderEvaluatorTests {
    private let now = Timestamp(milliseconds: 1_780_000_000_000)
    private let main = StoreID("/state/agents/main/agent")
    private let own = StoreID("/state/agents/work/agent")
    private let digest = FactVersion(rawValue: 7)

    private func evaluate(
        _ provider: ProviderID, agent: AgentID = .main, _ change: (inout AuthContext, inout AuthFacts) -> Void
    ) -> ProviderEvaluation {
        var context = AuthContext(
            agents: [.init(id: .main, store: main, workspace: "/w"), .init(id: "work", store: own, workspace: "/w2")],
            defaultAgent: .main, mainStore: main, providerIDs: [provider])
        var facts = AuthFacts(
            stores: [main: .absent, own: .absent], googleCredentials: .absent, awsFiles: .absent)
        change(&context, &facts)
        return ProviderEvaluator(context: context, facts: facts, now: now).evaluate(provider, for: agent)
    }

    private func store(_ profiles: [ProfileID: ProfileFact], usage: [ProfileID: ProfileUsage] = [:]) -> Reading<
        StoreFact
    > {
        .found(StoreFact(origin: .profiles, profiles: profiles, usage: usage), version: digest)
    }

    private func after(_ seconds: Int64) -> Timestamp { now.advanced(by: .seconds(seconds)) }

    // MARK: Environment

    @Test(
        arguments: [
            ("openai", ["OPENAI_API_KEY"], "env: OPENAI_API_KEY"),
            ("openai", ["OPENAI_API_KEY", "CODEX_API_KEY"], "env: CODEX_API_KEY"),
            ("google", ["GOOGLE_API_KEY"], "env: GOOGLE_API_KEY"),
            ("minimax-cn", ["MINIMAX_API_KEY"], "env: MINIMAX_API_KEY"),
            ("openai", ["OPENAI_API_KEYS"], "env: OPENAI_API_KEYS"),
            ("openai", ["OPENAI_API_KEY_2"], "env: OPENAI_API_KEY_2"),
            ("openai", ["OPENCLAW_LIVE_OPENAI_KEY", "OPENAI_API_KEY"], "env: OPENCLAW_LIVE_OPENAI_KEY"),
        ] as [(ProviderID, [String], String)])
    // upstream: 10.10 model-auth-env: order and aliases
    func takesTheFirstVariableThatIsSet(_ provider: ProviderID, _ names: [String], _ label: String) {
        let answer = evaluate(provider) { _, facts in
            for name in names { facts.environment.origins[name] = .process }
        }
        #expect(answer.availability.evidence?.label == label)
    }

    @Test func namesTheLoginShellWhenItSuppliedTheVariable() {
        let answer = evaluate("groq") { _, facts in facts.environment.origins["GROQ_API_KEY"] = .shell }
        #expect(answer.availability.evidence?.label == "shell env: GROQ_API_KEY")
    }

    @Test(arguments: ["AZURE_SPEECH_REGION", "SPEECH_REGION"])
    func aRegionIsNoCredential(_ name: String) {
        let answer = evaluate("azure-speech") { _, facts in facts.environment.origins[name] = .process }
        #expect(answer.availability == .unavailable(.noLogin, until: nil))
    }

    @Test func claudeCLIAndAnthropicAreTwoLogins() {
        let answer = evaluate("claude-cli") { _, facts in facts.environment.origins["ANTHROPIC_API_KEY"] = .process }
        #expect(!answer.availability.isAvailable)
    }

    // MARK: Profiles

    // upstream: 10.10 model-auth: stored before environment
    @Test func aStoredProfileComesBeforeTheEnvironment() {
        let answer = evaluate("openai") { _, facts in
            facts.environment.origins["OPENAI_API_KEY"] = .process
            facts.stores[main] = store([
                "openai:work": ProfileFact(provider: "openai", kind: .apiKey, inlineDigest: digest)
            ])
        }
        #expect(answer.availability.evidence?.source == .profile("openai:work"))
        #expect(answer.candidates.map(\.label) == ["profile:openai:work", "env: OPENAI_API_KEY"])
    }

    @Test(
        .bug(id: "B31"),
        arguments: [
            (
                ProfileFact.Kind.token, ProfileFact.Expiry.at(Timestamp(milliseconds: 1_779_999_999_999)),
                UnavailableReason.expired
            ),
            (.token, .invalid, .invalidExpiry),
            (.oauth, .at(Timestamp(milliseconds: 1_780_000_299_000)), .expired),
            (.oauth, .invalid, .invalidExpiry),
        ])
    // upstream: 10.10 credential-state: expired is never ok
    func anEndedCredentialIsNotAvailable(
        _ kind: ProfileFact.Kind, _ expiry: ProfileFact.Expiry, _ reason: UnavailableReason
    ) {
        let answer = evaluate("anthropic") { _, facts in
            facts.stores[main] = store([
                "anthropic:default": ProfileFact(
                    provider: "anthropic", kind: kind, inlineDigest: digest, expiry: expiry)
            ])
        }
        #expect(answer.availability == .unavailable(reason, until: nil))
    }

    @Test func aLoginThatRenewsItselfStaysAvailable() {
        let answer = evaluate("openai") { _, facts in
            facts.stores[main] = store([
                "openai:default": ProfileFact(
                    provider: "openai", kind: .oauth, inlineDigest: digest, refreshDigest: digest,
                    expiry: .at(after(-5)))
            ])
        }
        #expect(answer.availability.isAvailable)
        #expect(answer.availability.changesAt == nil)
    }

    @Test(.bug(id: "B51")) func anotherToolsEndedLoginIsNotRenewedFromHere() {
        let answer = evaluate("openai") { _, facts in
            facts.logins[.codex] = .found(
                LoginFact(
                    tool: .codex, kind: .oauth, digest: digest, refreshDigest: digest, expiry: .at(after(-5)),
                    modified: now, path: "/home/x/.codex/auth.json"), version: digest)
        }
        #expect(answer.availability == .unavailable(.expired, until: nil))
    }

    @Test(arguments: [
        (
            Reading<LoginFact>.failed(SourceProblem(.unsupported, "In the keyring.", remedy: "Log in.")),
            Availability.unknown(.needsInteraction)
        ),
        (
            .failed(SourceProblem(.malformed, "Broken.", path: "/hosts.yml", remedy: "Mend it.")),
            .unavailable(.unusableStore, until: nil)
        ),
        (.timedOut(afterMilliseconds: 2000), .unknown(.sourceTimedOut)), (.absent, .unavailable(.noLogin, until: nil)),
    ])
    func aToolsLoginThatCantBeReadIsNamed(_ reading: Reading<LoginFact>, _ expected: Availability) {
        let answer = evaluate("github-copilot") { _, facts in facts.logins[.githubCLI] = reading }
        #expect(answer.availability == expected)
    }

    @Test(.bug(id: "B29")) func anotherToolsLoginCountsWhileItLasts() {
        let answer = evaluate("openai") { _, facts in
            facts.logins[.codex] = .found(
                LoginFact(
                    tool: .codex, kind: .oauth, digest: digest, refreshDigest: digest, expiry: .at(after(3600)),
                    modified: now, path: "/home/x/.codex/auth.json"), version: digest)
        }
        #expect(answer.availability.evidence?.source == .login(.codex, "openai:default"))
        // It is not used in its last five minutes, and the answer says so on time.
        #expect(answer.availability.changesAt == after(3300))
    }

    @Test(arguments: [
        (
            ProfileUsage(cooldownUntil: Timestamp(milliseconds: 1_780_000_030_000), cooldownReason: .rateLimit),
            UnavailableReason.coolingDown
        ),
        (
            ProfileUsage(disabledUntil: Timestamp(milliseconds: 1_780_000_030_000), disabledReason: .billing),
            .billingDisabled
        ),
        (
            ProfileUsage(disabledUntil: Timestamp(milliseconds: 1_780_000_030_000), disabledReason: .authPermanent),
            .credentialRejected
        ),
        (
            ProfileUsage(blockedUntil: Timestamp(milliseconds: 1_780_000_030_000), blockedReason: "subscription_limit"),
            .usageLimit
        ),
    ])
    // upstream: 10.2 4
    func aWindowMakesUnavailableUntilItEnds(_ usage: ProfileUsage, _ reason: UnavailableReason) {
        let answer = evaluate("anthropic") { _, facts in
            facts.stores[main] = store(
                ["anthropic:work": ProfileFact(provider: "anthropic", kind: .apiKey, inlineDigest: digest)],
                usage: ["anthropic:work": usage])
        }
        #expect(answer.availability == .unavailable(reason, until: after(30)))
    }

    @Test(.bug(id: "B61")) func aWindowOverOneModelLeavesTheProviderAvailable() {
        let answer = evaluate("anthropic") { _, facts in
            facts.stores[main] = store(
                ["anthropic:work": ProfileFact(provider: "anthropic", kind: .apiKey, inlineDigest: digest)],
                usage: [
                    "anthropic:work": ProfileUsage(
                        cooldownUntil: after(30), cooldownReason: .rateLimit, cooldownModel: "claude-x")
                ])
        }
        #expect(answer.availability.isAvailable)
    }

    @Test func theSoonestRecoveryIsGiven() {
        let answer = evaluate("groq") { _, facts in
            facts.stores[main] = store(
                [
                    "groq:a": ProfileFact(provider: "groq", kind: .apiKey, inlineDigest: digest),
                    "groq:b": ProfileFact(provider: "groq", kind: .apiKey, inlineDigest: digest),
                ],
                usage: [
                    "groq:a": ProfileUsage(disabledUntil: after(900), disabledReason: .billing),
                    "groq:b": ProfileUsage(cooldownUntil: after(60), cooldownReason: .overloaded),
                ])
        }
        #expect(answer.availability == .unavailable(.coolingDown, until: after(60)))
    }

    @Test func anEmptyOrderSwitchesProfilesOffAndNotTheEnvironment() {
        func answer(isSet: Bool) -> ProviderEvaluation {
            evaluate("openai") { context, facts in
                context.configuredOrder["openai"] = []
                if isSet { facts.environment.origins["OPENAI_API_KEY"] = .process }
                facts.stores[main] = store([
                    "openai:a": ProfileFact(provider: "openai", kind: .apiKey, inlineDigest: digest)
                ])
            }
        }
        #expect(answer(isSet: false).availability == .unavailable(.switchedOff, until: nil))
        #expect(answer(isSet: true).availability.evidence?.label == "env: OPENAI_API_KEY")
    }

    @Test func anAgentSeesItsOwnStoreOverTheMainOne() {
        let change: (inout AuthContext, inout AuthFacts) -> Void = { _, facts in
            facts.stores[main] = store([
                "groq:default": ProfileFact(provider: "groq", kind: .apiKey, inlineDigest: digest)
            ])
            facts.stores[own] = store([
                "mistral:default": ProfileFact(provider: "mistral", kind: .apiKey, inlineDigest: digest)
            ])
        }
        #expect(evaluate("groq", agent: "work", change).availability.isAvailable)
        #expect(evaluate("mistral", agent: "work", change).availability.isAvailable)
        #expect(!evaluate("mistral", agent: .main, change).availability.isAvailable)
    }

    // MARK: Configuration

    @Test func aKeyThatNamesAProfileMeansThatProfileAlone() {
        let answer = evaluate("my-proxy") { context, facts in
            context.providers["my-proxy"] = .init(id: "my-proxy", key: .profile("my-proxy:gone"))
            facts.environment.origins["MY_PROXY_API_KEY"] = .process
            facts.stores[main] = store([
                "my-proxy:here": ProfileFact(provider: "my-proxy", kind: .apiKey, inlineDigest: digest)
            ])
        }
        #expect(answer.availability == .unavailable(.missingCredential, until: nil))
        #expect(answer.candidates.count == 1)
    }

    @Test func aKeyMayNameAProfileOfTheSameEndpointAndOfNoOther() {
        func answer(_ url: String) -> Availability {
            evaluate("fork") { context, facts in
                context.providers["fork"] = .init(id: "fork", key: .profile("home:key"), baseURL: url)
                context.providers["home"] = .init(id: "home", baseURL: "https://llm.example.com/v1/")
                facts.stores[main] = store([
                    "home:key": ProfileFact(provider: "home", kind: .apiKey, inlineDigest: digest)
                ])
            }.availability
        }
        #expect(answer("https://LLM.example.com/v1?x=1").isAvailable)
        #expect(answer("https://other.example.com/v1") == .unavailable(.providerMismatch, until: nil))
    }

    @Test func aLiteralKeyThatIsInsistedOnComesFirst() {
        func answer(_ auth: String?) -> String? {
            evaluate("openai") { context, facts in
                context.providers["openai"] = .init(id: "openai", auth: auth, key: .literal)
                facts.environment.origins["OPENAI_API_KEY"] = .process
            }.availability.evidence?.label
        }
        #expect(answer("api-key") == "models.json")
        #expect(answer(nil) == "env: OPENAI_API_KEY")
    }

    @Test func aVariablesNameAsKeyMeansItsValue() {
        func answer(isSet: Bool) -> Availability {
            evaluate("deepseek") { context, facts in
                context.providers["deepseek"] = .init(id: "deepseek", key: .marker("OPENAI_API_KEY"))
                if isSet { facts.environment.origins["OPENAI_API_KEY"] = .process }
            }.availability
        }
        #expect(answer(isSet: true).isAvailable)
        #expect(answer(isSet: false) == .unavailable(.unresolvedReference, until: nil))
    }

    @Test func anInvalidEntryDisablesOnlyItself() {
        let change: (inout AuthContext, inout AuthFacts) -> Void = { context, facts in
            context.providers["openai"] = .init(id: "openai", isInvalid: true)
            facts.environment.origins["OPENAI_API_KEY"] = .process
            facts.environment.origins["GROQ_API_KEY"] = .process
        }
        #expect(evaluate("openai", change).availability == .unavailable(.invalidSettings, until: nil))
        #expect(evaluate("groq", change).availability.isAvailable)
    }

    // MARK: References

    // upstream: 10.1 29
    @Test(arguments: [
        (Reading<SecretSourceFact>?.none, Availability.unknown(.helperPending)),
        (.pending, .unknown(.helperPending)), (.timedOut(afterMilliseconds: 5000), .unknown(.helperTimedOut)),
        (
            .found(SecretSourceFact(ids: ["k": .missing(code: "NOT_FOUND")]), version: FactVersion(rawValue: 1)),
            .unavailable(.unresolvedReference, until: nil)
        ),
        (.found(SecretSourceFact(), version: FactVersion(rawValue: 1)), .unavailable(.unresolvedReference, until: nil)),
        (
            .failed(SourceProblem(.helperFailed, "It ended with 1.", remedy: "Run it.")),
            .unavailable(.unresolvedReference, until: nil)
        ),
    ])
    func aHelpersSecretCountsOnlyWhenItAnswered(_ reading: Reading<SecretSourceFact>?, _ expected: Availability) {
        let answer = evaluate("groq") { context, facts in
            context.secretProviders["vault"] = .init(source: .helper)
            context.providers["groq"] = .init(
                id: "groq", key: .reference(SecretReference(source: .helper, provider: "vault", id: "k")))
            if let reading { facts.secretSources["vault"] = reading }
        }
        #expect(answer.availability == expected)
    }

    @Test func anEnvironmentReferenceObeysItsAllowlist() {
        func answer(allowed: Set<String>?, alias: String = "default") -> Bool {
            evaluate("groq") { context, facts in
                if alias != "default" || allowed != nil {
                    context.secretProviders[alias == "stranger" ? "other" : alias] = .init(
                        source: .environment, allowlist: allowed)
                }
                context.providers["groq"] = .init(
                    id: "groq", key: .reference(SecretReference(source: .environment, provider: alias, id: "TEAM_KEY")))
                facts.environment.origins["TEAM_KEY"] = .process
            }.availability.isAvailable
        }
        #expect(answer(allowed: nil))
        #expect(answer(allowed: ["TEAM_KEY"]))
        #expect(!answer(allowed: ["OTHER"]))
        #expect(answer(allowed: nil, alias: "team"))
        #expect(!answer(allowed: nil, alias: "stranger"))
    }

    // MARK: Clouds and local servers

    // upstream: 10.1 28
    @Test func bedrockWithoutAnyEvidenceIsNotAvailable() {
        #expect(evaluate("amazon-bedrock") { _, _ in }.availability == .unavailable(.noLogin, until: nil))
        let withKeys = evaluate("amazon-bedrock") { _, facts in
            facts.environment.origins["AWS_ACCESS_KEY_ID"] = .process
            facts.environment.origins["AWS_SECRET_ACCESS_KEY"] = .process
        }
        #expect(withKeys.availability.evidence?.label == "AWS_ACCESS_KEY_ID + AWS_SECRET_ACCESS_KEY")
        #expect(withKeys.availability.evidence?.mode == .aws)
    }

    @Test(
        arguments: [
            (["AWS_PROFILE": "work"], ["work": AWSFilesFact.Means.staticKeys], nil, true),
            (["AWS_PROFILE": "gone"], ["work": .staticKeys], nil, false),
            (["AWS_PROFILE": "sso"], ["sso": .singleSignOn], nil, false),
            ([:], ["default": .assumedRole], nil, true),
            (["AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_ROLE_ARN": "arn:x"], [:], true, true),
            (["AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_ROLE_ARN": "arn:x"], [:], false, false),
            (["AWS_WEB_IDENTITY_TOKEN_FILE": "/t"], [:], true, false),
            (["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/x"], [:], nil, true),
        ] as [([String: String], [String: AWSFilesFact.Means], Bool?, Bool)])
    func looksForAWSInEarnest(
        _ values: [String: String], _ profiles: [String: AWSFilesFact.Means], _ token: Bool?, _ expected: Bool
    ) {
        let answer = evaluate("amazon-bedrock") { _, facts in
            facts.environment.values = values
            for name in values.keys { facts.environment.origins[name] = .process }
            facts.awsFiles = .found(
                AWSFilesFact(profiles: profiles, hasWebIdentityToken: token), version: FactVersion(rawValue: 1))
        }
        #expect(answer.availability.isAvailable == expected)
    }

    // upstream: 10.10 model-auth.profiles: Google's evidence
    @Test(arguments: [
        (["GOOGLE_CLOUD_PROJECT": "p", "GOOGLE_CLOUD_LOCATION": "l"], true), (["GOOGLE_CLOUD_PROJECT": "p"], false),
        (["GCLOUD_PROJECT": "p", "GOOGLE_CLOUD_LOCATION": "l"], true), (["GOOGLE_CLOUD_LOCATION": "l"], false),
    ])
    func vertexNeedsProjectLocationAndLogin(_ values: [String: String], _ expected: Bool) {
        let answer = evaluate("google-vertex") { _, facts in
            facts.environment.values = values
            facts.googleCredentials = .found(
                GoogleCredentialsFact(type: "authorized_user", path: "/adc.json"), version: FactVersion(rawValue: 1))
        }
        #expect(answer.availability.isAvailable == expected)
    }

    @Test(arguments: [
        ("http://127.0.0.1:8000/v1", "openai-completions", 1, true),
        ("http://10.0.0.5:1/v1", "openai-completions", 1, true),
        ("https://llm.example.com/v1", "openai-completions", 1, false), ("http://127.0.0.1:8000/v1", nil, 1, false),
        ("http://127.0.0.1:8000/v1", "openai-completions", 0, false),
    ])
    func aLocalServerNeedsNoKeyWhenItsEntryIsComplete(_ url: String, _ api: String?, _ models: Int, _ expected: Bool) {
        let answer = evaluate("my-box") { context, _ in
            context.providers["my-box"] = .init(id: "my-box", baseURL: url, api: api, modelCount: models)
        }
        #expect(answer.availability.isAvailable == expected)
    }

    @Test func theTestModelIsAlwaysThere() {
        #expect(evaluate("alula") { _, _ in }.availability.evidence?.source == .builtIn)
    }

    // MARK: Sources that can't be read

    @Test(arguments: [
        (Reading<StoreFact>.pending, Availability.unknown(.notReadYet)),
        (.timedOut(afterMilliseconds: 2000), .unknown(.sourceTimedOut)),
        (
            .failed(SourceProblem(.malformed, "Broken.", path: "/x", line: 3, column: 4, remedy: "Mend it.")),
            .unavailable(.unusableStore, until: nil)
        ),
        (
            .failed(SourceProblem(.permissionDenied, "Closed.", path: "/x", remedy: "chmod")),
            .unknown(.unreadableSource)
        ),
    ])
    func aStoreThatCantBeReadIsNamed(_ reading: Reading<StoreFact>, _ expected: Availability) {
        let answer = evaluate("groq") { _, facts in facts.stores[main] = reading }
        #expect(answer.availability == expected)
        let withKey = evaluate("groq") { _, facts in
            facts.stores[main] = reading
            facts.environment.origins["GROQ_API_KEY"] = .process
        }
        #expect(withKey.availability.isAvailable)
    }

    // upstream: 10.1 27
    @Test func theBooleanFollowsFromTheAnswer() {
        #expect(Availability.available(Evidence(source: .configuration, mode: .apiKey, label: "x")).isAvailable)
        #expect(!Availability.unknown(.helperPending).isAvailable)
        #expect(!Availability.unavailable(.noLogin, until: nil).isAvailable)
    }
}

extension Availability {
    fileprivate var evidence: Evidence? { if case .available(let evidence) = self { evidence } else { nil } }
}
