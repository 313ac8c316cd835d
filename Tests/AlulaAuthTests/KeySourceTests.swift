import AlulaPrimitives
import Testing

@testable import AlulaAuth

/// Where a key may be: in a stored login, behind a pointer, under the configuration, or in the AWS chain.
struct KeySourceTests {
    private func pointing(_ source: SecretReference.Source, _ alias: String, _ id: String) -> ProfileFact {
        ProfileFact(
            provider: "groq", kind: .apiKey, reference: SecretReference(source: source, provider: alias, id: id))
    }

    // MARK: Stored logins

    // upstream: 10.10 model-auth.profiles
    @Test func aStoredPointerToAVariableCountsWhileTheVariableIsSet() {
        var scene = EvaluationScene()
        scene.keep(["groq:team": pointing(.environment, "default", "TEAM_KEY")])
        #expect(scene.answer("groq") == .unavailable(.unresolvedReference, until: nil))
        scene.setVariables(["TEAM_KEY": "sk-fake"])
        #expect(scene.evidence("groq")?.source == .profile("groq:team"))
    }

    // upstream: 10.10 model-auth.profiles
    @Test(
        arguments: [
            (.found(SecretSourceFact(ids: ["/k": .present]), version: 1), nil),
            (
                .found(SecretSourceFact(ids: ["/k": .missing(code: "NOT_FOUND")]), version: 1),
                .unavailable(.unresolvedReference, until: nil)
            ),
            (.absent, .unavailable(.unresolvedReference, until: nil)), (.pending, .unknown(.notReadYet)),
            (.timedOut(afterMilliseconds: 2000), .unknown(.sourceTimedOut)),
        ] as [(Reading<SecretSourceFact>, Availability?)])
    func aStoredPointerIntoAFileCountsWhenTheFileHasIt(reading: Reading<SecretSourceFact>, answer: Availability?) {
        var scene = EvaluationScene()
        scene.context.secretProviders["disk"] = .init(source: .file)
        scene.keep(["groq:a": pointing(.file, "disk", "/k")])
        scene.facts.secretSources["disk"] = reading
        #expect(answer == nil ? scene.answer("groq").isAvailable : scene.answer("groq") == answer)
    }

    // upstream: 10.10 model-auth.profiles
    @Test(arguments: [ProfileFact.Kind.apiKey, .token]) func anInlineSecretComesBeforeThePointerBesideIt(
        kind: ProfileFact.Kind
    ) {
        var scene = EvaluationScene()
        var profile = pointing(.environment, "default", "UNSET")
        profile.kind = kind
        profile.inlineDigest = 5
        scene.keep(["groq:a": profile])
        #expect(scene.evidence("groq")?.source == .profile("groq:a"))
    }

    // upstream: 10.10 model-auth.profiles
    @Test func anOAuthLoginMayNotPoint() {
        var scene = EvaluationScene()
        var login = ProfileFact.login("groq", left: .hours(1))
        login.hasForbiddenReference = true
        scene.keep(["groq:a": login])
        #expect(scene.answer("groq") == .unavailable(.unresolvedReference, until: nil))
    }

    // upstream: 10.10 model-auth.profiles
    @Test(arguments: [
        (ProfileFact.key("groq"), Evidence.Mode.apiKey), (.token("groq"), .token),
        (.login("groq", left: .hours(1)), .oauth),
    ])
    func theModeIsTheLoginsKind(profile: ProfileFact, mode: Evidence.Mode) {
        var scene = EvaluationScene()
        scene.keep(["groq:a": profile])
        #expect(scene.evidence("groq")?.mode == mode)
        #expect(scene.evidence("groq")?.label == "profile:groq:a")
    }

    // upstream: 10.10 model-auth
    @Test func aLoginThatFailsGivesWayToTheNext() {
        var scene = EvaluationScene()
        scene.keep([
            "groq:a": .token("groq", expiry: .at(.noon(plus: .seconds(-1)))), "groq:b": pointing(.file, "gone", "/k"),
            "groq:c": .key("groq"),
        ])
        #expect(scene.evidence("groq")?.source == .profile("groq:c"))
    }

    /// The account under which a login was stored plays no part in whether it is found.
    @Test(.bug(id: "B35"), arguments: ["groq:default", "groq:me@example.com", "groq:Work 2", "odd"])
    func aLoginIsUsedUnderWhicheverNameItWasStored(id: String) {
        var scene = EvaluationScene()
        scene.keep([ProfileID(id): .key("groq")])
        #expect(scene.evidence("groq")?.source == .profile(ProfileID(id)))
    }

    // MARK: A key of the configuration that names a stored login

    // upstream: 10.10 model-auth.profiles
    @Test(
        arguments: [
            (.key("my-proxy"), nil), (.token("my-proxy"), nil),
            (.login("my-proxy", left: .hours(1)), .modeMismatch), (.key("other"), .providerMismatch),
            (.token("my-proxy", expiry: .at(noon)), .expired),
            (.token("my-proxy", expiry: .invalid), .invalidExpiry),
            (ProfileFact(provider: "my-proxy", kind: .apiKey), .missingCredential), (nil, .missingCredential),
        ] as [(ProfileFact?, UnavailableReason?)])
    func aNamedLoginHasTheLastWord(profile: ProfileFact?, reason: UnavailableReason?) {
        var scene = EvaluationScene()
        scene.context.providers["my-proxy"] = .init(id: "my-proxy", key: .profile("p:named"))
        // Nothing of this may stand in for the login that is named.
        scene.setVariables(["MY_PROXY_API_KEY": "sk-fake"])
        scene.keep(["my-proxy:other": .key("my-proxy")])
        if let profile { scene.keep(["my-proxy:other": .key("my-proxy"), "p:named": profile]) }
        if let reason {
            #expect(scene.answer("my-proxy") == .unavailable(reason, until: nil))
        } else {
            #expect(scene.evidence("my-proxy")?.source == .profile("p:named"))
        }
    }

    // upstream: 10.10 model-auth.profiles
    @Test func aNamedLoginRestsLikeAnyOther() {
        var scene = EvaluationScene()
        scene.context.providers["my-proxy"] = .init(id: "my-proxy", key: .profile("p:named"))
        scene.keep(
            ["p:named": .key("my-proxy")],
            usage: ["p:named": ProfileUsage(disabledUntil: .noon(plus: .hours(1)), disabledReason: .billing)])
        #expect(scene.answer("my-proxy") == .unavailable(.billingDisabled, until: .noon(plus: .hours(1))))
    }

    // MARK: AWS

    // upstream: 10.10 model-auth
    @Test func anEntryOrAProfileMayAskForTheAWSChain() {
        var scene = EvaluationScene()
        scene.context.providers["my-bedrock"] = .init(id: "my-bedrock", auth: "aws-sdk")
        scene.context.configuredProfiles["nova:sso"] = .init(provider: "nova", mode: "aws-sdk")
        #expect(scene.answer("my-bedrock") == .unavailable(.noLogin, until: nil))
        #expect(scene.answer("nova") == .unavailable(.noLogin, until: nil))
        scene.setVariables(["AWS_BEARER_TOKEN_BEDROCK": "fake"])
        #expect(scene.evidence("my-bedrock")?.mode == .aws)
        #expect(scene.evidence("nova")?.mode == .aws)
        #expect(!scene.answer("groq").isAvailable)
    }

    // upstream: 10.10 model-auth
    @Test(
        arguments: [
            (
                ["AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"],
                "AWS_BEARER_TOKEN_BEDROCK"
            ),
            (
                ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"],
                "AWS_ACCESS_KEY_ID + AWS_SECRET_ACCESS_KEY"
            ),
            (["AWS_ACCESS_KEY_ID", "AWS_PROFILE"], "AWS_PROFILE"), (["AWS_PROFILE"], "AWS_PROFILE"),
            ([], "aws-sdk default chain"),
        ] as [([String], String)])
    func theFirstPartOfTheAWSChainIsNamed(variables: [String], label: String) {
        var scene = EvaluationScene()
        scene.setVariables(Dictionary(uniqueKeysWithValues: variables.map { ($0, "work") }))
        scene.facts.awsFiles = .found(
            AWSFilesFact(profiles: ["work": .staticKeys, "default": .staticKeys]), version: 1)
        #expect(scene.evidence("amazon-bedrock")?.label == label)
    }

    // upstream: 10.10 model-auth
    @Test func aKeyOfItsOwnKeepsBedrockFromTheChain() {
        var scene = EvaluationScene()
        scene.context.providers["amazon-bedrock"] = .init(id: "amazon-bedrock", key: .literal)
        #expect(scene.evidence("amazon-bedrock")?.label == "models.json")
        scene.context.providers["amazon-bedrock"] = .init(id: "amazon-bedrock", auth: "api-key")
        scene.setVariables(["AWS_ACCESS_KEY_ID": "fake", "AWS_SECRET_ACCESS_KEY": "fake"])
        #expect(scene.answer("amazon-bedrock") == .unavailable(.noLogin, until: nil))
    }

    // MARK: Labels

    // upstream: 10.10 model-auth-env
    @Test func aVariableForAnOAuthTokenSaysSo() {
        var scene = EvaluationScene()
        scene.setVariables(["ANTHROPIC_OAUTH_TOKEN": "fake", "ANTHROPIC_API_KEY": "fake"])
        #expect(scene.evidence("anthropic")?.mode == .oauth)
        #expect(scene.evidence("anthropic")?.label == "env: ANTHROPIC_OAUTH_TOKEN")
    }

    // upstream: 10.10 model-auth
    @Test(
        arguments: [
            (.literal, "models.json"),
            (
                .reference(SecretReference(source: .environment, provider: "default", id: "TEAM_KEY")),
                "TEAM_KEY (models.json secretref)"
            ),
            (.marker("OPENAI_API_KEY"), "OPENAI_API_KEY (models.json marker)"),
        ] as [(AuthContext.Provider.Key, String)])
    func aConfiguredKeyIsLabelled(key: AuthContext.Provider.Key, label: String) {
        var scene = EvaluationScene()
        scene.context.providers["mine"] = .init(id: "mine", key: key)
        #expect(scene.evaluate("mine").candidates.map(\.label) == [label])
    }
}
